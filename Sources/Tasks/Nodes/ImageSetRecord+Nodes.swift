import Files

extension ImageSetRecord {
  /// Of a graph, of whose classes each has the nodes that episodes may draw.
  init(_ task: NodeTask, named name: String) {
    let graph = task.stored.graph
    self.name = name
    content = .graph(
      nodes: graph.nodeCount,
      edges: graph.edgeCount,
      features: graph.featureCount,
      sha256: graph.sha256
    )
    members = zip(task.stored.classNames, task.members).map { kind, nodes in
      var digest = Fingerprint()
      for node in nodes { digest.add((0..<4).map { UInt8(truncatingIfNeeded: node >> (8 * $0)) }) }
      return Member(
        name: kind,
        kind: kind,
        imageCount: nodes.count,
        digest: digest.value.hexadecimal
      )
    }
    parts = MetaSplit.allCases.map { Part(classes: task.classes[$0] ?? [], turns: [0]) }
  }
}
