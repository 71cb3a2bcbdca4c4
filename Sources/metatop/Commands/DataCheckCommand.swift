import ArgumentParser
import Dispatch
import Files
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

  @Option(
    help: ArgumentHelp(
      "No class in two splits (the default), or other images of the same classes in each.",
      valueName: "classes|examples"
    )
  )
  var split: String?

  mutating func run() throws {
    let start = DispatchTime.now()
    let kind = try kind()
    let (shot, query) = (
      options.shot ?? TaskDefaults.usualShot, options.query ?? TaskDefaults.usualQuery
    )
    let task = try options.load(split: kind, images: shot + query, isSurvey: true)
    let seconds = Self.seconds(since: start)
    guard let images = task.labelled else {
      return try printLines(["\(task.name)  generated regression; there is nothing to check"])
    }
    let obstacle = images.obstacle(shot: shot, queryShot: query)
    let problems = images.problems + [obstacle].compactMap(\.self)
    var lines = describe(images) + [row("ready", "in \(rounded(seconds)) s")]
    lines += files(images) + (try checksums())
    if problems.isEmpty { lines.append(row("episode", episode(images, shot, query))) }
    lines.append(row("at most", largest(images, shot)))
    try printLines(lines)
    for problem in problems { complain("metatop: \(problem)") }
    if !problems.isEmpty { throw ExitCode(Failure.badData) }
  }

  private func kind() throws(Failure) -> DataOptions.Split? {
    guard let split else { return nil }
    guard let kind = DataOptions.Split(rawValue: split) else {
      throw Failure(
        status: Failure.usage,
        sentence: "--split: is \(split.printable); use classes or examples"
      )
    }
    return kind
  }

  private func describe(_ task: ImageTask) -> [String] {
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
    return lines + MetaSplit.allCases.map { row($0.title, part(task, $0)) }
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

  private func part(_ task: ImageTask, _ split: MetaSplit) -> String {
    let members = task.splits[split]
    let stored = Set(members.map(\.index))
    let turned = members.count > stored.count ? " (\(stored.count) and their quarter turns)" : ""
    let images = stored.map { task.collection.classes[$0].imageCount }
    return "\(plural(members.count, "class"))\(turned)"
      + (images.isEmpty ? "" : ", \(span(images, "image")) each")
  }

  /// The largest episode that every split could serve.
  private func largest(_ task: ImageTask, _ shot: Int) -> String {
    let (way, images) = (task.largestWay, task.fewestImages)
    guard way >= 2, images >= 2 else {
      return "no episode; 2 classes with 2 images are the least in a split"
    }
    let own = min(shot, images - 1)
    return
      "\(way)-way \(own)-shot with \(plural(images - own, "query")) a class, for the smallest class "
      + "has \(images)"
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
    return "\(task.way)-way \(shot)-shot with \(plural(query, "query")) a class: \(images) images, "
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
