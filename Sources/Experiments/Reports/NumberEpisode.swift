import Files
import Kernels
import Recording
import Tasks

/// One episode of numbers as a table: support and query examples, one a line.
package struct NumberEpisode {
  private let task: any TaskDistribution
  private let split: MetaSplit
  private let layout: EpisodeLayout
  private let seed: UInt64

  package init(
    _ task: any TaskDistribution,
    _ split: MetaSplit,
    shot: Int?,
    query: Int?,
    seed: UInt64
  ) throws(DatasetError) {
    let shot = shot ?? task.defaults.shot
    let queryShot = query ?? task.defaults.queryShot ?? shot
    if let obstacle = task.obstacle(shot: shot, queryShot: queryShot) { throw obstacle }
    (self.task, self.split, self.seed) = (task, split, seed)
    layout = task.layout(shot: shot, queryShot: queryShot)
  }

  package var text: String {
    let stream = RandomStream(seed: seed)
    let buffer = AlignedBuffer(count: layout.count)
    task.sample(split, layout, stream: stream, into: buffer, at: 0)
    let series = task as? SeriesTask
    let count = layout.inputShape.reduce(1, *)
    let names =
      (series?.inputs.map(\.printable)
        ?? (count == 1 ? ["x"] : (1...count).map { "x\($0)" })) + ["y"]
    let which = series.map { ", task \($0.taskName(split, stream: stream).printable)" } ?? ""
    var lines = [
      "\(task.name.printable), \(split.title), seed \(seed)\(which): \(layout.supportCount) support and "
        + "\(layout.queryCount) query examples",
      "         " + names.map { padded($0) }.joined(),
    ]
    for (title, inputs, targets, examples) in [
      ("support", layout.supportInputs, layout.supportTargets, layout.supportCount),
      ("query", layout.queryInputs, layout.queryTargets, layout.queryCount),
    ] {
      for index in 0..<examples {
        let x = buffer.values(inputs + index * count..<inputs + (index + 1) * count)
        let row = x + [buffer[targets + index]]
        let cells = row.enumerated().map { column, number in
          let scale = series?.scales[column]
          return padded(fixed(Double(number) * (scale?.deviation ?? 1) + (scale?.mean ?? 0), 4))
        }
        lines.append(title + String(repeating: " ", count: 9 - title.count) + cells.joined())
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func padded(_ text: String) -> String {
    String(repeating: " ", count: max(12 - text.count, 1)) + text
  }
}
