import Files
import Recording

/// A sentence for standard error, and the exit status that goes with it.
package struct Failure: Error {
  package let status: Int32
  package let sentence: String

  package static let usage: Int32 = 64
  package static let badData: Int32 = 65
  package static let inputOutput: Int32 = 74

  package init(status: Int32, sentence: String) {
    (self.status, self.sentence) = (status, sentence)
  }

  package init(_ error: ConfigurationError) {
    self.init(status: error.status.rawValue, sentence: error.description)
  }
}

/// Writes a command's result, `what`, to standard output.
package func say(_ text: String, _ what: String) throws(Failure) {
  guard say(Array(text.utf8)) else {
    throw Failure(
      status: Failure.inputOutput,
      sentence: "standard output: the \(what) could not be written; give it room or a reader"
    )
  }
}

extension RawRepresentable where Self: CaseIterable, RawValue == String {
  /// What `--format` names.
  package init(format name: String) throws(Failure) {
    guard let format = Self(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(
        status: Failure.usage,
        sentence: "--format: there is no format \"\(name.printable)\"; use \(known)"
      )
    }
    self = format
  }
}

/// Writes lines to standard output without control characters.
package func printLines(_ lines: [String]) throws(Failure) {
  let text = lines.map { $0.split(separator: "\n").map { String($0).printable + "\n" }.joined() }
  try write(text.joined())
}

/// Writes text to standard output as it is.
package func write(_ text: String) throws(Failure) {
  guard say(Array(text.utf8)) else {
    throw Failure(
      status: Failure.inputOutput,
      sentence: "standard output cannot be written; give it a reader"
    )
  }
}
