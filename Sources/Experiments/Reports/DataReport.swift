import Files
import Glibc
import Kernels
import Tasks

/// What is in a data set and what is wrong with it, line by line.
package struct DataReport {
  /// More bad files than this are only counted.
  private static let listedFiles = 20

  private let task: ImageTask
  private let shot: Int
  private let query: Int
  /// What reading it took.
  private let seconds: Double

  package init(task: ImageTask, shot: Int, query: Int, seconds: Double) {
    (self.task, self.shot, self.query, self.seconds) = (task, shot, query, seconds)
  }

  /// The lines, those of its archives among them; `draws` says what drawing an episode costs.
  package func lines(checksums: [String], draws: Bool) -> [String] {
    var lines = describe() + [row("ready", "in \(rounded(seconds)) s")]
    lines += files() + checksums.map { row("archive", $0) }
    if draws { lines.append(row("episode", episode())) }
    lines.append(row("at most", largest()))
    return lines
  }

  private func describe() -> [String] {
    let shape = task.collection.shape
    let all = task.collection.classes
    let images = all.reduce(0) { $0 + $1.imageCount }
    var lines = [
      row("data set", task.name),
      row("images", "\(images) of \(plural(task.classCount, "class"))"),
      row("a class", span(counts(all), "image")),
    ]
    if !task.report.sizes.isEmpty { lines.append(row("sizes", sizes(task.report.sizes))) }
    lines += [
      row("shape", "\(shape.height)×\(shape.width), " + (shape.channels == 1 ? "grey" : "colour")),
      row("split", splitKind(task.splits)),
    ]
    return lines + MetaSplit.allCases.map { row($0.title, part($0)) }
  }

  /// Of each class, whatever the splits.
  private func counts(_ classes: [ImageClass]) -> [Int] {
    Array(Dictionary(classes.map { ($0.name, $0.imageCount) }, uniquingKeysWith: +).values)
  }

  private func span(_ counts: [Int], _ noun: String) -> String {
    let (fewest, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return fewest == most ? plural(fewest, noun) : "\(fewest) to \(plural(most, noun))"
  }

  private func sizes(_ sizes: [ImageSize: Int]) -> String {
    guard sizes.count > 1 else { return (sizes.first?.key.text ?? "") + " in all files" }
    return "\(sizes.count) (height×width): \(sizes.listed)"
  }

  private func splitKind(_ splits: ClassSplits) -> String {
    guard splits.kind == .classes else {
      return "by example: the same classes, other images in each"
    }
    return switch splits.origin {
    case .given: "by class, as the data set has it"
    case .validationHeldOut: "by class; the classes for meta-validation by lot"
    case .lot: "by class, by lot"
    }
  }

  private func part(_ split: MetaSplit) -> String {
    let members = task.splits[split]
    let stored = Set(members.map(\.index))
    let turned = members.count > stored.count ? " (\(stored.count) and their quarter turns)" : ""
    let images = stored.map { task.collection.classes[$0].imageCount }
    return "\(plural(members.count, "class"))\(turned)"
      + (images.isEmpty ? "" : ", \(span(images, "image")) each")
  }

  /// The largest episode that every split could serve.
  private func largest() -> String {
    let (way, images) = (task.largestWay, task.fewestImages)
    guard way >= 2, images >= 2 else {
      return "no episode; 2 classes with 2 images are the least in a split"
    }
    let own = min(shot, images - 1)
    return
      "\(way)-way \(own)-shot with \(plural(images - own, "query")) a class, for the smallest class "
      + "has \(images)"
  }

  private func files() -> [String] {
    let bad = task.report.badImages
    var lines = task.report.remarks.map { row("note", $0) }
    lines += task.report.conversions.lines.map { row("conversion", $0) }
    lines.append(row("bad files", bad.isEmpty ? "none" : "\(bad.count), not used:"))
    lines += bad.prefix(Self.listedFiles).map { "  \($0)" }
    if bad.count > Self.listedFiles { lines.append("  and \(bad.count - Self.listedFiles) more") }
    return lines
  }

  /// Draws episodes for a moment, to say what they cost of one core.
  private func episode() -> String {
    let layout = task.layout(shot: shot, queryShot: query)
    let buffer = AlignedBuffer(count: layout.count)
    let stream = RandomStream(seed: 0)
    let start = Self.threadSeconds
    var count = 0
    repeat {
      task.sample(.metaTrain, layout, stream: stream.split(UInt64(count)), into: buffer, at: 0)
      count += 1
    } while Self.threadSeconds - start < 0.2
    let images = layout.supportCount + layout.queryCount
    let microseconds = (Self.threadSeconds - start) * 1e6 / Double(count * images)
    return "\(task.way)-way \(shot)-shot with \(plural(query, "query")) a class: \(images) images, "
      + "\(rounded(microseconds)) µs each"
  }

  /// Seconds this thread has computed; unlike a clock's they do not grow while others compute.
  private static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }

  private func row(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(17 - name.count, 1)) + text
  }
}
