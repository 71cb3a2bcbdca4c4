import Events
import Glibc
import MetaLearning
import Recording

/// Ours beside theirs: a recipe's rows as a table in Markdown.
package struct RecipeReport {
  /// One row's runs, by seed; nil where one has not ended or has diverged.
  package struct Line {
    package var scores: [RecipeScore?]
    package var diverged = 0

    package init(scores: [RecipeScore?], diverged: Int = 0) {
      (self.scores, self.diverged) = (scores, diverged)
    }
  }

  /// A mean and half its 95 % interval.
  private struct Estimate {
    let mean: Double
    let half: Double

    /// Student's over several, that of the episodes for one.
    init?(_ values: [Double], single: Double?) {
      guard !values.isEmpty else { return nil }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      self.mean = mean
      guard values.count > 1 else {
        half = single ?? .infinity
        return
      }
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      half =
        (square / (count - 1) / count).squareRoot()
        * StudentT.quantile(0.975, degrees: values.count - 1)
    }
  }

  private let recipe: Recipe
  private let lines: [Line]
  /// Outer steps, where others than the recipe's were made.
  private let steps: Int?

  package init(_ recipe: Recipe, _ lines: [Line], steps: Int? = nil) {
    (self.recipe, self.lines, self.steps) = (recipe, lines, steps)
  }

  private var isAccuracy: Bool {
    lines.contains { $0.scores.contains { $0?.isAccuracy == true } }
  }

  private func estimate(_ line: Line) -> Estimate? {
    let scores = line.scores.compactMap(\.self)
    return Estimate(scores.map(\.mean), single: scores.first?.interval)
  }

  /// The row minus the first, paired: on the same seeds and episodes.
  private func difference(_ line: Line) -> Estimate? {
    var pairs: [[Double]] = []
    for (own, first) in zip(line.scores, lines[0].scores) {
      guard let own, let first else { continue }
      pairs.append(zip(own.values, first.values).map { $0 - $1 })
    }
    guard !pairs.isEmpty else { return nil }
    let means = pairs.map { $0.reduce(0, +) / Double(max($0.count, 1)) }
    let episodes = PairedEpisodes(pairs[0])
    return Estimate(means, single: episodes.half)
  }

  private struct PairedEpisodes {
    let half: Double
    init(_ values: [Double]) {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / max(count, 1)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      half = values.count > 1 ? 1.96 * (square / (count - 1) / count).squareRoot() : .infinity
    }
  }

  // MARK: Text

  private var hasPublished: Bool { recipe.rows.contains { $0.published != nil } }

  package var text: String {
    var parts = ["\(recipe.title)"]
    if let paper = recipe.paper { parts.append(paper) }
    parts.append(conditions)
    parts.append(table)
    for row in recipe.rows {
      guard let published = row.published else { continue }
      parts.append(
        "\(row.name): \(published.from); its interval is \(published.kind ?? "not said to be of any kind")"
      )
    }
    if !recipe.differs.isEmpty {
      let head = recipe.paper == nil ? "Note: " : "Otherwise than published: "
      parts.append(head + recipe.differs.joined(separator: "; ") + ".")
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var conditions: String {
    let count = lines.first?.scores.count ?? 0
    let unit = isAccuracy ? "accuracy in %" : "mean squared error"
    let interval =
      count > 1
      ? "the 95 % interval over \(count) seeds (Student)" : "the 95 % interval over episodes"
    let made =
      steps.map { "\($0) outer steps (the recipe has \(recipe.option("steps") ?? "others")); " }
      ?? ""
    return "Ours: \(made)\(unit) on \(recipe.test.episodes) meta-test episodes, the same for all, "
      + "\(recipe.test.checkpoint) checkpoint; ± is \(interval). Differences are paired: same seeds, same "
      + "episodes."
  }

  private var table: String {
    var head = ["row", "ours"]
    if hasPublished { head += ["paper", "intervals"] }
    if recipe.rows.count > 1 { head.append("minus \(recipe.rows[0].name)") }
    head += ["inner steps", "labels in training", "transductive", "seconds a run", "confidence"]
    let rows = zip(recipe.rows, lines).enumerated().map { index, next in
      cells(next.0, next.1, isFirst: index == 0)
    }
    let rule = head.map { _ in "---" }
    return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  private func cells(_ row: Recipe.Row, _ line: Line, isFirst: Bool) -> [String] {
    let own = estimate(line)
    let missing = line.scores.count - line.scores.compactMap(\.self).count
    var note = ""
    if line.diverged > 0 { note = " (\(line.diverged) of \(line.scores.count) diverged)" }
    if missing > line.diverged { note += " (\(missing - line.diverged) not made yet)" }
    let isAlone = line.scores.count > 1 && line.scores.count - missing == 1
    if isAlone { note += " (one seed: ± is over episodes)" }
    var cells = [row.name, (own.map(shown) ?? "–") + note]
    if hasPublished {
      cells += [row.published.map(printed) ?? "none printed", verdict(own, row.published)]
    }
    if recipe.rows.count > 1 { cells.append(isFirst ? "" : difference(line).map(signed) ?? "–") }
    let score = line.scores.compactMap(\.self).first
    let steps = score.map {
      $0.trainSteps == $0.testSteps
        ? "\($0.trainSteps)" : "\($0.trainSteps), \($0.testSteps) at test"
    }
    let seconds = line.scores.compactMap { $0?.seconds }
    let mean = seconds.isEmpty ? nil : seconds.reduce(0, +) / Double(seconds.count)
    return cells + [
      steps ?? "–", row.labels ?? "support and query",
      score.map { $0.isAccuracy ? ($0.isTransductive ? "yes" : "no") : "no" } ?? "–",
      mean.map { fixed($0, $0 < 100 ? 1 : 0) } ?? "–",
      MethodCatalog.method(row.method)?.descriptor.status.rawValue ?? "–",
    ]
  }

  private var digits: Int { isAccuracy ? 2 : 3 }

  private func shown(_ estimate: Estimate) -> String {
    number(estimate.mean) + (estimate.half.isFinite ? " ± " + number(estimate.half) : "")
  }

  /// What has blown up has a power of ten.
  private func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) >= 1e5 else { return fixed(value, digits) }
    let power = floor(log10(abs(value)))
    return "\(fixed(value / pow(10, power), 1))e\(Int(power))"
  }

  private func signed(_ estimate: Estimate) -> String {
    (estimate.mean < 0 ? "" : "+") + shown(estimate)
  }

  private func printed(_ published: Recipe.Published) -> String {
    fixed(published.value, digits) + (published.interval.map { " ± " + fixed($0, digits) } ?? "")
  }

  /// Whether both intervals have a number in common.
  private func verdict(_ own: Estimate?, _ published: Recipe.Published?) -> String {
    guard let own, let published else { return "–" }
    let gap = abs(own.mean - published.value)
    guard let half = published.interval else {
      return gap <= own.half ? "theirs lies in ours" : "theirs lies outside ours"
    }
    return gap <= own.half + half ? "meet" : "do not meet"
  }
}
