import Files
import Recording

/// A sentence for standard error, and the exit status that goes with it.
struct Failure: Error {
  let status: Int32
  let sentence: String

  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let inputOutput: Int32 = 74

  init(status: Int32, sentence: String) {
    (self.status, self.sentence) = (status, sentence)
  }

  init(_ error: ConfigurationError) {
    self.init(status: error.status.rawValue, sentence: error.description)
  }
}

/// Writes a command's result, `what`, to standard output.
func say(_ text: String, _ what: String) throws(Failure) {
  guard say(Array(text.utf8)) else {
    throw Failure(
      status: Failure.inputOutput,
      sentence: "standard output: the \(what) could not be written; give it room or a reader"
    )
  }
}

extension RawRepresentable where Self: CaseIterable, RawValue == String {
  /// What `--format` names.
  init(format name: String) throws(Failure) {
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
