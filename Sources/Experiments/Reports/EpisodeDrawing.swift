import Files
import Kernels
import Tasks

/// An episode as text: its pictures, made of characters by whoever knows the terminal.
package struct EpisodeDrawing {
  /// Pixels by rows, columns and channels, 0 to 255.
  package struct Pixels {
    package let height: Int
    package let width: Int
    package let channels: Int
    package let pixels: [UInt8]
  }

  /// Columns for the classes' names.
  private static let margin = 18

  private let seed: UInt64
  private let columns: Int
  private let isASCII: Bool
  private let paint: (Pixels, _ width: Int) -> [String]
  private let sketch: (NodeSketch, _ width: Int) -> [String]

  /// `paint` gives the lines of a picture that is so many columns wide, `sketch` those of what a node sees.
  package init(
    seed: UInt64,
    columns: Int,
    isASCII: Bool,
    paint: @escaping (Pixels, _ width: Int) -> [String],
    sketch: @escaping (NodeSketch, _ width: Int) -> [String]
  ) {
    (self.seed, self.columns, self.isASCII) = (seed, columns, isASCII)
    (self.paint, self.sketch) = (paint, sketch)
  }

  /// Whose episode is drawn, and what keeps the splits apart, as `--split` has them.
  package static func splits(
    _ names: [String]
  ) throws(Failure) -> (MetaSplit, DataOptions.Split?) {
    var (drawn, kind) = (MetaSplit.metaTrain, DataOptions.Split?.none)
    for name in names {
      if let own = DataOptions.Split(rawValue: name) {
        kind = own
      } else if ["train", "val", "test"].contains(name),
        let own = MetaSplit.allCases.first(where: { $0.title.hasPrefix("meta-\(name)") })
      {
        drawn = own
      } else {
        throw Failure(
          status: Failure.usage,
          sentence:
            "--split: is \(name.printable); use train, val or test, and examples for a split "
            + "by examples"
        )
      }
    }
    return (drawn, kind)
  }

  /// An episode of numbers, as a table.
  package func text(
    numbers task: any TaskDistribution,
    _ split: MetaSplit,
    _ shot: Int?,
    _ query: Int?
  ) throws(Failure) -> String {
    do throws(DatasetError) {
      return try NumberEpisode(task, split, shot: shot, query: query, seed: seed).text
    } catch {
      throw Failure(status: Failure.badData, sentence: error.description)
    }
  }

  /// An episode of pictures, its query examples behind a bar.
  package func text(_ task: ImageTask, _ split: MetaSplit, _ layout: EpisodeLayout) -> String {
    let stream = RandomStream(seed: seed)
    let buffer = AlignedBuffer(count: layout.count)
    task.sample(split, layout, stream: stream, into: buffer, at: 0)
    let names = task.episodeImages(split, layout, stream: stream)
    let (shot, query) = (layout.supportCount / task.way, layout.queryCount / task.way)
    let shape = task.collection.shape
    let room = (columns - Self.margin - 2) / (shot + query) - 1
    let width = min(max(room, 4), shape.width)
    var text =
      "\(task.name.printable), \(split.title), seed \(seed): \(task.way)-way \(shot)-shot, "
    text += "\(shot) support and \(query) query images of each class\n"
    for label in 0..<task.way {
      let support = (0..<shot).map { layout.supportInputs + (label * shot + $0) * shape.count }
      let queries = (0..<query).map { layout.queryInputs + (label * query + $0) * shape.count }
      let pictures = (support + queries).map { start in
        let pixels = buffer.values(start..<start + shape.count)
          .map { UInt8(min(max($0 * 255, 0), 255).rounded()) }
        return paint(
          Pixels(
            height: shape.height,
            width: shape.width,
            channels: shape.channels,
            pixels: pixels
          ),
          width
        )
      }
      text += rows(label, names.classNames[label], pictures, shot: shot)
    }
    return text
  }

  /// An episode of nodes: what each of them sees, and what it is called.
  package func text(
    nodes task: any TaskDistribution,
    _ split: MetaSplit,
    shot: Int,
    query: Int
  ) -> String {
    let layout = task.layout(shot: shot, queryShot: query)
    guard let images = task.shown(split, layout, stream: RandomStream(seed: seed)),
      let drawn = images.drawn
    else { return "" }
    let way = images.classNames.count
    let room = (columns - Self.margin - 2) / (shot + query) - 1
    let width = min(max(room, 12), drawn.shape.width)
    var text =
      "\(task.name.printable), \(split.title), seed \(seed): \(way)-way \(shot)-shot, \(shot) support and "
      + "\(query) query nodes of each class\n"
    text +=
      isASCII
      ? "@ the node, * of its class, o of another, . without a label\n"
      : "◉ the node, ● of its class, ○ of another, · without a label\n"
    for label in 0..<way {
      let own = zip(images.support, drawn.sketches.support)
        .filter { $0.0.label == label }.prefix(shot)
      let other = zip(images.query, drawn.sketches.query)
        .filter { $0.0.label == label }.prefix(query)
      let all = (Array(own) + Array(other)).map { image, drawing in
        let gap = String(repeating: " ", count: max(width - image.name.count, 0))
        return [image.name + gap] + sketch(drawing, width)
      }
      text += rows(label, images.classNames[label], all, shot: own.count)
    }
    return text
  }

  /// A class's pictures side by side, its label and name to the left, a bar before the queries.
  private func rows(_ label: Int, _ name: String, _ pictures: [[String]], shot: Int) -> String {
    let title = wrapped("\(label)  \(name.printable)")
    let height = max(pictures.map(\.count).max() ?? 0, title.count)
    return (0..<height).map { row in
      let caption = row < title.count ? title[row] : ""
      let gap = String(repeating: " ", count: max(Self.margin - caption.count, 0))
      let bar = isASCII ? "|" : "│"
      let parts = pictures.map { row < $0.count ? $0[row] : "" }
      return caption + gap + parts[..<shot].joined(separator: " ") + " \(bar) "
        + parts[shot...].joined(separator: " ") + "\n"
    }.joined() + "\n"
  }

  /// The text in lines that fit the margin, broken behind a slash where there is one.
  private func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var rest = text[...]
    while !rest.isEmpty, lines.count < 5 {
      var line = rest.prefix(Self.margin - 1)
      if line.count < rest.count, let slash = line.lastIndex(of: "/") { line = line[...slash] }
      lines.append(String(line))
      rest = rest[line.endIndex...]
    }
    return lines
  }
}
