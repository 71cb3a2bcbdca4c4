import Events
import Glibc

/// One line a run on standard error, once a second, from the run's own events.
final class Progress {
  private let subscription: Subscription
  private var runs: [RunID: RunDescription] = [:]
  private var latest: [RunID: StepReport] = [:]
  private var averages: [RunID: Float] = [:]
  private var shown: [RunID: Int] = [:]

  init(_ subscription: Subscription) { self.subscription = subscription }

  /// Prints what has changed since the last call.
  func show() {
    for event in subscription.drain().events { note(event) }
    for id in runs.keys.sorted() {
      guard let report = latest[id], shown[id] != report.step else { continue }
      shown[id] = report.step
      complain(line(id, report))
    }
  }

  func showEnd() { show() }

  private func note(_ event: RunEvent) {
    switch event {
    case .started(let description): runs[description.id] = description
    case .step(let report):
      latest[report.run] = report
      let average = averages[report.run] ?? report.queryLoss
      averages[report.run] = average + 0.02 * (report.queryLoss - average)
    case .validation(let report):
      let split = report.isMetaTest ? "meta-test" : "meta-validation"
      let score = report.accuracy.map { "accuracy \(fixed($0))" } ?? "loss \(fixed(report.loss))"
      complain(
        "\(name(report.run))  step \(report.step)  \(split) \(score) ± "
          + "\(fixed(report.confidence95)) (95 %, \(report.episodes) episodes)"
      )
    case .statusChanged(let id, let status, let step):
      complain("\(name(id))  step \(step)  \(status.rawValue)")
    case .note(let id, let text):
      complain((id.map { name($0) + "  " } ?? "") + text)
    case .commandRefused(_, let reason, _): complain(reason)
    case .hyperparameterChanged, .fairnessChanged, .episode: break
    }
  }

  private func line(_ id: RunID, _ report: StepReport) -> String {
    let total = runs[id]?.totalSteps ?? report.step
    let rate = report.seconds > 0 ? Double(report.step) / report.seconds : 0
    let percent = total > 0 ? report.step * 100 / total : 100
    return "\(name(id))  step \(report.step) / \(total) (\(percent) %)  query loss "
      + "\(fixed(averages[id] ?? report.queryLoss))  \(Int(rate)) steps/s"
  }

  private func name(_ id: RunID) -> String { runs[id]?.methodID ?? "run \(id.rawValue)" }

  private func fixed(_ value: Float) -> String {
    guard value.isFinite, abs(value) < 1e6 else { return "\(value)" }
    let scaled = Int((Double(abs(value)) * 10_000).rounded())
    let digits = String(scaled % 10_000)
    let fraction = String(repeating: "0", count: 4 - digits.count) + digits
    return "\(value < 0 ? "-" : "")\(scaled / 10_000).\(fraction)"
  }
}
