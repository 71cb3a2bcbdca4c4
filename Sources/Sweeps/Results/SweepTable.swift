import Files
import Recording
import Tasks

/// A sweep's results for people and for programs.
package struct SweepTable {
  typealias Row = SweepResults.Row

  let results: SweepResults

  package init(results: SweepResults) {
    self.results = results
  }

  private var plan: SweepPlan { results.plan }
  private var ids: [String] { plan.ids }
  private var scale: Double { results.isAccuracy ? 100 : 1 }
  private var digits: Int { results.isAccuracy ? 2 : 4 }
  private var unit: String { results.isAccuracy ? " %" : "" }
  private var points: String { results.isAccuracy ? " points" : "" }
  private var score: String { results.isAccuracy ? "accuracy" : "loss" }
  private var seeds: Int { plan.seeds.count }

  package func text(_ format: TextTable.Format) -> String {
    switch format {
    case .text:
      Self.lines(caption) + "\n" + table.text(.text) + "\n" + Self.lines(verdict) + importance
    case .csv: numbers.text(.csv)
    case .json: String(decoding: json.encoded(), as: UTF8.self)
    case .markdown, .latex: table.text(format)
    }
  }

  // MARK: For people

  private static func lines(_ text: String) -> String {
    text.split(separator: "\n").flatMap { Wrapped.lines(String($0), width: 80, hanging: 2) }
      .map { $0 + "\n" }.joined()
  }

  private var caption: String {
    let count = plan.combinations.count
    let options = plan.methods.first?.options ?? [:]
    let split =
      options["split"] == DataOptions.Split.examples.rawValue ? " (split by examples)" : ""
    let what =
      "\(plan.name): \(options["task"] ?? "")\(split), \(options["steps"] ?? "") outer steps, "
    let runs =
      "\(count) \(count == 1 ? "combination" : "combinations") × \(seeds) "
      + (seeds == 1 ? "seed" : "seeds")
    let interval =
      seeds > 1
      ? "± is the 95 % interval over seeds (Student)" : "± is the 95 % interval over episodes"
    let order =
      results.isChosenByValidation
      ? "ordered by the last meta-validation, which is for choosing; the meta-test is for reporting"
      : "ordered by the meta-test, for not all runs were meta-validated: the best was chosen by what "
        + "it is judged by"
    return "\(what)\(runs); \(score) after adaptation, \(interval);\n\(order)"
  }

  private func values(_ row: Row) -> [String] {
    ids.map { id in row.combination.values.first { $0.id == id }?.text ?? "–" }
  }

  private func name(_ row: Row) -> String {
    plan.method(row.combination.method)?.name ?? row.combination.method
  }

  private func cell(_ mean: SeedMean?, _ episodes: Double?, isSigned: Bool = false) -> String {
    guard let mean else { return "–" }
    let sign = isSigned && mean.mean >= 0 ? "+" : ""
    let half = (mean.half ?? episodes).map { " ± " + fixed($0 * scale, digits) } ?? ""
    return sign + fixed(mean.mean * scale, digits) + half
  }

  private func remarks(_ row: Row) -> String {
    var remarks: [String] = []
    if row.combination == results.baseline?.combination, plan.combinations.count > 1 {
      remarks.append("baseline")
    }
    if row.diverged > 0 { remarks.append("\(row.diverged) of \(seeds) diverged") }
    if row.missing > 0, let stop = results.stops[row.combination] {
      remarks.append(stop.text)
    } else if row.missing > 0 {
      remarks.append("\(row.missing) of \(seeds) not ended")
    }
    return remarks.joined(separator: ", ")
  }

  private var table: TextTable {
    let words = Set(0...ids.count)
    let of = results.isAccuracy ? ", %" : ""
    var head = ["method"] + ids
    if results.isChosenByValidation { head.append("validation\(of)") }
    head += ["test\(of)", "difference\(results.isAccuracy ? ", points" : "")", ""]
    let rows = results.rows.map { row in
      var cells = [name(row)] + values(row)
      if results.isChosenByValidation { cells.append(cell(row.validation, row.validationHalf)) }
      cells.append(cell(row.test, row.testHalf))
      cells.append(cell(results.difference(row), nil, isSigned: true))
      return cells + [remarks(row)]
    }
    return TextTable(head: head, rows: rows, words: words.union([head.count - 1]))
  }

  /// The best, against the baseline, with as many comparisons as were made.
  private var verdict: String {
    guard let best = results.rows.first, let test = best.test else {
      return "no run has come to its end yet\n"
    }
    let words = plan.words(best.combination)
    var text =
      "best of \(results.rows.count): \(words); test \(score) "
      + "\(fixed(test.mean * scale, digits))\(unit)\n"
    guard let baseline = results.baseline, results.comparisons > 0 else { return text }
    guard baseline.combination != best.combination else {
      let others = results.comparisons
      let were = others == 1 ? "1 other was" : "\(others) others were"
      return text + "that is the baseline; \(were) compared with it\n"
    }
    let count = results.comparisons
    let compared = count == 1 ? "1 comparison" : "\(count) comparisons"
    guard let all = results.difference(best, error: 0.05 / Double(count)), let half = all.half
    else {
      return text + "\(compared) with the baseline were made, with one seed each: chance alone may "
        + "have chosen; use --seeds 3 or more\n"
    }
    let isApart = abs(all.mean) > half
    text +=
      "difference to the baseline (\(plan.words(baseline.combination))) with the same seeds: "
      + "\(signed(all.mean * scale, digits))\(points)\n"
    text +=
      "\(compared) with the baseline were made; with an interval that holds for all of them "
      + "(Bonferroni), ± \(fixed(half * scale, digits)): "
      + (isApart ? "told apart from the baseline" : "not told apart from the baseline") + "\n"
    return text
  }

  private var shares: [Importance] { plan.methods.compactMap { Importance($0.id, results) } }

  private var importance: String {
    let all = shares
    guard !all.isEmpty else { return "" }
    let isSeveral = plan.methods.count > 1
    var rows: [[String]] = []
    for own in all {
      for share in own.shares {
        let groups = share.groups.map { " (in \($0) groups of neighbours)" } ?? ""
        let interval = share.interval.map { range in
          "\(fixed(range.lowerBound * 100, 0)) … \(fixed(range.upperBound * 100, 0))"
        }
        let name = plan.method(own.method)?.name ?? own.method
        rows.append(
          (isSeveral ? [name] : [])
            + [share.id + groups, fixed(share.share * 100, 0), interval ?? "–"]
        )
      }
    }
    let head = (isSeveral ? ["method"] : []) + ["", "share, %", "95 %"]
    let how = seeds > 2 ? " (95 %: jackknife over seeds)" : ""
    let what = "variance of the \(results.isChosenByValidation ? "validation" : "test") \(score)"
    let rest = "explained by each alone\(how); the rest is interactions and chance"
    return "\n" + Self.lines("\(what) \(rest)") + "\n"
      + TextTable(head: head, rows: rows, words: isSeveral ? [0, 1] : [0]).text(.text)
  }

  // MARK: For programs

  private func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  private var numbers: TextTable {
    let head =
      ["method"] + ids + [
        "seeds", "validation_\(score)", "validation_ci95", "test_\(score)", "test_ci95",
        "difference", "difference_ci95", "diverged", "not_ended",
      ]
    let rows = results.rows.map { row in
      let difference = results.difference(row)
      return [row.combination.method]
        + ids.map { id in row.combination.values.first { $0.id == id }?.text ?? "" }
        + [
          String(row.tests.count), number(row.validation?.mean),
          number(row.validation?.half ?? row.validationHalf), number(row.test?.mean),
          number(row.test?.half ?? row.testHalf), number(difference?.mean),
          number(difference?.half),
          String(row.diverged), String(row.missing),
        ]
    }
    return TextTable(head: head, rows: rows)
  }

  private var json: JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    let rows = results.rows.map { row -> JSONValue in
      let difference = results.difference(row)
      return .object([
        JSONField("method", .string(row.combination.method)),
        JSONField(
          "values",
          .object(row.combination.values.map { JSONField($0.id, .string($0.text)) })
        ),
        JSONField("seeds", .integer(row.tests.count)),
        JSONField("validation_\(score)", number(row.validation?.mean)),
        JSONField("validation_ci95", number(row.validation?.half ?? row.validationHalf)),
        JSONField("test_\(score)", number(row.test?.mean)),
        JSONField("test_ci95", number(row.test?.half ?? row.testHalf)),
        JSONField("difference", number(difference?.mean)),
        JSONField("difference_ci95", number(difference?.half)),
        JSONField("diverged", .integer(row.diverged)),
        JSONField("not_ended", .integer(row.missing)),
        JSONField("is_baseline", .bool(row.combination == results.baseline?.combination)),
      ])
    }
    let importance = shares.flatMap { own in
      own.shares.map { share -> JSONValue in
        .object([
          JSONField("method", .string(own.method)),
          JSONField("id", .string(share.id)),
          JSONField("share", .number(share.share)),
          JSONField("low", number(share.interval?.lowerBound)),
          JSONField("high", number(share.interval?.upperBound)),
        ])
      }
    }
    return .object([
      JSONField("sweep", .string(plan.name)),
      JSONField("ordered_by", .string(results.isChosenByValidation ? "validation" : "test")),
      JSONField("comparisons", .integer(results.comparisons)),
      JSONField("rows", .array(rows)),
      JSONField("importance", .array(importance)),
    ])
  }
}
