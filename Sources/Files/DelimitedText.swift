/// A table of text: commas, semicolons or tabs between the fields, quotes where a field has one of
/// them, with or without a byte order mark.
package struct DelimitedText: Sendable {
  package struct Row: Sendable, Equatable {
    /// Of the file, from 1 on.
    package let line: Int
    package let fields: [String]
  }

  /// Empty lines are left out.
  package private(set) var rows: [Row] = []

  /// Reads a file's bytes; messages call it `path`.
  package init(_ bytes: [UInt8], path: String) throws(DatasetError) {
    let text = try Self.utf8(bytes, path)
    let separator = Self.separator(text)
    var (fields, field, line, start): ([String], [UInt8], Int, Int) = ([], [], 1, 1)
    var (isQuoted, hasQuote) = (false, false)
    func end(_ fields: inout [String], _ field: inout [UInt8], isQuoted: Bool) {
      let text = String(decoding: field, as: UTF8.self)
      fields.append(isQuoted ? text : text.trimmed)
      field = []
    }
    var place = 0
    while place < text.count {
      let byte = text[place]
      place += 1
      if isQuoted {
        if byte == quote, place < text.count, text[place] == quote {
          field.append(quote)
          place += 1
        } else if byte == quote {
          isQuoted = false
        } else {
          field.append(byte)
          if byte == newline { line += 1 }
        }
      } else if byte == quote, field.allSatisfy({ $0 == space }), !hasQuote {
        (isQuoted, hasQuote, field) = (true, true, [])
      } else if byte == separator {
        end(&fields, &field, isQuoted: hasQuote)
        hasQuote = false
      } else if byte == newline || byte == carriageReturn {
        if byte == carriageReturn, place < text.count, text[place] == newline { place += 1 }
        end(&fields, &field, isQuoted: hasQuote)
        if fields.contains(where: { !$0.isEmpty }) { rows.append(Row(line: start, fields: fields)) }
        (fields, hasQuote) = ([], false)
        line += 1
        start = line
      } else if !hasQuote || byte != space {
        field.append(byte)
      }
    }
    guard !isQuoted else {
      throw DatasetError(
        path: path,
        line: start,
        reason: "a quotation mark is opened here and never closed; close it"
      )
    }
    end(&fields, &field, isQuoted: hasQuote)
    if fields.contains(where: { !$0.isEmpty }) { rows.append(Row(line: start, fields: fields)) }
  }

  /// The text behind its byte order mark; what Excel calls Unicode is UTF-16.
  private static func utf8(_ bytes: [UInt8], _ path: String) throws(DatasetError) -> [UInt8] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return try utf8(Array(bytes.dropFirst(3)), path) }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      let high = bytes[0] == 0xFE ? 0 : 1
      let units = stride(from: 2, to: bytes.count - 1, by: 2).map {
        UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + 1 - high])
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw DatasetError(path: path, reason: "is not text in UTF-8; save it as CSV UTF-8")
    }
    return bytes
  }

  /// Of commas, semicolons and tabs the one that the first line has most often, outside of quotes.
  private static func separator(_ text: [UInt8]) -> UInt8 {
    var counts = [UInt8(ascii: ","): 0, UInt8(ascii: ";"): 0, UInt8(ascii: "\t"): 0]
    var isQuoted = false
    var hasText = false
    for byte in text {
      if byte == quote { isQuoted.toggle() }
      if !isQuoted, byte == newline || byte == carriageReturn {
        if hasText { break }
        continue
      }
      hasText = true
      if !isQuoted { counts[byte]? += 1 }
    }
    let most = counts.values.max() ?? 0
    // A tie goes to the comma.
    return [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")].first { counts[$0] == most }
      ?? UInt8(ascii: ",")
  }
}

private let quote = UInt8(ascii: "\"")
private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let space = UInt8(ascii: " ")

extension String {
  /// Without white space at both ends.
  package var trimmed: String {
    guard let first = first, let last = last, first.isWhitespace || last.isWhitespace else {
      return self
    }
    let head = drop { $0.isWhitespace }
    return String(head.reversed().drop { $0.isWhitespace }.reversed())
  }
}
