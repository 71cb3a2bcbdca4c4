/// Where a sweep stands: every combination with what its runs have come to.
package struct SweepSnapshot: Sendable, Equatable {
  /// A mean with half its 95 % interval, which a single value has not.
  package struct Mean: Sendable, Equatable {
    package var mean: Double
    package var half: Double?

    package init(mean: Double, half: Double?) {
      self.mean = mean
      self.half = half
    }
  }

  /// Values of a row's curve, at most: what its line has room for.
  package static let curveLength = 10

  /// A method at one combination of values.
  package struct Row: Sendable, Equatable {
    package var method: String
    /// The method's identifier.
    package var methodID: String
    /// One for each of the sweep's hyperparameters; empty where the method does not have it.
    package var values: [String]
    /// Seeds that came to their end, without diverging.
    package var ended: Int
    package var running: Int
    package var diverged: Int
    /// Share of the row's outer steps that are made.
    package var progress: Double
    package var validation: Mean?
    package var test: Mean?
    /// Test minus the baseline's, seed by seed.
    package var difference: Mean?
    package var isBaseline: Bool
    /// Told apart from the baseline with an interval that holds for all comparisons together.
    package var isApart: Bool
    /// The directories of its runs that have begun, by seed.
    package var folders: [String]
    /// Why its runs are not made to their end, in a few words; nil when they are.
    package var stopped: String?
    /// What a cluster's queue says of its runs, in a few words; nil where it says nothing.
    package var queue: String?
    /// Its runs come before the others'.
    package var isUrgent: Bool
    /// Mean meta-validations over seeds, oldest first; empty where none is known.
    package var curve: [Float]

    package init(
      method: String,
      methodID: String = "",
      values: [String],
      ended: Int = 0,
      running: Int = 0,
      diverged: Int = 0,
      progress: Double = 0,
      validation: Mean? = nil,
      test: Mean? = nil,
      difference: Mean? = nil,
      isBaseline: Bool = false,
      isApart: Bool = false,
      folders: [String] = [],
      stopped: String? = nil,
      queue: String? = nil,
      isUrgent: Bool = false,
      curve: [Float] = []
    ) {
      self.method = method
      self.methodID = methodID
      self.values = values
      self.ended = ended
      self.running = running
      self.diverged = diverged
      self.progress = progress
      self.validation = validation
      self.test = test
      self.difference = difference
      self.isBaseline = isBaseline
      self.isApart = isApart
      self.folders = folders
      self.stopped = stopped
      self.queue = queue
      self.isUrgent = isUrgent
      self.curve = curve
    }
  }

  /// The share of the scores' variance that one hyperparameter explains alone.
  package struct Share: Sendable, Equatable {
    package var method: String
    package var id: String
    package var share: Double
    /// 95 %; nil with too few seeds.
    package var low: Double?
    package var high: Double?

    package init(method: String, id: String, share: Double, low: Double?, high: Double?) {
      self.method = method
      self.id = id
      self.share = share
      self.low = low
      self.high = high
    }
  }

  /// Whether no run is left to be made.
  package var isOver: Bool { ended + stopped >= total }

  package var name: String
  package var task: String
  /// Where it is recorded.
  package var folder: String
  /// The swept hyperparameters.
  package var axes: [String]
  package var seeds: Int
  /// Best first.
  package var rows: [Row]
  /// Largest first, method by method; the seeds' own share last.
  package var importance: [Share]
  /// Scores are shares of right answers, else losses.
  package var isAccuracy: Bool
  package var isChosenByValidation: Bool
  package var ended: Int
  package var running: Int
  package var total: Int
  /// Share of all outer steps that are made.
  package var progress: Double
  /// Runs of stopped combinations that did not come to their end.
  package var stopped: Int
  /// Runs that wait in a cluster's queue.
  package var queued: Int
  package var isPaused: Bool
  /// Successive halving is on; what it waits for next, or nil.
  package var isHalving: Bool
  package var nextRung: String?
  /// What the best combination is against the baseline, with as many comparisons as were made; empty
  /// while there is nothing to be said.
  package var verdict: String
  /// Whether that is told apart.
  package var isApart: Bool

  /// A row's score for choosing: of the meta-validation where there is one, else of the test.
  package func choosing(_ row: Row) -> Mean? { isChosenByValidation ? row.validation : row.test }

  /// Of what maps and importance are.
  package var chosenBy: String { isChosenByValidation ? "validation" : "test" }

  package init(
    name: String,
    task: String,
    folder: String,
    axes: [String],
    seeds: Int,
    rows: [Row],
    importance: [Share] = [],
    isAccuracy: Bool = false,
    isChosenByValidation: Bool = true,
    ended: Int = 0,
    running: Int = 0,
    total: Int,
    progress: Double = 0,
    stopped: Int = 0,
    queued: Int = 0,
    isPaused: Bool = false,
    isHalving: Bool = false,
    nextRung: String? = nil,
    verdict: String = "",
    isApart: Bool = false
  ) {
    self.name = name
    self.task = task
    self.folder = folder
    self.axes = axes
    self.seeds = seeds
    self.rows = rows
    self.importance = importance
    self.isAccuracy = isAccuracy
    self.isChosenByValidation = isChosenByValidation
    self.ended = ended
    self.running = running
    self.total = total
    self.progress = progress
    self.stopped = stopped
    self.queued = queued
    self.isPaused = isPaused
    self.isHalving = isHalving
    self.nextRung = nextRung
    self.verdict = verdict
    self.isApart = isApart
  }
}
