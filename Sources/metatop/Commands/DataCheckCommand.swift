import ArgumentParser
import Dispatch
import Glibc
import Kernels
import Tasks

/// `metatop data check`: reads a whole data set and says what is in it and what is wrong with it.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a data set: counts, sizes, splits, bad files, time."
  )

  /// More bad files than this are only counted.
  private static let listedFiles = 20

  @OptionGroup var options: EpisodeOptions

  mutating func run() throws {
    let start = DispatchTime.now()
    let task = try options.load()
    let seconds = Self.seconds(since: start)
    guard let images = task as? ImageTask else {
      return try printLines(["\(task.name)  generated regression; there is nothing to check"])
    }
    let shot = options.shot ?? images.defaults.shot
    let query = options.query ?? images.defaults.queryShot ?? 15
    let obstacle = images.obstacle(shot: shot, queryShot: query)
    var lines = describe(images) + [row("ready", "in \(rounded(seconds)) s")]
    lines += files(images) + (try checksums())
    if obstacle == nil { lines.append(row("episode", episode(images, shot, query))) }
    try printLines(lines)
    if let obstacle { throw Failure(status: Failure.badData, sentence: obstacle.description) }
  }

  private func describe(_ task: ImageTask) -> [String] {
    let shape = task.collection.shape
    let counts = task.collection.classes.map(\.imageCount)
    let (fewest, most) = (counts.min() ?? 0, counts.max() ?? 0)
    var lines = [
      row("data set", task.name),
      row("images", "\(counts.reduce(0, +)) of \(counts.count) classes"),
      row("a class", fewest == most ? "\(fewest) images" : "\(fewest) to \(most) images"),
      row("shape", "\(shape.height)×\(shape.width), " + (shape.channels == 1 ? "grey" : "colour")),
    ]
    lines += MetaSplit.allCases.map { split in
      let members = task.splits[split]
      let stored = Set(members.map(\.index)).count
      let turned = members.count > stored ? " (\(stored) and their quarter turns)" : ""
      return row(split.title, "\(members.count) classes\(turned)")
    }
    return lines
  }

  private func files(_ task: ImageTask) -> [String] {
    let bad = task.report.badImages
    var lines = task.report.remarks.map { row("note", $0) }
    lines += task.report.conversions.lines.map { row("conversion", $0) }
    lines.append(row("bad files", bad.isEmpty ? "none" : "\(bad.count), not used:"))
    lines += bad.prefix(Self.listedFiles).map { "  \($0)" }
    if bad.count > Self.listedFiles { lines.append("  and \(bad.count - Self.listedFiles) more") }
    return lines
  }

  private func checksums() throws(Failure) -> [String] {
    guard !options.task.hasPrefix("folder:") else { return [] }
    do throws(DatasetError) {
      let library = DatasetLibrary(roots: DataRoots.found())
      return try library.checksums(of: options.task).map { row("archive", $0) }
    } catch {
      throw Failure(status: Failure.badData, sentence: error.description)
    }
  }

  /// Draws episodes for a moment, to say what they cost of one core.
  private func episode(_ task: ImageTask, _ shot: Int, _ query: Int) -> String {
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
    return "\(task.way)-way \(shot)-shot with \(query) queries a class: \(images) images, "
      + "\(rounded(microseconds)) µs each"
  }

  /// Seconds this thread has computed; unlike a clock's they do not grow while others compute.
  private static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }

  private func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }

  private func row(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(17 - name.count, 1)) + text
  }
}
