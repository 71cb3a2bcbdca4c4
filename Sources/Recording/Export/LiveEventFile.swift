import Files
import Glibc

/// The TensorBoard event file in a run's own directory, which grows while the run is trained.
///
/// It follows the run's logs, so it says what they say, and a run that is killed leaves whole records.
/// A run that goes on gets another file, which begins where the earlier ones end: what a kill kept
/// from them, and what is made again, is in it.
package struct LiveEventFile {
  /// Seconds between two looks at the logs, at least, and as many times as long as the last one took:
  /// what a fast run writes waits for its end, so that it costs training nothing that can be measured.
  private static let interval = (least: 1.0, times: 300.0)
  /// Bytes that wait for a write, a record more at most.
  private static let mostWaiting = 1 << 16

  package let path: String
  private let directory: RunDirectory
  private var rows: RecordedScalars.Rows
  private var stream: EventStream
  /// What could not be written yet.
  private var waiting: [UInt8] = []
  private var isEnded = false
  /// Rows before this step stand in earlier files.
  private let first: Int
  private var lastLook = -Double.infinity
  private var pause = interval.least

  /// The run's `config.json` must be there, and its logs without the lines that are made again.
  package init(_ directory: RunDirectory, now: Double) throws(ConfigurationError) {
    let scalars = try RecordedScalars(directory.path)
    let told = ToldSteps(directory)
    self.directory = directory
    first = told.firstUntold(of: scalars.rows())
    rows = scalars.rows()
    rows.isGrowing = true
    stream = EventStream(scalars, from: told.latest == nil ? nil : first, isLive: true)
    let host = RecordingEnvironment.system.host
    path =
      "\(directory.path)/events.out.tfevents.\(told.time(now)).\(host).\(getpid()).metatop"
  }

  /// Writes what the logs have had since, some time after the last look.
  package mutating func update(now: Double) throws(SystemError) {
    // A clock may be set back.
    guard abs(now - lastLook) >= pause else { return }
    lastLook = now
    let start = ContinuousClock.now
    try follow()
    try append()
    pause = max(
      Self.interval.least,
      Self.interval.times * ((ContinuousClock.now - start) / .seconds(1))
    )
  }

  /// Writes the rest, and ends the file.
  package mutating func finish() throws(SystemError) {
    rows.isGrowing = false
    try follow()
    if !isEnded {
      isEnded = true
      let point = try? ResumePoint(directory, .last)
      stream.end(point?.checkpoint, step: point?.step ?? 0)
    }
    try append()
  }

  /// Takes in what the logs have had, and writes it where it is much.
  private mutating func follow() throws(SystemError) {
    // On a full disk no more is taken in than was.
    if !waiting.isEmpty { try append() }
    rows.refresh()
    while let row = try? rows.next() {
      if row.step >= first { stream.add(row) }
      if stream.byteCount > Self.mostWaiting { try append() }
    }
  }

  /// What cannot be written waits for the next time.
  private mutating func append() throws(SystemError) {
    waiting += stream.take()
    guard !waiting.isEmpty else { return }
    try SystemFile.append(waiting, to: path)
    waiting = []
  }
}
