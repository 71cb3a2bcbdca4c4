/// A panel that a method declares: what of its numbers stands where.
///
/// The screen draws it, and knows nothing else of the method.
/// It is written to `config.json`, so a recording shows its panels without the method's code. What
/// a panel names and a run does not have is left out.
package struct PanelDescription: Sendable, Equatable, Codable {
  /// In small letters with hyphens, the name in a person's settings and keys: `co-variance`.
  package let id: String
  /// A word or two, without a capital.
  package let title: String
  /// The letter that `g` goes there with; another where that is taken.
  package let letter: String?
  /// From top to bottom.
  package let parts: [PanelPart]

  package init(id: String, title: String, letter: String? = nil, parts: [PanelPart]) {
    self.id = id
    self.title = title
    self.letter = letter
    self.parts = parts
  }
}

package enum PanelPart: Sendable, Equatable, Codable {
  /// One line for each: label, value, and how it went. A key is a probe's, a hyperparameter's id, or
  /// `support_loss`, `query_loss`, `validation_loss`.
  case rows([String])
  /// Labels and values in short lines, as many side by side; a key stands for its family too.
  case cells([String], columns: Int)
  case table(PanelTable)
  /// The newest validation's accuracy by the number of random draws that a prediction averages: in
  /// one line, or a line each with a bar.
  case accuracyByDraws(title: String, hasBars: Bool)
  /// A map of a space of two numbers, drawn from what `MapSnapshot` tells.
  case plane(title: String)
}

/// One line for each layer, site, task or class.
package struct PanelTable: Sendable, Equatable, Codable {
  /// A family of probes `prefix/<line>`, one value a line, shown as those probes say.
  package struct Column: Sendable, Equatable, Codable {
    package let prefix: String
    package let title: String
    /// The title where there is ASCII only; nil where replacing the symbols one by one says it.
    package let asciiTitle: String?
    /// With room, how the number went over time stands behind it.
    package let hasHistory: Bool
    /// Where there is no room the column of the highest rank goes first; those of rank 0 stay.
    package let rank: Int

    package init(
      _ prefix: String,
      title: String,
      asciiTitle: String? = nil,
      hasHistory: Bool = false,
      rank: Int = 0
    ) {
      self.prefix = prefix
      self.title = title
      self.asciiTitle = asciiTitle
      self.hasHistory = hasHistory
      self.rank = rank
    }
  }

  /// What a line is, as the first column's title: `layer`.
  package let lines: String
  /// The name of a first line with the probes of the whole network; nil for none.
  package let total: String?
  package let columns: [Column]

  package init(lines: String, total: String? = nil, columns: [Column]) {
    self.lines = lines
    self.total = total
    self.columns = columns
  }
}

/// One moment of an outer step that a method adds, or has in another's place, when a person walks
/// through the step.
package struct MomentDescription: Sendable, Equatable, Codable {
  package enum Place: String, Sendable, Equatable, Codable, CaseIterable {
    /// Before the first inner step.
    case first
    /// Instead of every inner step; `{k}` and `{next}` are its number and the one after.
    case insteadOfInnerStep = "instead-of-inner-step"
    case insteadOfQuery = "instead-of-query"
    case insteadOfGradient = "instead-of-gradient"
    /// Between the meta-gradient and the outer update.
    case afterGradient = "after-gradient"
    case insteadOfUpdate = "instead-of-update"
  }

  package let id: String
  package let title: String
  /// With the field's symbols.
  package let equation: String
  /// What the equation says, in plain words.
  ///
  /// The screen fills in hyperparameters, as in `{gamma}`, and probes, as in `{probe:agreement}`;
  /// here and in the equation.
  package let words: String
  package let place: Place
  /// The id of the hyperparameter that switches it off.
  package let switchID: String?
  /// The words instead while that is off.
  package let wordsWhenOff: String?

  package init(
    id: String,
    title: String,
    equation: String,
    words: String,
    place: Place,
    switchID: String? = nil,
    wordsWhenOff: String? = nil
  ) {
    self.id = id
    self.title = title
    self.equation = equation
    self.words = words
    self.place = place
    self.switchID = switchID
    self.wordsWhenOff = wordsWhenOff
  }
}
