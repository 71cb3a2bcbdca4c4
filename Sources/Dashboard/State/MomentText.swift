import CellGrid
import Events

/// A moment's text with this run's numbers in the place of `{…}`.
///
/// Filled in from left to right, once: what a number or name says is never read again.
struct MomentText {
  let run: RunState
  /// The inner step that the moment is about.
  let step: Int

  func filled(_ text: String) -> String {
    guard text.contains("{") else { return text }
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else {
        return result + rest[open...]
      }
      let name = rest[rest.index(after: open)..<close]
      result += value(name) ?? "{\(name)}"
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// Nil for what this run has not; the braces stay then.
  private func value(_ name: Substring) -> String? {
    if name == "k" { return lowered(step) }
    if name == "next" { return lowered(step + 1) }
    if name.hasPrefix("probe:") {
      let key = String(name.dropFirst(6))
      return run.has(key) ? run.probe(key).map { Numbers.measured($0) } ?? "–" : nil
    }
    return run.hyperparameter(String(name)).map { $0.format(run.value($0)) }
  }

  private func lowered(_ number: Int) -> String {
    let digits: [Character] = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"]
    return String(String(number).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }
}
