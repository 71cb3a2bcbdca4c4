import Files

extension ImageSetRecord {
  /// What is otherwise now than in a record that was written; nil when that cannot be read.
  ///
  /// The record is read where it stands, so that a large one takes no more memory than its bytes.
  package func changes(since record: JSONView) -> DataChanges? {
    guard record["classes"]?.isArray == true, let splits = record["splits"], splits.isObject else {
      return nil
    }
    let places = Dictionary(zip(members.map(\.name), members.indices)) { first, _ in first }
    guard let own = classChanges(since: record, places),
      let moved = splitChanges(since: splits, places, own.isKnown)
    else { return nil }
    var changes = own.changes
    // Lists cannot stand in the same order where their members differ.
    changes.split += moved.isEmpty && changes.split.isEmpty ? orderChanges(since: splits) : moved
    return changes
  }

  // MARK: Classes

  private func classChanges(
    since record: JSONView,
    _ places: [String: Int]
  ) -> (changes: DataChanges, isKnown: [Bool])? {
    var (gone, added) = (NameList(), NameList())
    var (counted, repainted) = (NameList(), NameList())
    var isKnown = [Bool](repeating: false, count: members.count)
    // Parts of one class that have other pictures: some may have gone from one to another.
    var touched: [String: Int] = [:]
    let isReshaped = isReshaped(since: record)
    for element in record.elements("classes") {
      var fields = element.elements
      guard let name = fields.next()?.string, let count = fields.next()?.integer,
        let digest = fields.next()?.string
      else { return nil }
      guard let place = places[name] else {
        gone.add(name.printable)
        continue
      }
      isKnown[place] = true
      let now = members[place]
      if now.imageCount != count {
        counted.add("\(now.name) \(now.imageCount) instead of \(count)")
        touched[now.kind, default: 0] += 1
      } else if now.digest != digest, !isReshaped {
        repainted.add(now.name)
        touched[now.kind, default: 0] += 1
      }
    }
    for (member, isKnown) in zip(members, isKnown) where !isKnown { added.add(member.name) }
    var changes = DataChanges()
    if !gone.isEmpty { changes.split.append("\(Self.classes(gone.count)) gone (\(gone.text))") }
    if !added.isEmpty { changes.split.append("\(Self.classes(added.count)) new (\(added.text))") }
    let parted = touched.filter { $0.value > 1 }.map(\.key).sorted()
    if !parted.isEmpty {
      changes.split.append("pictures may have gone from one part to another (\(named(parted)))")
    }
    if let other = otherContent(since: record) { changes.content.append(other) }
    let examples = isGraph ? "nodes" : "pictures"
    if !counted.isEmpty { changes.content.append("other numbers of \(examples) (\(counted.text))") }
    if !repainted.isEmpty {
      changes.content.append("other \(examples), or in another order (\(repainted.text))")
    }
    return (changes, isKnown)
  }

  /// Whether all pictures are of another shape, so that it says nothing that they differ.
  private func isReshaped(since record: JSONView) -> Bool {
    guard case .pictures(let shape) = content else { return false }
    let recorded = record["shape"]?.elements.map { $0.integer ?? 0 }
    return recorded != [shape.height, shape.width, shape.channels]
  }

  /// What differs of the whole set, as a part of a sentence.
  private func otherContent(since record: JSONView) -> String? {
    switch content {
    case .pictures(let shape):
      return isReshaped(since: record)
        ? "pictures are read as \(shape.height)×\(shape.width)×\(shape.channels), and were not then"
        : nil
    case .graph(let nodes, let edges, let features, let sha256):
      let before = record["graph"]?["sha256"]?.string ?? ""
      guard before != sha256 else { return nil }
      return "another graph, of \(plural(nodes, "node")), \(plural(edges, "edge")) and "
        + "\(plural(features, "feature")) (SHA-256 \(sha256.prefix(12))… instead of "
        + "\(String(before.prefix(12)).printable)…)"
    }
  }

  private static func classes(_ count: Int) -> String {
    count == 1 ? "1 class is" : "\(count) classes are"
  }

  // MARK: Splits

  /// Classes that are there and were, in another part now; nil when the record cannot be read.
  private func splitChanges(
    since splits: JSONView,
    _ places: [String: Int],
    _ isKnown: [Bool]
  ) -> [String]? {
    let all = Self.splitNames.indices
    var before = [Int](repeating: 0, count: members.count)
    var now = before
    var changes: [String] = []
    for part in all {
      guard let recorded = splits[Self.splitNames[part]] else { return nil }
      for place in parts[part].classes { now[place] |= 1 << part }
      for element in recorded.elements("classes") {
        guard let name = element.string else { return nil }
        if let place = places[name] { before[place] |= 1 << part }
      }
      let turns = recorded.elements("turns").map { $0.integer ?? 0 }
      if turns != parts[part].turns, !parts[part].turns.isEmpty, !turns.isEmpty {
        changes.append("other turns of the classes of meta-\(Self.splitNames[part])")
      }
    }
    var moved = NameList()
    for place in members.indices where isKnown[place] && before[place] != now[place] {
      moved.add(
        "\(members[place].name) from \(Self.title(before[place])) to \(Self.title(now[place]))"
      )
    }
    if !moved.isEmpty { changes.insert("moved: \(moved.text)", at: 0) }
    return changes
  }

  private static func title(_ parts: Int) -> String {
    let names = splitNames.indices.filter { parts & 1 << $0 != 0 }.map { "meta-" + splitNames[$0] }
    return names.isEmpty ? "no split" : names.joined(separator: " and ")
  }

  /// Parts that hold the same classes in another order, which makes other episodes.
  private func orderChanges(since splits: JSONView) -> [String] {
    zip(Self.splitNames, parts).compactMap { name, part in
      let recorded = splits[name]?.elements("classes")
      let isSame = recorded?.elementsEqual(part.classes) { $0.string == members[$1].name } == true
      return isSame ? nil : "the classes of meta-\(name) stand in another order"
    }
  }
}
