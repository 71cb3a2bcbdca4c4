import Events
import Training

/// One recorded run on its way through a replay: what it tells, by the second since it began.
///
/// A moment takes less room than its line in the log, and nothing is copied when the log grows.
struct ReplayTrack {
  private(set) var reader: RecordedRunReader
  private var blocks: [[Moment]] = []
  private(set) var count = 0
  /// The next moment to be told.
  private(set) var next = 0
  /// The second since 1970 of the first moment.
  private var start: Double?
  private(set) var duration = 0.0

  private static let blockSize = 4_096

  /// Most moments are outer steps without probes.
  private enum Moment {
    case step(time: Double, PlainStep)
    indirect case other(time: Double, RunEvent)
  }

  /// What a step's line has told, without what the run's other lines tell as well.
  private struct PlainStep {
    var step: Int
    var operations: Double
    var queryLoss: Float
    var supportLoss: Float
    var metaGradientNorm: Float
    var queryAccuracy: Float?
  }

  init(_ reader: RecordedRunReader) { self.reader = reader }

  /// Takes in what has been written since.
  mutating func read() {
    var (blocks, count, start) = (self.blocks, self.count, self.start)
    self.blocks = []
    reader.read { moment in
      let begin = start ?? moment.time
      start = begin
      if count % Self.blockSize == 0 {
        blocks.append([])
        blocks[blocks.count - 1].reserveCapacity(Self.blockSize)
      }
      blocks[blocks.count - 1].append(Self.packed(moment.event, max(0, moment.time - begin)))
      count += 1
    }
    (self.blocks, self.count, self.start) = (blocks, count, start)
    duration = count > 0 ? time(count - 1) : 0
  }

  private static func packed(_ event: RunEvent, _ time: Double) -> Moment {
    guard case .step(let report) = event, report.probes == nil else {
      return .other(time: time, event)
    }
    let step = PlainStep(
      step: report.step,
      operations: report.operations,
      queryLoss: report.queryLoss,
      supportLoss: report.supportLoss,
      metaGradientNorm: report.metaGradientNorm,
      queryAccuracy: report.queryAccuracy
    )
    return .step(time: time, step)
  }

  private func time(_ index: Int) -> Double {
    switch blocks[index / Self.blockSize][index % Self.blockSize] {
    case .step(let time, _), .other(let time, _): time
    }
  }

  /// When the next moment happened; nil at the end.
  var nextTime: Double? { next < count ? time(next) : nil }

  /// When the next outer step happened.
  var nextStepTime: Double? {
    (next..<count).first { isStep($0) }.map { time($0) }
  }

  private func isStep(_ index: Int) -> Bool {
    switch blocks[index / Self.blockSize][index % Self.blockSize] {
    case .step, .other(_, .step): true
    case .other: false
    }
  }

  /// Tells the next moment.
  mutating func take() -> RunEvent? {
    guard next < count else { return nil }
    let moment = blocks[next / Self.blockSize][next % Self.blockSize]
    next += 1
    switch moment {
    case .other(_, let event): return event
    case .step(let time, let step):
      return .step(
        StepReport(
          run: reader.description.id,
          step: step.step,
          seconds: max(0, time + (start ?? 0) - (reader.firstTime ?? 0)),
          operations: step.operations,
          queryLoss: step.queryLoss,
          supportLoss: step.supportLoss,
          metaGradientNorm: step.metaGradientNorm,
          queryAccuracy: step.queryAccuracy
        )
      )
    }
  }

  mutating func restart() { next = 0 }
}
