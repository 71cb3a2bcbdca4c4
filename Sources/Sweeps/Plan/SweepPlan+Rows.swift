import Events

extension SweepPlan {
  /// The combination that a row of the league table shows.
  package func combination(_ row: SweepSnapshot.Row) -> Combination {
    let values = zip(ids, row.values).filter { !$0.1.isEmpty }
    return Combination(
      method: row.methodID,
      values: values.map { Setting(id: $0.0, text: $0.1) }
    )
  }

  /// A comparison of the sweep's methods, with a row's values for the row's own.
  package func comparison(adopting row: SweepSnapshot.Row) -> [String: String] {
    var values = method(row.methodID)?.options ?? [:]
    values["methods"] = methods.map(\.id).joined(separator: ",")
    values["seed"] = seeds.first.map(String.init)
    let settings = methods.flatMap { method in
      method.settings.map { "\(method.id).\($0.id)=\($0.text)" }
    }
    let own = combination(row)
    let adopted = own.values.map { "\(own.method).\($0.id)=\($0.text)" }
    values["set"] = (settings + adopted).joined(separator: " ")
    return values
  }
}
