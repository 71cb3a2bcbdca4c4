import Files
import MetaLearning
import Recording

/// The part of a method's page in Documentation/Methods that is made from the declarations: the table
/// of its hyperparameters, between two comments.
package struct MethodPage {
  package static let folder = "Documentation/Methods"
  package static let begin =
    "<!-- hyperparameters: written by `metatop methods --pages Documentation/Methods` -->"
  package static let end = "<!-- end of hyperparameters -->"

  let method: any Method

  package init(_ method: any Method) { self.method = method }

  /// Its file, below the folder.
  package var file: String { method.page + ".md" }

  /// What stands between the comments.
  package var table: String {
    let forms = method.forms.map { form in
      "\nWith `\(form.setting)`:\n\n" + Self.table(HyperparameterRow.rows(of: form.method))
    }
    return Self.table(HyperparameterRow.rows(of: method)) + forms.joined()
  }

  /// The page with the table of today; nil where the comments are not there, each once.
  package func updated(_ page: String) -> String? {
    let parts = page.components(separatedBy: Self.begin + "\n")
    guard parts.count == 2 else { return nil }
    let rest = parts[1].components(separatedBy: Self.end)
    guard rest.count == 2 else { return nil }
    return parts[0] + Self.begin + "\n\n" + table + "\n" + Self.end + rest[1]
  }

  private static func table(_ rows: [HyperparameterRow]) -> String {
    TextTable(
      head: ["id", "symbol", "values", "on numbers", "on pictures", ""],
      rows: rows.map { row in
        [
          "`\(row.descriptor.id)`", row.descriptor.symbol, row.values, row.text(row.onNumbers),
          row.text(row.onPictures),
          row.help + (row.mark.map { (row.descriptor.isFixed ? "; " : " ") + $0 } ?? ""),
        ]
      },
      words: [0, 1, 2, 3, 4, 5]
    )
    .text(.markdown)
  }
}

extension String {
  /// The parts between `separator`; the whole where it is not there.
  fileprivate func components(separatedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
