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
}
