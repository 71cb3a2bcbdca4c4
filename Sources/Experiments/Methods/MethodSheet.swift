import Events
import Files
import MetaLearning
import Tasks

/// What there is to know of one method.
package struct MethodSheet {
  private static let width = 80

  let method: any Method

  package init(_ method: any Method) { self.method = method }

  /// For people.
  package var text: String {
    let descriptor = method.descriptor
    let head =
      ["\(descriptor.name) (\(descriptor.id))", ""]
      + wrapped(descriptor.citation) + [""] + wrapped(facts)
    let words = descriptor.summary.isEmpty ? [] : [""] + wrapped(descriptor.summary)
    let equation = descriptor.equation.split(separator: "\n").map { "    " + $0 }
    let lines =
      head + words + (equation.isEmpty ? [] : [""] + equation)
      + ["", "Hyperparameters", ""] + list(HyperparameterRow.rows(of: method))
      + method.forms.flatMap { form in
        ["", "Hyperparameters with \(form.setting)", ""]
          + list(HyperparameterRow.rows(of: form.method))
      }
      + ["", "⟳: a change traces the episode anew; all others change nothing but a number."]
    return lines.map { $0 + "\n" }.joined()
  }

  private var facts: String {
    let tasks = TaskAbility.allCases.filter(method.tasks.contains).map(\.word)
    let order = method.gradientOrder.rawValue.replacing(", ", with: " or ")
    return [
      method.descriptor.status == .inspired
        ? "inspired by the publication" : method.descriptor.status.rawValue,
      "adapts \(method.whatAdapts)", "derivatives of order \(order)",
      "learns \(tasks.joined(separator: ", "))", "page \(MethodPage.folder)/\(method.page).md",
    ].joined(separator: " · ")
  }

  private func list(_ rows: [HyperparameterRow]) -> [String] {
    let isForBoth = rows.contains { $0.onNumbers != nil }
    return rows.flatMap { row -> [String] in
      let usual = isForBoth ? row.defaults : row.text(row.onPictures ?? row.onGraphs)
      let mark = row.mark.map { " · " + $0 } ?? ""
      let head = "\(row.descriptor.id) (\(row.descriptor.symbol)): \(row.values); default "
      return Wrapped.lines(head + usual + mark, width: Self.width, indent: 2, hanging: 4)
        + Wrapped.lines(row.help, width: Self.width, indent: 6)
    }
  }

  private func wrapped(_ text: String) -> [String] { Wrapped.lines(text, width: Self.width) }

  // MARK: For programs

  package var json: JSONValue {
    let descriptor = method.descriptor
    let tasks = TaskAbility.allCases.filter(method.tasks.contains)
    let isUsual = MethodCatalog.usual.contains { $0.descriptor.id == descriptor.id }
    let orders = method.gradientOrder.rawValue.split(separator: ", ").compactMap { Int($0) }
    return [
      "id": .string(descriptor.id),
      "name": .string(descriptor.name),
      "year": .integer(descriptor.year),
      "status": .string(descriptor.status.rawValue),
      "usual": .bool(isUsual),
      "adapts": .string(method.whatAdapts),
      "order": .array(orders.map { .integer($0) }),
      "tasks": .array(tasks.map { .string($0.rawValue) }),
      "page": .string("\(MethodPage.folder)/\(method.page).md"),
      "citation": .string(descriptor.citation),
      "summary": .string(descriptor.summary),
      "equation": .string(descriptor.equation),
      "hyperparameters": .array(HyperparameterRow.rows(of: method).map(\.json)),
      "forms": .array(method.forms.map(json)),
    ]
  }

  private func json(_ form: MethodForm) -> JSONValue {
    [
      "setting": .string(form.setting),
      "hyperparameters": .array(HyperparameterRow.rows(of: form.method).map(\.json)),
    ]
  }
}

extension HyperparameterRow {
  fileprivate var json: JSONValue {
    .object(
      [
        JSONField("id", .string(descriptor.id)), JSONField("symbol", .string(descriptor.symbol)),
      ] + kind + [
        JSONField("default_on_numbers", value(onNumbers)),
        JSONField("default_on_pictures", value(onPictures)),
      ] + (onGraphs == nil ? [] : [JSONField("default_on_graphs", value(onGraphs))]) + [
        JSONField("structural", .bool(descriptor.isStructural)),
        JSONField("fixed", .bool(descriptor.isFixed)),
        JSONField("help", .string(help)),
      ]
    )
  }

  private var kind: [JSONField] {
    func field(_ kind: String, _ more: JSONField...) -> [JSONField] {
      [JSONField("kind", .string(kind))] + more
    }
    return switch descriptor.kind {
    case .logarithmic(let range), .linear(let range, _):
      field(
        "number",
        JSONField("least", .number(range.lowerBound)),
        JSONField("most", .number(range.upperBound))
      )
    case .integer(let range):
      field(
        "integer",
        JSONField("least", .integer(range.lowerBound)),
        JSONField("most", .integer(range.upperBound))
      )
    case .flag: field("flag")
    case .choice(let names): field("choice", JSONField("values", .array(names.map { .string($0) })))
    }
  }

  /// As it is set; null where it is not there.
  private func value(_ value: Double?) -> JSONValue {
    guard let value else { return .null }
    return switch descriptor.kind {
    case .logarithmic, .linear: .number(value)
    case .integer: .integer(Int(value))
    case .flag, .choice: .string(text(value))
    }
  }
}
