import Events
import Files
import Glibc
import Recording

/// One line a run on standard error, once a second, from the run's own events.
package final class Progress {
  private let subscription: Subscription
  private var runs: [RunID: RunDescription] = [:]
  private var names: [RunID: String] = [:]
  private var latest: [RunID: StepReport] = [:]
  private var averages: [RunID: Average] = [:]
  private var shown: [RunID: Int] = [:]

  /// Query loss and accuracy, smoothed over about fifty steps.
  private struct Average {
    var loss: Float
    var accuracy: Float?

    init(_ report: StepReport) { (loss, accuracy) = (report.queryLoss, report.queryAccuracy) }

    mutating func take(_ report: StepReport) {
      loss += 0.02 * (report.queryLoss - loss)
      if let old = accuracy, let new = report.queryAccuracy { accuracy = old + 0.02 * (new - old) }
    }
  }

  package init(_ subscription: Subscription) { self.subscription = subscription }

  /// Prints what has changed since the last call.
  package func show() {
    for event in subscription.drain().events { note(event) }
    for id in runs.keys.sorted() {
      guard let report = latest[id], shown[id] != report.step else { continue }
      shown[id] = report.step
      complain(line(id, report))
    }
  }

  package func showEnd() { show() }

  private func note(_ event: RunEvent) {
    switch event {
    case .started(let description):
      runs[description.id] = description
      let all = runs.values.sorted { $0.id < $1.id }
      for (run, name) in zip(all, RunNames.names(of: all)) {
        // By its identifier, as options name it, where that says all.
        names[run.id] = name == run.methodName ? run.methodID : name
      }
    case .step(let report):
      latest[report.run] = report
      averages[report.run, default: Average(report)].take(report)
    case .validation(let report):
      let task = runs[report.run]?.task
      let split = report.isMetaTest ? "meta-test" : "meta-validation"
      complain(
        "\(name(report.run))  step \(report.step)  \(split) \(score(report)) "
          + "(95 %, \(report.episodes) \(task?.scored ?? "episodes")"
          + (task?.splitNote.map { ", \($0)" } ?? "") + ")"
      )
    case .statusChanged(let id, let status, let step):
      complain("\(name(id))  step \(step)  \(status.rawValue)")
    case .note(let id, let text):
      complain((id.map { name($0) + "  " } ?? "") + text)
    case .diverging(let report):
      complain("\(name(report.run))  step \(report.step)  \(report.sentence)")
    case .commandRefused(_, let reason, _): complain(reason)
    case .hyperparameterChanged, .fairnessChanged, .checkpointKept, .checkpointWritten,
      .recordingFailed, .probesPaced, .episode, .fit, .map, .replayed, .sweep,
      .readingPast:
      break
    }
  }

  /// The interval is the accuracy's where there is one.
  private func score(_ report: ValidationReport) -> String {
    guard let accuracy = report.accuracy else {
      return "loss \(number(report.loss)) ± \(number(report.confidence95))"
    }
    return "accuracy \(percent(accuracy)) ± \(percent(report.confidence95)) %, "
      + "loss \(number(report.loss))"
  }

  private func line(_ id: RunID, _ report: StepReport) -> String {
    let total = runs[id]?.totalSteps ?? report.step
    let rate = report.seconds > 0 ? Double(report.step) / report.seconds : 0
    let percent = total > 0 ? report.step * 100 / total : 100
    let loss = number(averages[id]?.loss ?? report.queryLoss)
    let accuracy = averages[id]?.accuracy.map { "  accuracy \(self.percent($0)) %" } ?? ""
    let speed = rate < 10 ? "\((rate * 100).rounded() / 100)" : "\(Int(rate))"
    return "\(name(id))  step \(report.step) / \(total) (\(percent) %)  query loss \(loss)"
      + "\(accuracy)  \(speed) steps/s"
  }

  private func name(_ id: RunID) -> String { names[id] ?? "run \(id.rawValue)" }

  /// A share as hundredths of a percent: `93.42`.
  private func percent(_ share: Float) -> String {
    fixed(Double(share) * 100, 2)
  }

  /// With four digits, as losses are told.
  private func number(_ value: Float) -> String { fixed(Double(value), 4) }
}
