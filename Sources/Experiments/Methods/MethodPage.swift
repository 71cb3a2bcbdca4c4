import Files
import MetaLearning
import Recording

/// The part of a method's page in Documentation/Methods that is made from the declarations: the table
/// of its hyperparameters, between two comments.
package struct MethodPage {
  package static let folder = "Documentation/Methods"
  package static let part = GeneratedPart(
    begin: "<!-- hyperparameters: written by `metatop methods --pages Documentation/Methods` -->",
    end: "<!-- end of hyperparameters -->"
  )

  let method: any Method

  package init(_ method: any Method) { self.method = method }

  /// Its file, below the folder.
  package var file: String { method.page + ".md" }

  /// What stands between the comments.
  package var table: String {
    let forms = method.forms.map { form in
      "\nWith `\(form.setting)`:\n\n"
        + HyperparameterRow.table(HyperparameterRow.rows(of: form.method))
    }
    return HyperparameterRow.table(HyperparameterRow.rows(of: method)) + forms.joined()
  }

  /// The page with the table of today; nil where the comments are not there, each once.
  package func updated(_ page: String) -> String? { Self.part.updated(page, with: table) }
}
