import Files

/// A table of texts, in the forms that commands print.
package struct TextTable {
  var head: [String]
  var rows: [[String]]
  /// Rows whose cells are the best of their kind.
  var best: Set<Int>
  /// Columns of words, which stand to the left; the others hold numbers.
  var words: Set<Int>

  package init(
    head: [String],
    rows: [[String]],
    best: Set<Int> = [],
    words: Set<Int> = [0]
  ) {
    (self.head, self.rows, self.best, self.words) = (head, rows, best, words)
  }

  package enum Format: String, CaseIterable {
    case text, csv, markdown, latex, json
  }

  package func text(_ format: Format) -> String {
    switch format {
    case .text: aligned(width: nil)
    case .csv: ([head] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
    case .markdown: markdown
    case .latex: latex
    case .json: json
    }
  }

  /// For people, in so many columns where the numbers leave the names any room: a name that has none stands
  /// in lines of its own.
  package func text(width: Int) -> String { aligned(width: width) }

  /// Words to the left, numbers to the right; the best rows are marked.
  private func aligned(width: Int?) -> String {
    let rows = rowsForPeople
    let marked = rows.enumerated().map { index, row in row + [best.contains(index) ? "best" : ""] }
    let all = [best.isEmpty ? head : head + [""]] + (best.isEmpty ? rows : marked)
    var widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 } + [0]
    if let width {
      let rest = widths.dropFirst().dropLast().reduce(0) { $0 + 3 + $1 }
      widths[0] = min(widths[0], max(width - rest, head[0].count))
    }
    let lines = all.flatMap { row -> [String] in
      let isLong = row[0].count > widths[0]
      let cells = isLong ? [""] + row.dropFirst() : row
      let line = cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: max(widths[column] - cell.count, 0))
        return words.contains(column) ? cell + space : space + cell
      }
      return (isLong ? Wrapped.lines(row[0], width: width ?? .max, hanging: 2) : [])
        + [line.joined(separator: "   ")]
    }
    return lines.map { line in
      String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }

  /// The rows as people read them: negative numbers have a minus, which in files for programs is a hyphen.
  private var rowsForPeople: [[String]] {
    rows.map { row in
      row.enumerated().map { column, cell in
        let isNumber = cell.dropFirst().first.map { $0.isNumber || $0 == "i" } ?? false
        let isNegative = cell.hasPrefix("-") && isNumber && !words.contains(column)
        return isNegative ? "−" + cell.dropFirst() : cell
      }
    }
  }

  static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }

  private var markdown: String {
    let rule = head.indices.map { words.contains($0) ? "---" : "---:" }
    let body = rowsForPeople.enumerated().map { index, row in
      row.map { cell in
        let plain = cell.replacing("|", with: "\\|")
        return best.contains(index) && !plain.isEmpty ? "**\(plain)**" : plain
      }
    }
    return ([head, rule] + body).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  private var latex: String {
    let columns = head.indices.map { words.contains($0) ? "l" : "r" }.joined()
    let body = rowsForPeople.enumerated().map { index, row in
      row.map { cell in
        let plain = Self.escaped(cell)
        return best.contains(index) && !plain.isEmpty ? "\\textbf{\(plain)}" : plain
      }
    }
    let lines = ([head.map(Self.escaped)] + body).map { $0.joined(separator: " & ") + " \\\\" }
    return "\\begin{tabular}{\(columns)}\n\\hline\n" + lines[0] + "\n\\hline\n"
      + lines.dropFirst().joined(separator: "\n") + "\n\\hline\n\\end{tabular}\n"
  }

  private static func escaped(_ cell: String) -> String {
    cell.map { character -> String in
      switch character {
      case "\\": "\\textbackslash{}"
      case "&", "%", "$", "#", "_", "{", "}": "\\\(character)"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "±": "$\\pm$"
      case "−": "$-$"
      case "φ": "$\\varphi$"
      case "×": "$\\times$"
      default: String(character)
      }
    }.joined()
  }

  private var json: String {
    let objects = rows.map { row in
      JSONValue.object(zip(head, row).map { JSONField($0, .string($1)) })
    }
    return String(decoding: JSONValue.array(objects).encoded(), as: UTF8.self)
  }
}
