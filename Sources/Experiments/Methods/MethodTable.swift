import Files
import MetaLearning
import Recording

/// All methods, a line each.
package struct MethodTable {
  package static let width = 80
  private static let head = ["id", "name", "year", "adapts", "order", "tasks", "page"]
  /// What is left out first where a line would be too long: the name is much like the id.
  private static let dispensable = ["name", "page", "order", "adapts", "tasks", "year"]

  let methods: [any Method]

  package init(_ methods: [any Method]) { self.methods = methods }

  package var text: String {
    var columns = Self.head
    var left: [String] = []
    for name in Self.dispensable where lineLength(columns) > Self.width {
      columns.removeAll { $0 == name }
      left.append(name)
    }
    return table(columns).text(.text) + "\n" + notes(left).map { $0 + "\n" }.joined()
  }

  private func notes(_ left: [String]) -> [String] {
    let usual = MethodCatalog.usual.map(\.descriptor.id).joined(separator: ", ")
    let notes = [
      "Without --methods: \(usual).",
      "order: of the derivatives taken; tasks: n numbers, c classes, s surfaces, g graphs.",
      "`metatop methods ID` tells more of one; its page is in \(MethodPage.folder).",
    ]
    let rule =
      "Left out to fit \(Self.width) columns: \(left.joined(separator: ", ")); --json has all."
    return (notes + (left.isEmpty ? [] : [rule])).flatMap { Wrapped.lines($0, width: Self.width) }
  }

  private func lineLength(_ columns: [String]) -> Int {
    table(columns).text(.text).split(separator: "\n").map(\.count).max() ?? 0
  }

  private func table(_ columns: [String]) -> TextTable {
    let places = columns.compactMap { Self.head.firstIndex(of: $0) }
    return TextTable(
      head: columns,
      rows: methods.map { method in places.map { cells(method)[$0] } },
      words: Set(columns.indices)
    )
  }

  private func cells(_ method: any Method) -> [String] {
    let descriptor = method.descriptor
    let tasks = TaskAbility.allCases.filter(method.tasks.contains)
    return [
      descriptor.id, descriptor.name, String(descriptor.year), method.whatAdapts,
      method.gradientOrder.rawValue,
      tasks.count == TaskAbility.allCases.count
        ? "all" : tasks.map { String($0.word.prefix(1)) }.joined(separator: " "),
      method.page,
    ]
  }
}

extension TaskAbility {
  /// What such a task is about, in a word.
  package var word: String {
    switch self {
    case .regression: "numbers"
    case .classification: "classes"
    case .surface: "surfaces"
    case .nodes: "graphs"
    }
  }
}
