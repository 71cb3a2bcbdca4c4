import Events

extension SweepPlan {
  /// A fair comparison of the sweep's methods: a row's values for the row's own method, and for each
  /// other one the values of its best combination, or where none of it has ended the row's too.
  package func comparison(
    adopting row: SweepSnapshot.Row,
    _ results: SweepResults
  ) -> [String: String] {
    var values = method(row.methodID)?.options ?? [:]
    values["methods"] = methods.map(\.id).joined(separator: ",")
    values["seed"] = seeds.first.map(String.init)
    let own = combination(row)
    let settings = methods.flatMap { method -> [String] in
      let best = results.rows.first { $0.combination.method == method.id && !$0.tests.isEmpty }
      let known = combinations.first { $0.method == method.id }?.values.map(\.id) ?? []
      let adopted =
        method.id == own.method
        ? own.values : best?.combination.values ?? own.values.filter { known.contains($0.id) }
      return (method.settings + adopted).map { "\(method.id).\($0.id)=\($0.text)" }
    }
    values["set"] = settings.joined(separator: " ")
    return values
  }
}
