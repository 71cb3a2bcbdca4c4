import Files
import MetaLearning
import Models
import Tasks
import Training

/// What a person asked of a training run, on the command line or in a file; nil where nothing was
/// said, so that the task and the methods fill in their own defaults.
package struct TrainingOptions: Sendable, Equatable {
  /// One `--set`, or one line under `set:`; the later one wins.
  package struct Setting: Sendable, Equatable {
    /// The method it is for, in lower case; nil for every method that has the hyperparameter.
    package var method: String?
    package var id: String
    package var text: String
    /// Where it was written, for the beginning of a sentence: `--set`, or `sweep.yaml:7`.
    package var origin: String

    package init(method: String? = nil, id: String, text: String, origin: String) {
      self.method = method
      self.id = id
      self.text = text
      self.origin = origin
    }
  }

  /// Identifiers in lower case: `maml`.
  package var methods: [String]?
  package var task: String?
  package var model: String?
  package var width: Int?
  /// The width of each layer, in the place of one for all.
  package var layers: [Int]?
  package var activation: Activation?
  package var norm: Normalisation?
  /// Whether the head's map adds a bias.
  package var headBias: Bool?
  package var way: Int?
  package var shot: Int?
  package var query: Int?
  /// Height and width that pictures are given.
  package var imageSize: Int?
  package var split: DataOptions.Split?
  package var smallClasses: DataOptions.SmallClasses?
  /// Of runs recorded before differing sizes were refused: pictures take that of the first.
  package var takesFirstSize = false
  package var steps: Int?
  package var metaBatch: Int?
  package var seed: UInt64?
  package var threads: Int?
  package var out: String?
  /// A safetensors file with meta-parameters to start from.
  package var initial: String?
  /// Whether parameters are drawn of whose group that file has a part; nil and false refuse it.
  package var initialMissing: Bool?
  /// Whether the head is drawn, whatever that file has of it.
  package var initialHead: Bool?
  /// A safetensors file with the episodes to train on.
  package var episodes: String?
  /// A second one to meta-validate on.
  package var validationEpisodes: String?
  /// Outer steps between meta-validations; 0 for never.
  package var evaluateEvery: Int?
  package var evaluationEpisodes: Int?
  /// Episodes of the meta-test; 0 for none.
  package var testEpisodes: Int?
  /// Outer steps between checkpoints that stay; 0 for none.
  package var keepEvery: Int?
  /// Whether a TensorBoard event file grows in the run's directory.
  package var tensorboard: Bool?
  package var set: [Setting] = []
  /// Values that hold from a later step on.
  package var changes: [Change] = []

  /// Where each option was given, by its name.
  private var origins: [String: String] = [:]

  package init() {}

  package var initialRules: InitialRules {
    var rules = InitialRules()
    rules.drawsMissing = initialMissing ?? false
    rules.drawsHead = initialHead ?? false
    return rules
  }

  /// The beginning of a sentence about an option's value: `--task`, or `sweep.yaml:3: task`.
  package func origin(of option: OptionName) -> String {
    origins[option.rawValue] ?? "--\(option.rawValue)"
  }

  /// Takes in one option as it was written.
  package mutating func apply(
    _ option: OptionName,
    _ text: String,
    origin: String
  ) throws(OptionValueError) {
    switch option {
    case .methods: methods = try Self.names(text)
    case .task: task = Self.expanded(tasks: try Self.nonEmpty(text, "the name of a task"))
    case .model: model = try Self.nonEmpty(text, "the name of a model")
    case .width: width = try wholeNumber(text, 1...65_536)
    case .layers: layers = try Self.widths(text)
    case .activation: activation = try Self.choice(text)
    case .norm: norm = try Self.choice(text)
    case .headBias: headBias = try Self.flag(text)
    case .way: way = try wholeNumber(text, 2...10_000)
    case .shot: shot = try wholeNumber(text, 1...100_000)
    case .query: query = try wholeNumber(text, 1...100_000)
    case .imageSize: imageSize = try wholeNumber(text, DataOptions.imageSizes)
    case .split: split = try Self.choice(text)
    case .smallClasses: smallClasses = try Self.choice(text)
    case .steps: steps = try wholeNumber(text, 1...1_000_000_000_000)
    case .metaBatch: metaBatch = try wholeNumber(text, 1...1_000_000)
    case .seed: seed = try wholeNumber(text, 0...UInt64.max)
    case .threads: threads = try wholeNumber(text, 1...1_024)
    case .out: out = try Self.path(text, "the path of a folder")
    case .initial: initial = try Self.path(text, "the path of a safetensors file")
    case .initialMissing: initialMissing = try Self.choice(text, "refuse", "draw")
    case .initialHead: initialHead = try Self.choice(text, "file", "new")
    case .episodes: episodes = try Self.path(text, "the path of a safetensors file")
    case .validationEpisodes:
      validationEpisodes = try Self.path(text, "the path of a safetensors file")
    case .evaluateEvery: evaluateEvery = try wholeNumber(text, 0...1_000_000_000_000)
    case .tensorboard: tensorboard = try Self.flag(text)
    case .keepEvery: keepEvery = try wholeNumber(text, 0...1_000_000_000_000)
    case .evaluationEpisodes: evaluationEpisodes = try wholeNumber(text, 1...10_000_000)
    case .testEpisodes: testEpisodes = try wholeNumber(text, 0...10_000_000)
    case .changes: changes = try Self.changes(text, origin: origin)
    }
    origins[option.rawValue] = origin
  }

  /// Takes in `[METHOD.]ID` and its value as it was written; which exist, the methods know.
  package mutating func apply(
    setting name: String,
    _ text: String,
    origin: String
  ) throws(OptionValueError) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }), !text.isEmpty else {
      throw OptionValueError("\"\(name)=\(text)\" is not allowed; use ID=VALUE or METHOD.ID=VALUE")
    }
    let method = parts.count == 2 ? parts[0].lowercased() : nil
    set.append(
      Setting(method: method, id: String(parts[parts.count - 1]), text: text, origin: origin)
    )
  }
}

