/// Who is ahead, by how much, and whether that is more than chance.
package struct Verdict: Sendable, Equatable {
  /// The leader minus another: above zero in accuracy, below in loss.
  package struct Margin: Sendable, Equatable {
    package let name: String
    package let mean: Double
    /// Half the interval; all looks and all pairs together miss with 5 %.
    package let half: Double
    package let pairing: ScoreDifference.Pairing
    package let isApart: Bool
    /// The outer step after which every look has told them apart.
    package let since: Int?
  }

  package let leader: String
  /// Of all others, the nearest first.
  package let margins: [Margin]
  package let isAccuracy: Bool
  /// Of the meta-test; else of the newest meta-validation that all have.
  package let isTest: Bool
  package let step: Int

  /// Whether the leader is told apart from all others.
  package var isDecided: Bool { margins.allSatisfy(\.isApart) }

  package var isPaired: Bool { margins.allSatisfy { $0.pairing != .unpaired } }

  /// `CML − MAML −0.0503 ± 0.0101: told apart since step 1,200`, for each of the others.
  package var differences: [String] {
    margins.map { margin in
      "\(leader) − \(margin.name) \(text(margin.mean)) ± \(text(margin.half, isSigned: false))"
        + "\(isAccuracy ? " %" : ""): \(word(margin))"
    }
  }

  /// The nearest alone, for a line of the screen.
  package var line: String {
    let rest = margins.count > 1 ? " (nearest of \(margins.count))" : ""
    return differences[0] + rest
  }

  /// On what, and of what kind the intervals are.
  package var basis: String { "\(subject), \(certainty)" }

  private var subject: String {
    let measure = isAccuracy ? "accuracy" : "loss"
    return "\(isTest ? "meta-test" : "meta-validation") \(measure)"
      + (isTest ? "" : " at step \(Self.grouped(step))")
  }

  private var certainty: String {
    let all = (isTest ? [] : ["looks"]) + (margins.count > 1 ? ["pairs"] : [])
    return pairing
      + (all.isEmpty ? ", 95 %" : ", 95 % over all \(all.joined(separator: " and "))")
  }

  /// The whole verdict as one sentence.
  package var sentence: String { "\(differences.joined(separator: "; ")) (\(basis))" }

  /// The whole verdict in lines: the sentence for a pair, in one, and for more a table of at most so many
  /// columns, the nearest first; a name that leaves no room for its numbers has a line of its own.
  package func lines(width: Int = 80) -> [String] {
    guard margins.count > 1 else { return [sentence] }
    let best = isAccuracy ? "highest" : "lowest"
    let head = "\(best) \(subject): \(leader); \(certainty)"
    let unit = isAccuracy ? " %" : ""
    let cells = margins.map { margin in
      (
        name: "  \(leader) − \(margin.name)", mean: text(margin.mean),
        half: text(margin.half, isSigned: false) + unit, word: word(margin)
      )
    }
    func widest(_ texts: [String]) -> Int { texts.map(\.count).max() ?? 0 }
    let numbers = (widest(cells.map(\.mean)), widest(cells.map(\.half)))
    let rest = 2 + numbers.0 + 3 + numbers.1 + 3 + widest(cells.map(\.word))
    let name = min(widest(cells.map(\.name)), max(width - rest, 4))
    return Self.wrapped(head, width)
      + cells.flatMap { cell -> [String] in
        let tail =
          "  \(Self.right(cell.mean, numbers.0)) ± \(Self.right(cell.half, numbers.1))   \(cell.word)"
        guard cell.name.count > name else { return [Self.left(cell.name, name) + tail] }
        return Self.wrapped(cell.name, width) + [Self.left("", name) + tail]
      }
  }

  private static func wrapped(_ text: String, _ width: Int) -> [String] {
    let margin = String(text.prefix { $0 == " " })
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append((lines.isEmpty ? margin : margin + "  ") + word)
      }
    }
    return lines
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private var pairing: String {
    switch margins[0].pairing {
    case .episodes(let count): "paired over \(Self.grouped(count)) episodes"
    case .seeds(let count): "paired over \(count) seeds"
    case .unpaired: "unpaired"
    }
  }

  private func word(_ margin: Margin) -> String {
    guard margin.isApart else { return isTest ? "not told apart" : "not told apart yet" }
    return margin.since.map { "told apart since step \(Self.grouped($0))" } ?? "told apart"
  }

  // MARK: Numbers

  /// Four decimals of a loss, two of an accuracy in percent.
  private func text(_ value: Double, isSigned: Bool = true) -> String {
    let (scaled, digits) = isAccuracy ? (value * 100, 2) : (value, 4)
    guard scaled.isFinite, abs(scaled) < 1e12 else { return scaled.isFinite ? "\(scaled)" : "–" }
    let unit = digits == 2 ? 100 : 10_000
    let whole = Int((abs(scaled) * Double(unit)).rounded())
    let fraction = String(whole % unit)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    let sign = !isSigned ? "" : scaled < 0 ? "−" : "+"
    return "\(sign)\(whole / unit).\(zeros)\(fraction)"
  }

  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return String(
      digits.enumerated().flatMap { index, digit -> [Character] in
        let isBreak = index > 0 && (digits.count - index) % 3 == 0 && digits[index - 1] != "-"
        return isBreak ? [",", digit] : [digit]
      }
    )
  }
}
