import Events
import Files

extension DivergenceReport {
  /// A line of `events.jsonl`; nil where it says not what went wrong.
  init?(_ line: JSONView, of run: RunID, _ step: Int) {
    guard let quantity = line["quantity"]?.string, let since = line["since"]?.integer else {
      return nil
    }
    self.init(
      run: run,
      step: step,
      quantity: quantity,
      since: since,
      value: line.float("value") ?? .nan,
      median: line.float("median"),
      isDivergence: line["diverged"]?.bool ?? false
    )
  }
}
