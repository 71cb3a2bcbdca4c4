import Events

/// What can be set of it alone.
extension MetaDelta {
  /// Widths that members may have; a list is any of them, from the narrowest on.
  static let widths = [4, 8, 16, 32, 64]
  static let lists: [[Int]] = (1..<(1 << widths.count)).map { bits in
    widths.indices.filter { bits >> $0 & 1 == 1 }.map { widths[$0] }
  }

  package static let members = HyperparameterDescriptor(
    id: "members",
    symbol: "E",
    kind: .choice(lists.map { $0.map(String.init).joined(separator: ",") }),
    defaultValue: Double(lists.firstIndex(of: [8, 16, 32]) ?? 0),
    help: "widths of the encoders, which learn side by side; published: four large pretrained ones",
    isFixed: true
  )

  package static let rotation = HyperparameterDescriptor(
    id: "rotation-weight",
    symbol: "r",
    kind: .linear(0...1, step: 0.1),
    defaultValue: 0.5,
    help: "share of the quarter turns' loss; the classes' has the rest"
  )

  package static let clip = HyperparameterDescriptor(
    id: "gradient-clip-norm",
    symbol: "c",
    kind: .logarithmic(0...100),
    defaultValue: 1,
    help: "norm above which a member's gradient is shrunk to it; 0: never"
  )

  package static let classes = HyperparameterDescriptor(
    id: "batch-classes",
    symbol: "n",
    kind: .integer(2...1000),
    defaultValue: 32,
    help: "classes of a batch",
    isFixed: true
  )

  package static let images = HyperparameterDescriptor(
    id: "batch-images",
    symbol: "k",
    kind: .integer(1...100),
    defaultValue: 2,
    help: "pictures of each of a batch's classes, each in four quarter turns",
    isFixed: true
  )

  package static let decoder = HyperparameterDescriptor(
    id: "decoder",
    symbol: "D",
    kind: .choice(Decoder.allCases.map(\.rawValue)),
    defaultValue: 1,
    help: "prototypes as they are; refined by the queries' shares; or with equally many queries a "
      + "class"
  )

  package static let passes = HyperparameterDescriptor(
    id: "passes",
    symbol: "p",
    kind: .integer(1...50),
    defaultValue: 11,
    help: "assignments of the soft decoder; 11 in the winning system",
    isFixed: true
  )

  package static let transportPasses = HyperparameterDescriptor(
    id: "transport-passes",
    symbol: "P",
    kind: .integer(0...50),
    defaultValue: 20,
    help: "moves of the transport decoder's prototypes; 20 in MetaDelta++"
  )

  package static let transportRate = HyperparameterDescriptor(
    id: "transport-rate",
    symbol: "η",
    kind: .linear(0...1, step: 0.1),
    defaultValue: 0.2,
    help: "share of the way that each of them makes; 0.2 in MetaDelta++"
  )

  package static let decay = HyperparameterDescriptor(
    id: "stacker-decay",
    symbol: "λ",
    kind: .logarithmic(0.0001...1000),
    defaultValue: 1,
    help: "weight of ½‖W‖² in the stacker's fit"
  )

  package static let budget = HyperparameterDescriptor(
    id: "budget",
    symbol: "s",
    kind: .integer(0...1_000_000),
    defaultValue: 60,
    help: "seconds of training; with --steps there is none, and 0 is none",
    isFixed: true
  )

  package static let fit = HyperparameterDescriptor(
    id: "fit-episodes",
    symbol: "F",
    kind: .integer(2...10_000),
    defaultValue: 150,
    help: "validation episodes that the stacker is fitted on",
    isFixed: true
  )

  package static let held = HyperparameterDescriptor(
    id: "held-episodes",
    symbol: "H",
    kind: .integer(1...10_000),
    defaultValue: 50,
    help: "further ones on which a member, the mean or the stacker is chosen",
    isFixed: true
  )
}
