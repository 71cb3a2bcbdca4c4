import CellGrid

/// The table of Documentation/Keys.md, made from the table that dispatches keys.
package enum KeysPage {
  package static let begin = "<!-- keys: written by `metatop manual --pages Documentation` -->"
  package static let end = "<!-- end of keys -->"

  /// What stands between the comments: one table for each place where keys hold.
  package static var text: String {
    let all = KeyTable().bindings
    return KeyBinding.Context.allCases.map { context in
      let rows = all.filter { $0.context == context && $0.isBound }.map { binding in
        let keys = binding.keys.map { "`\($0.written)`" }.joined(separator: " ")
        return "| \(keys) | \(binding.title) | `\(binding.action.name)` |\n"
      }
      return "\(context.title):\n\n| key | does | name |\n| --- | --- | --- |\n" + rows.joined()
    }.joined(separator: "\n").replacing("`|`", with: "`\\|`")
  }
}

extension KeyBinding.Context {
  fileprivate var title: String {
    switch self {
    case .anywhere: "On the dashboard"
    case .zoomed: "In a chart that has the focus and whose values are zoomed"
    case .charts: "In a chart that has the focus"
    case .replay: "While a recording is played"
    case .events: "While the events have the focus"
    case .slowMotion: "While the inner loop moves by itself"
    case .table: "On a sweep's screen"
    case .always: "On every screen"
    }
  }
}