/// What turns something on or off, in any of the words that people write for it.
package struct OnOff {
  /// The end of a sentence about another word.
  package static let allowed = "on, off, true or false"

  package let isOn: Bool

  package init?(_ text: String) {
    switch text.lowercased() {
    case "on", "true", "yes", "1": isOn = true
    case "off", "false", "no", "0": isOn = false
    default: return nil
    }
  }
}

/// The options that a file may hold as well; their names on the command line.
package enum OptionName: String, Sendable, CaseIterable {
  case methods
  case task
  case model
  case width
  case layers
  case activation
  case norm
  case headBias = "head-bias"
  case way
  case shot
  case query
  case imageSize = "image-size"
  case split
  case smallClasses = "small-classes"
  case steps
  case metaBatch = "meta-batch"
  case seed
  case threads
  case out
  case initial
  case initialMissing = "initial-missing"
  case initialHead = "initial-head"
  case episodes
  case validationEpisodes = "validation-episodes"
  case evaluateEvery = "evaluate-every"
  case evaluationEpisodes = "evaluation-episodes"
  case testEpisodes = "test-episodes"
  case keepEvery = "keep-every"
  case tensorboard
  case changes
}

/// A value that cannot be read, without where it was written.
package struct OptionValueError: Error, Equatable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}

/// What a person wrote where a whole number within bounds is wanted.
package func wholeNumber<Number: FixedWidthInteger>(
  _ text: String,
  _ range: ClosedRange<Number>
) throws(OptionValueError) -> Number {
  guard let number = Number(text), range.contains(number) else {
    throw OptionValueError(
      "\"\(text.printable)\" is not allowed; use a whole number from \(range.lowerBound) to "
        + "\(range.upperBound)"
    )
  }
  return number
}

extension TrainingOptions {
  private static func flag(_ text: String) throws(OptionValueError) -> Bool {
    guard let flag = OnOff(text) else {
      throw OptionValueError("\"\(text)\" is not allowed; use \(OnOff.allowed)")
    }
    return flag.isOn
  }

  /// Whether it is the second of two words.
  private static func choice(
    _ text: String,
    _ no: String,
    _ yes: String
  ) throws(OptionValueError) -> Bool {
    guard [no, yes].contains(text) else {
      throw OptionValueError("\"\(text)\" is not allowed; use \(no) or \(yes)")
    }
    return text == yes
  }

  private static func nonEmpty(
    _ text: String,
    _ expected: String
  ) throws(OptionValueError) -> String {
    guard !text.isEmpty else { throw OptionValueError("is empty; give \(expected)") }
    return text
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ text: String
  ) throws(OptionValueError) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue)
      let list = known.dropLast().joined(separator: ", ") + " or " + (known.last ?? "")
      throw OptionValueError("\"\(text)\" is not allowed; use \(list)")
    }
    return choice
  }

  private static func path(_ text: String, _ expected: String) throws(OptionValueError) -> String {
    SystemFile.expanded(try nonEmpty(text, expected))
  }

  /// Several data sets stand with commas between them.
  private static func expanded(tasks text: String) -> String {
    text.split(separator: ",", omittingEmptySubsequences: false)
      .map { TaskCatalog.expanded(String($0)) }.joined(separator: ",")
  }

  private static func widths(_ text: String) throws(OptionValueError) -> [Int] {
    let widths = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      Int(part.filter { $0 != " " })
    }
    guard !widths.isEmpty, widths.count <= 100, widths.allSatisfy({ $0.map { $0 > 0 } ?? false })
    else {
      throw OptionValueError(
        "\"\(text.printable)\" is not allowed; use the layers' widths with commas between them, as in "
          + "64,64,64"
      )
    }
    return widths.compactMap(\.self)
  }

  private static func names(_ text: String) throws(OptionValueError) -> [String] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map { name in
      name.filter { $0 != " " }.lowercased()
    }
    guard names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else {
      throw OptionValueError(
        "\"\(text)\" is not allowed; use different methods separated by commas, as in "
          + MethodCatalog.twoNames
      )
    }
    return names
  }
}
