import Files

/// A command line or a file that asks for something impossible: one sentence, and the exit status.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The statuses of sysexits.h that scripts may rely on.
  package enum Status: Int32, Sendable {
    case usage = 64
    case badData = 65
  }

  package let status: Status
  private let sentence: String

  package init(_ status: Status, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }

  package var description: String { sentence.printable }
}
