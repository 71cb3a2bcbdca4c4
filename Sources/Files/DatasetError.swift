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

extension SystemFile {
  /// Reads a file of a data set.
  package static func content(_ path: String, limit: Int = .max) throws(DatasetError) -> [UInt8] {
    do throws(SystemError) {
      return try read(path, limit: limit)
    } catch {
      throw DatasetError(path: path, reason: "cannot be read (\(error.reason))")
    }
  }
}
