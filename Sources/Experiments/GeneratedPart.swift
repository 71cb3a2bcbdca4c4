import Files

/// The part of a page that a command writes: what stands between two comments, each on a line of its
/// own.
///
/// What a person wrote around it stays.
package struct GeneratedPart {
  package let begin: String
  package let end: String

  package init(begin: String, end: String) {
    (self.begin, self.end) = (begin, end)
  }

  /// The page with `text` between the comments; nil where they are not there, each once.
  package func updated(_ page: String, with text: String) -> String? {
    let parts = Self.parts(of: page, between: begin + "\n")
    guard parts.count == 2 else { return nil }
    let rest = Self.parts(of: parts[1], between: end)
    guard rest.count == 2 else { return nil }
    return parts[0] + begin + "\n\n" + text + "\n" + end + rest[1]
  }

  /// Writes `text` into the page at `path`, where something changes.
  ///
  /// Throws a sentence that begins with `option` where the page cannot be read or written, or has no
  /// place for it.
  package func write(_ text: String, into path: String, option: String) throws(Failure) {
    let page: String
    do throws(SystemError) {
      page = String(decoding: try SystemFile.read(path), as: UTF8.self)
    } catch {
      throw Failure(status: Failure.inputOutput, sentence: "\(option): \(error)")
    }
    guard let updated = updated(page, with: text) else {
      throw Failure(
        status: Failure.badData,
        sentence: "\(option): \(path): has no place for what is written; write \(begin) and \(end) "
          .printable + "there, each once, on lines of their own"
      )
    }
    guard updated != page else { return }
    do throws(SystemError) {
      try SystemFile.replace(path, with: [Array(updated.utf8)[...]], isDurable: false)
    } catch {
      throw Failure(status: Failure.inputOutput, sentence: "\(option): \(error)")
    }
  }

  /// The parts between `separator`; the whole where it is not there.
  private static func parts(of page: String, between separator: String) -> [String] {
    page.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
