/// What runs are called side by side: the method, and behind it what makes this run another than those
/// of the same method.
package enum RunNames {
  /// Values that stand in a name; what differs beyond them makes it no clearer.
  private static let mostValues = 2

  /// A name for each run: `MAML`, `CML s1`, `CML γ 0.5`, and where nothing differs `CML #2`.
  package static func names(of runs: [RunDescription]) -> [String] {
    let groups = Dictionary(grouping: runs.indices) { runs[$0].methodName }
    var names = runs.map(\.methodName)
    for (_, members) in groups where members.count > 1 {
      let own = members.map { runs[$0] }
      let ids = differing(own)
      let hasModels = Set(own.map(\.model)).count > 1
      let hasSeeds = Set(own.map(\.seed)).count > 1
      for index in members {
        var parts = ids.compactMap { value(of: $0, runs[index]) }
        if hasModels { parts.append(runs[index].model) }
        if hasSeeds { parts.append("s\(runs[index].seed)") }
        names[index] = ([runs[index].methodName] + parts).joined(separator: " ")
      }
      number(&names, among: members)
    }
    return names
  }

  /// Hyperparameters that not all have alike, in the order of their declaration.
  private static func differing(_ runs: [RunDescription]) -> [String] {
    let ids = runs.first?.hyperparameters.map(\.id) ?? []
    let found = ids.filter { id in Set(runs.map { $0.values[id] }).count > 1 }
    return Array(found.prefix(mostValues))
  }

  private static func value(of id: String, _ run: RunDescription) -> String? {
    guard let descriptor = run.hyperparameters.first(where: { $0.id == id }),
      let value = run.values[id]
    else { return nil }
    let isShort = !descriptor.symbol.isEmpty && descriptor.symbol.count <= 3
    return "\(isShort ? descriptor.symbol : id) \(descriptor.format(value))"
  }

  /// Those that are still called alike are counted.
  private static func number(_ names: inout [String], among members: [Int]) {
    for (name, equal) in Dictionary(grouping: members, by: { names[$0] }) where equal.count > 1 {
      for (number, index) in equal.enumerated() { names[index] = "\(name) #\(number + 1)" }
    }
  }
}
