/// A published table row, or a comparison of ours, as it can be made here.
package struct Recipe: Sendable, Equatable {
  /// What a paper reports of a row.
  package struct Published: Sendable, Equatable {
    /// Accuracy in per cent, or mean squared error.
    package var value: Double
    /// Half its interval; nil where none is printed.
    package var interval: Double?
    /// What the interval is over.
    package var kind: String?
    package var from: String
  }

  /// One line of the table: a method with its settings.
  package struct Row: Sendable, Equatable {
    /// Told from the others by this.
    package var name: String
    package var method: String
    package var settings: [Pair] = []
    package var published: Published?
    /// Which labels meta-training uses, where that is not support and query.
    package var labels: String?
  }

  package struct Pair: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  /// How the runs are meta-tested.
  package struct Test: Sendable, Equatable {
    package var episodes = 600
    /// Nil for the run's own.
    package var innerSteps: Int?
    /// `best` or `last`.
    package var checkpoint = "best"
  }

  package var name = ""
  package var title = ""
  /// Whose row it is; nil where it is a comparison of ours.
  package var paper: String?
  /// Options of `metatop train`, by their names, but for the methods.
  package var options: [Pair] = []
  /// Settings that all rows have.
  package var settings: [Pair] = []
  package var rows: [Row] = []
  package var seeds = 1
  package var test = Test()
  /// Rates as the authors write them, and what they are here.
  package var rates: String?
  package var precision = "float32"
  /// What is otherwise than in the paper.
  package var differs: [String] = []
  /// What making it took somewhere; nil where nobody has.
  package var time: String?

  /// The rows' runs in the order in which they are made: a seed of all rows before the next.
  package var jobs: [RecipeJob] {
    (0..<seeds).flatMap { seed in rows.indices.map { RecipeJob(row: $0, seed: seed) } }
  }

  package func option(_ name: String) -> String? { options.last { $0.name == name }?.value }
}

/// One run of a recipe.
package struct RecipeJob: Sendable, Equatable, Hashable {
  package let row: Int
  package let seed: Int
}
