import Events
import Experiments
import Files
import Glibc
import Recording

/// One hyperparameter of a sweep and what it may be.
struct SweepAxis: Equatable {
  enum Choice: Equatable {
    case values([String])
    /// Two bounds, between which random searches draw on the hyperparameter's own scale.
    case range(String, String)
  }

  /// The method it is for, in lower case; nil for every method that has the hyperparameter.
  let method: String?
  let id: String
  let choice: Choice
  /// Where it was written, for the beginning of a sentence: `--grid`, or `sweep.yaml:3: grid`.
  let origin: String

  /// As people write it: `inner-lr`, `METHOD.inner-lr`.
  var name: String { method.map { "\($0).\(id)" } ?? id }

  /// Takes in `[METHOD.]ID` with `V1,V2,…` or `LOW..HIGH`.
  init(name: String, text: String, origin: String) throws(ConfigurationError) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
      throw Self.problem(
        origin,
        "\"\(name)=\(text)\" is not allowed; use ID=VALUE,VALUE or METHOD.ID=VALUE,VALUE"
      )
    }
    self.origin = origin
    method = parts.count == 2 ? parts[0].lowercased() : nil
    id = parts[parts.count - 1]
    let bounds = text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
    if bounds.count == 2, bounds.allSatisfy({ !$0.isEmpty }) {
      choice = .range(bounds[0], bounds[1])
      return
    }
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { value in
      String(value.trimmed)
    }
    guard values.allSatisfy({ !$0.isEmpty }) else {
      throw Self.problem(
        origin,
        "\(name): \"\(text)\" has no value in a place; write values with commas, as in "
          + "\(name)=0.1,0.4"
      )
    }
    choice = .values(values)
  }

  /// Takes in one `--grid`.
  init(_ argument: String) throws(ConfigurationError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    try self.init(
      name: String(parts[0]),
      text: parts.count == 2 ? String(parts[1]) : "",
      origin: "--grid"
    )
  }

  func problem(_ sentence: String) -> ConfigurationError { Self.problem(origin, sentence) }

  static func problem(_ origin: String, _ sentence: String) -> ConfigurationError {
    ConfigurationError(origin.hasPrefix("--") ? .usage : .badData, "\(origin): \(sentence)")
  }

  // MARK: Values

  /// The values of a grid, as `descriptor` writes them.
  func values(_ descriptor: HyperparameterDescriptor) throws(ConfigurationError) -> [String] {
    guard case .values(let texts) = choice else {
      throw problem(
        "\(name): a grid needs values with commas; a range is for --random, which draws from it"
      )
    }
    var values: [String] = []
    for text in texts {
      let value = descriptor.format(try number(text, descriptor))
      guard !values.contains(value) else {
        throw problem("\(name): \(value) is given twice; keep one")
      }
      values.append(value)
    }
    return values
  }

  /// One value by lot: of a list, or between the bounds, on a logarithmic scale where the
  /// hyperparameter has one; `key` is 64 random bits.
  func draw(
    _ descriptor: HyperparameterDescriptor,
    key: UInt64
  ) throws(ConfigurationError) -> String {
    let share = Double(key >> 11) / Double(1 << 53)
    switch choice {
    case .values:
      let values = try values(descriptor)
      return values[min(Int(share * Double(values.count)), values.count - 1)]
    case .range(let first, let second):
      let (low, high) = (try number(first, descriptor), try number(second, descriptor))
      guard low < high else {
        throw problem("\(name): \(first)..\(second) is no range; write the smaller bound first")
      }
      return descriptor.format(try between(low, high, descriptor, share))
    }
  }

  private func number(
    _ text: String,
    _ descriptor: HyperparameterDescriptor
  ) throws(ConfigurationError) -> Double {
    do throws(HyperparameterError) {
      return try descriptor.parse(text)
    } catch {
      throw problem("\(error)")
    }
  }

  private func between(
    _ low: Double,
    _ high: Double,
    _ descriptor: HyperparameterDescriptor,
    _ share: Double
  ) throws(ConfigurationError) -> Double {
    switch descriptor.kind {
    case .logarithmic:
      guard low > 0 else {
        throw problem("\(name): a range on a logarithmic scale begins above 0")
      }
      return Self.rounded(exp(log(low) + share * (log(high) - log(low))), low...high)
    case .linear: return Self.rounded(low + share * (high - low), low...high)
    case .integer: return (low + share * (high - low + 1)).rounded(.down)
    case .flag, .choice:
      throw problem("\(name): has no range; write its values with commas")
    }
  }

  /// To four significant digits: nobody reads more, and the text says the value exactly.
  private static func rounded(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    guard value != 0 else { return value }
    let scale = pow(10, 3 - floor(log10(abs(value))))
    return min(max((value * scale).rounded() / scale, range.lowerBound), range.upperBound)
  }
}

extension String.SubSequence {
  /// Without blanks at both ends.
  fileprivate var trimmed: Substring {
    Substring(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
