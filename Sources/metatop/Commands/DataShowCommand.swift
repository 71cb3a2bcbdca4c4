import ArgumentParser
import CellGrid
import Experiments
import Files
import Glibc
import Kernels
import Tasks

/// `metatop data show`: one episode, as pictures made of characters.
struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract:
      "Show an episode: support and query images drawn in the terminal, or numbers as a table."
  )

  @OptionGroup var options: EpisodeOptions

  @Option(
    help: ArgumentHelp(
      "train, val or test; a second --split examples for a split by examples.",
      valueName: "split"
    )
  )
  var split: [String] = []

  @Option(help: "The seed that the episode is drawn from.")
  var seed: UInt64 = 0

  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false

  @Flag(help: "Use no colours.")
  var noColor = false

  /// Columns for the classes' names.
  static let margin = 18

  mutating func run() throws {
    let (split, kind) = try splits()
    let (shot, query) = (options.shot ?? 1, options.query ?? 2)
    let task = try options.load(split: kind, images: options.images ?? shot + query)
    if task.kind == .numbers {
      let episode: NumberEpisode
      do throws(DatasetError) {
        episode = try NumberEpisode(
          task,
          split,
          shot: options.shot,
          query: options.query,
          seed: seed
        )
      } catch {
        throw Failure(status: Failure.badData, sentence: error.description)
      }
      return try write(episode.text)
    }
    if task.kind == .nodes {
      if let obstacle = task.obstacle(shot: shot, queryShot: query) {
        throw Failure(status: Failure.badData, sentence: obstacle.description)
      }
      return try write(draw(nodes: task, split, shot: shot, query: query))
    }
    guard let images = task.labelled else {
      throw Failure(
        status: Failure.usage,
        sentence: "\(task.name): has no images; use another task"
      )
    }
    if let obstacle = images.obstacle(shot: shot, queryShot: query) {
      throw Failure(status: Failure.badData, sentence: obstacle.description)
    }
    try write(draw(images, split, images.layout(shot: shot, queryShot: query)))
  }

  /// Whose episode is drawn, and what keeps the splits apart.
  private func splits() throws(Failure) -> (MetaSplit, DataOptions.Split?) {
    var (drawn, kind) = (MetaSplit.metaTrain, DataOptions.Split?.none)
    for name in split {
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

  private func draw(_ task: ImageTask, _ split: MetaSplit, _ layout: EpisodeLayout) -> String {
    let stream = RandomStream(seed: seed)
    let buffer = AlignedBuffer(count: layout.count)
    task.sample(split, layout, stream: stream, into: buffer, at: 0)
    let names = task.episodeImages(split, layout, stream: stream)
    let (shot, query) = (layout.supportCount / task.way, layout.queryCount / task.way)
    let shape = task.collection.shape
    let room = (terminalColumns() - Self.margin - 2) / (shot + query) - 1
    let painter = PicturePainter(style: style, width: min(max(room, 4), shape.width))
    var text =
      "\(task.name.printable), \(split.title), seed \(seed): \(task.way)-way \(shot)-shot, "
    text += "\(shot) support and \(query) query images of each class\n"
    for label in 0..<task.way {
      let support = (0..<shot).map { layout.supportInputs + (label * shot + $0) * shape.count }
      let queries = (0..<query).map { layout.queryInputs + (label * query + $0) * shape.count }
      let pictures = (support + queries).map { start in
        painter.lines(
          Picture(
            height: shape.height,
            width: shape.width,
            channels: shape.channels,
            pixels: buffer.values(start..<start + shape.count)
              .map { UInt8(min(max($0 * 255, 0), 255).rounded()) }
          )
        )
      }
      text += rows(label, names.classNames[label], pictures, shot: shot)
    }
    return text
  }

  /// A class's pictures side by side, its label and name to the left, a bar before the queries.
  func rows(_ label: Int, _ name: String, _ pictures: [[String]], shot: Int) -> String {
    let title = wrapped("\(label)  \(name.printable)")
    let height = max(pictures.map(\.count).max() ?? 0, title.count)
    return (0..<height).map { row in
      let caption = row < title.count ? title[row] : ""
      let gap = String(repeating: " ", count: max(Self.margin - caption.count, 0))
      let bar = style.isASCII ? "|" : "│"
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

  var style: PicturePainter.Style {
    setlocale(LC_ALL, "")
    let isUnicode = String(cString: nl_langinfo(Int32(CODESET))) == "UTF-8"
    let hasColors = !noColor && variable("NO_COLOR") == nil && isatty(STDOUT_FILENO) == 1
    if ascii || !isUnicode { return .ascii }
    guard hasColors else { return .plain }
    if ["truecolor", "24bit"].contains(variable("COLORTERM")?.lowercased()) { return .trueColor }
    return variable("TERM")?.contains("256color") == true ? .indexed : .plain
  }

  func terminalColumns() -> Int {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return 80 }
    return Int(window.ws_col)
  }
}
