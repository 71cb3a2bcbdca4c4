import Files
import Tasks

/// What is in a graph, line by line.
package struct GraphReport {
  private let task: NodeTask
  /// Of an episode.
  private let shot: Int
  private let query: Int
  /// What reading it took.
  private let seconds: Double
  /// Why episodes of this size cannot be drawn.
  package let problem: DatasetError?
  private var graph: FeatureGraph { task.stored.graph }

  /// Without numbers of nodes the episodes are those of the data set.
  package init(_ task: NodeTask, _ shot: Int?, _ query: Int?, _ seconds: Double) {
    (self.task, self.seconds) = (task, seconds)
    (self.shot, self.query) = (shot ?? task.options.shot, query ?? task.options.query)
    problem = task.obstacle(shot: self.shot, queryShot: self.query)
  }

  package var lines: [String] {
    let degrees = graph.edgeCounts().sorted()
    let components = graph.components()
    let counts = graph.nodesByClass().map(\.count)
    var lines = [
      row("graph", task.name),
      row("nodes", "\(graph.nodeCount), \(counts.reduce(0, +)) with a label"),
      row("edges", "\(graph.edgeCount), in both directions"),
      row(
        "degree",
        "\(degrees.first ?? 0) to \(degrees.last ?? 0), median \(degrees[degrees.count / 2])"
      ),
      row(
        "components",
        "\(components.count), the largest of \(plural(components.largest, "node"))"
      ),
      row(
        "homophily",
        percent(graph.homophily()) + " of the edges between labelled nodes stay in a class"
      ),
      row("features", features()),
      row(
        "classes",
        zip(task.stored.classNames, counts).map { "\($0) \($1)" }.joined(separator: ", ")
      ),
    ]
    for split in MetaSplit.allCases {
      let names = (task.classes[split] ?? []).map { task.stored.classNames[$0] }
      lines.append(row(split.title, names.isEmpty ? "no class" : names.joined(separator: ", ")))
    }
    lines.append(
      row("split", task.isByLot ? "by lot, seed \(task.options.seed)" : "as its list has it")
    )
    if let labelled = task.options.labelled {
      lines.append(
        row("labelled", "\(plural(labelled, "node")) a class of meta-training and meta-validation")
      )
    }
    if problem == nil {
      let layouts = task.layouts(shot: shot, queryShot: query)
      let rows = layouts.map { String($0.supportRows) }.joined(separator: ", ")
      let text = "the support set of \(task.way)-way \(shot)-shot sees up to \(rows) nodes"
      lines.append(row("rows", text))
    }
    lines.append(row("memory", "\((graph.byteCount + 1 << 20 - 1) >> 20) MiB"))
    lines += task.stored.notes.map { row("note", $0) }
    return lines + (problem == nil ? [row("ready", "in \((seconds * 100).rounded() / 100) s")] : [])
  }

  private func features() -> String {
    guard case .sparse(let rows) = graph.features else { return "\(graph.featureCount), dense" }
    let share = Double(rows.values.count) / Double(graph.nodeCount * graph.featureCount)
    return "\(graph.featureCount), sparse, \(percent(share)) filled"
  }

  private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

  private func row(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(17 - name.count, 1)) + text.printable
  }
}
