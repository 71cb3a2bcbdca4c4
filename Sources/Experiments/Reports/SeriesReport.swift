import Files
import Recording
import Tasks

/// What is in a file of one's own series, line by line.
package struct SeriesReport {
  private let task: SeriesTask
  private let shot: Int
  private let query: Int

  package init(task: SeriesTask, shot: Int?, query: Int?) {
    self.task = task
    self.shot = shot ?? SeriesTask.usualShot
    self.query = query ?? SeriesTask.usualQuery
  }

  /// Why the episodes that were asked for cannot be drawn; nil where they can.
  package var problem: DatasetError? { task.obstacle(shot: shot, queryShot: query) }

  package var lines: [String] {
    let all = task.tasks
    let points = all.map(\.points)
    var lines = [
      row("data set", task.name.printable),
      row("points", "\(points.reduce(0, +)) of \(all.count) tasks"),
      row("a task", span(points)),
      row("inputs", task.inputs.map(\.printable).joined(separator: ", ")),
    ]
    for (name, scale) in zip(task.inputs + ["y"], task.scales) {
      lines.append(
        row(
          name.printable,
          "mean \(text(scale.mean)), deviation \(text(scale.deviation)) in meta-train"
        )
      )
    }
    for split in MetaSplit.allCases {
      let own = all.filter { $0.split == split }
      let names = own.prefix(3).map(\.name.printable).joined(separator: ", ")
      lines.append(
        row(
          split.title,
          "\(own.count) tasks, \(span(own.map(\.points))): \(names)\(own.count > 3 ? ", …" : "")"
        )
      )
    }
    lines += task.notes.map { row("note", $0) }
    let least = points.min() ?? 0
    lines.append(
      row(
        "at most",
        least < 2
          ? "no episode; the smallest task has \(least) points"
          : "\(min(shot, least - 1))-shot with \(least - min(shot, least - 1)) query, for the smallest task "
            + "has \(least) points"
      )
    )
    return lines
  }

  private func span(_ counts: [Int]) -> String {
    let (fewest, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return fewest == most ? "\(fewest) points" : "\(fewest) to \(most) points"
  }

  private func text(_ number: Double) -> String { fixed(number, 4) }

  private func row(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(17 - name.count, 1)) + text
  }
}
