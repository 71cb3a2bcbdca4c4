import Glibc
import Tasks
import Training

/// The TensorBoard event file in a run's own directory, which grows while the run is trained.
///
/// It follows the run's logs, so it says what they say, and a run that is killed leaves whole records.
/// A run that goes on gets another file, which tells readers from which step on it counts.
struct LiveEventFile {
  /// Seconds between two looks at the logs, at least.
  private static let interval = 1.0

  let path: String
  private let directory: RunDirectory
  private var rows: RecordedScalars.Rows
  private var stream: EventStream
  /// Rows up to this step stand in an earlier file.
  private let first: Int
  private var lastLook = -Double.infinity

  /// The run's `config.json` must be there.
  init(_ directory: RunDirectory, after step: Int, now: Double) throws(ConfigurationError) {
    let scalars = try RecordedScalars(directory.path)
    self.directory = directory
    first = step
    rows = scalars.rows()
    stream = EventStream(scalars, after: step)
    let host = RecordingEnvironment.system.host
    path = "\(directory.path)/events.out.tfevents.\(Int(now)).\(host).\(getpid()).metatop"
  }

  /// Writes what the logs have had since, some time after the last look.
  mutating func update(now: Double) throws(SystemError) {
    // A clock may be set back.
    guard abs(now - lastLook) >= Self.interval else { return }
    lastLook = now
    try append()
  }

  /// Writes the rest, and ends the file.
  mutating func finish() throws(SystemError) {
    collect()
    let point = try? ResumePoint(directory, .last)
    stream.end(point?.checkpoint, step: point?.step ?? 0)
    try SystemFile.append(stream.take(), to: path)
  }

  private mutating func append() throws(SystemError) {
    collect()
    let bytes = stream.take()
    if !bytes.isEmpty { try SystemFile.append(bytes, to: path) }
  }

  private mutating func collect() {
    rows.refresh()
    while let row = try? rows.next() { if row.step > first { stream.add(row) } }
  }
}
