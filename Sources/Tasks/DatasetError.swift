/// What is wrong with a data set, in one sentence that names the file and what would be right.
package struct DatasetError: Error, Equatable, CustomStringConvertible {
  package let path: String
  /// The line, in a text file.
  package let line: Int?
  package let reason: String

  package init(path: String, line: Int? = nil, reason: String) {
    self.path = path
    self.line = line
    self.reason = reason
  }

  package var description: String {
    (path + (line.map { ", line \($0)" } ?? "") + ": " + reason).printable
  }
}
