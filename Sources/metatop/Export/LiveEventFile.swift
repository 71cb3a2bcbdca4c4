import Glibc
import Tasks
import Training

/// The TensorBoard event file in a run's own directory, which grows while the run is trained.
///
/// It follows the run's logs, so it says what they say, and a run that is killed leaves whole records.
/// A run that goes on gets another file, which tells readers from which step on it counts.
struct LiveEventFile {
  /// Seconds between two looks at the logs, at least, and as many times as long as the last one took:
  /// what a fast run writes waits for its end, so that it costs training nothing that can be measured.
  private static let interval = (least: 1.0, times: 300.0)
  /// Bytes that wait for a write, a record more at most.
  private static let mostWaiting = 1 << 16

  let path: String
  private let directory: RunDirectory
  private var rows: RecordedScalars.Rows
  private var stream: EventStream
  /// Rows up to this step that are older than this file stand in an earlier one.
  private let first: Int
  private let began: Double
  private var lastLook = -Double.infinity
  private var pause = interval.least

  /// The run's `config.json` must be there.
  init(_ directory: RunDirectory, after step: Int, now: Double) throws(ConfigurationError) {
    let scalars = try RecordedScalars(directory.path)
    self.directory = directory
    (first, began) = (step, now)
    rows = scalars.rows()
    stream = EventStream(scalars, after: step)
    let host = RecordingEnvironment.system.host
    path = "\(directory.path)/events.out.tfevents.\(Int(now)).\(host).\(getpid()).metatop"
  }

  /// Writes what the logs have had since, some time after the last look.
  mutating func update(now: Double) throws(SystemError) {
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
  mutating func finish() throws(SystemError) {
    try follow()
    let point = try? ResumePoint(directory, .last)
    stream.end(point?.checkpoint, step: point?.step ?? 0)
    try append()
  }

  /// Takes in what the logs have had, and writes it where it is much.
  private mutating func follow() throws(SystemError) {
    rows.refresh()
    while let row = try? rows.next() {
      if row.step > first || row.time >= began { stream.add(row) }
      if stream.byteCount > Self.mostWaiting { try append() }
    }
  }

  private mutating func append() throws(SystemError) {
    let bytes = stream.take()
    if !bytes.isEmpty { try SystemFile.append(bytes, to: path) }
  }
}
