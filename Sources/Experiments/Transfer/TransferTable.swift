import Events
import Files
import Recording

/// What a transfer found: for each arm and size of training set the accuracy over seeds.
package struct TransferTable {
  package enum Format: String, CaseIterable {
    case text, csv, markdown, json
  }

  package let plan: TransferPlan
  package let results: [RunPool.Result?]

  package init(plan: TransferPlan, results: [RunPool.Result?]) {
    self.plan = plan
    self.results = results
  }

  private var sizes: [Int] { plan.options.images }

  /// Values of one cell of the table, by seed.
  private func values(
    _ arm: Int,
    _ images: Int,
    _ value: (RunPool.Result) -> Float?
  ) -> [UInt64: Double] {
    var values: [UInt64: Double] = [:]
    for (cell, result) in zip(plan.cells, results) where cell.arm == arm && cell.images == images {
      if let number = result.flatMap(value) { values[cell.seed] = Double(number) * 100 }
    }
    return values
  }

  private func mean(_ arm: Int, _ images: Int) -> SeedMean? {
    SeedMean(Array(values(arm, images) { $0.test?.accuracy }.values))
  }

  /// The difference to the first arm, seed by seed.
  private func difference(_ arm: Int, _ images: Int) -> SeedMean? {
    let (own, base) = (
      values(arm, images) { $0.test?.accuracy }, values(0, images) { $0.test?.accuracy }
    )
    return SeedMean(own.compactMap { seed, value in base[seed].map { value - $0 } })
  }

  package func text(_ format: Format) -> String {
    switch format {
    case .text: table + "\n" + curves + samples
    case .csv: csv
    case .markdown: markdown
    case .json: String(decoding: json.encoded(), as: UTF8.self)
    }
  }

  // MARK: For people

  private var caption: String {
    let seeds = plan.options.seeds
    let interval = seeds > 1 ? "; ± is the 95 % interval over \(seeds) seeds (Student)" : ""
    let run = plan.runs[0]
    let split = run.description(id: .init(0)).task.splitNote.map { " (\($0))" } ?? ""
    return "test accuracy in %, \(plan.options.classes) held-out classes of "
      + "\(run.distribution.name)\(split), \(run.model.name), \(run.totalSteps) steps\(interval)"
  }

  private var rows: [[String]] {
    plan.arms.indices.map { arm in
      [plan.arms[arm].descriptor.name] + sizes.map { mean(arm, $0)?.text ?? "–" }
    }
  }

  private var differences: [[String]] {
    guard plan.arms.count > 1 else { return [] }
    return plan.arms.indices.dropFirst().map { arm in
      [plan.arms[arm].descriptor.name] + sizes.map { difference(arm, $0)?.signedText ?? "–" }
    }
  }

  private var head: [String] { ["arm"] + sizes.map { "\($0) images a class" } }

  private var table: String {
    let base = plan.arms[0].descriptor.name
    var text = caption + "\n\n" + TextTable(head: head, rows: rows).text(.text)
    if !differences.isEmpty {
      text +=
        "\ndifference to \(base) with the same seeds, in points\n\n"
        + TextTable(head: head, rows: differences).text(.text)
    }
    return text
  }

  /// Accuracy while training, over seeds.
  private var curves: String {
    var text = ""
    for images in sizes {
      let steps = results.compactMap { $0 }.first?.curve.map(\.step) ?? []
      guard steps.count > 1 else { continue }
      let rows = plan.arms.indices.map { arm in
        [plan.arms[arm].descriptor.name]
          + steps.map { step in
            let values = values(arm, images) { result in
              result.curve.first { $0.step == step }?.accuracy
            }
            return SeedMean(Array(values.values)).map { fixed($0.mean, 1) } ?? "–"
          }
      }
      let head = ["at step"] + steps.map(String.init)
      text +=
        "accuracy while training on \(images) images a class, in %\n\n"
        + TextTable(head: head, rows: rows).text(.text) + "\n"
    }
    return text
  }

  /// Accuracy by how many draws a prediction averages, for arms with noise.
  private var samples: String {
    var text = ""
    for images in sizes {
      let noisy = plan.arms.indices.filter { plan.arms[$0].regularizer.isNoisy }
      let counts =
        zip(plan.cells, results).first { cell, _ in noisy.contains(cell.arm) }?.1?
        .test?.accuracyBySamples.map(\.samples) ?? []
      guard !counts.isEmpty else { continue }
      let rows = noisy.map { arm in
        [plan.arms[arm].descriptor.name]
          + counts.map { count in
            let values = values(arm, images) { result in
              result.test?.accuracyBySamples.first { $0.samples == count }?.accuracy
            }
            return SeedMean(Array(values.values)).map { fixed($0.mean, 1) } ?? "–"
          }
      }
      text +=
        "accuracy by noise draws of a prediction (S), \(images) images a class, in %\n\n"
        + TextTable(head: ["S"] + counts.map(String.init), rows: rows).text(.text) + "\n"
    }
    return text
  }

  // MARK: For programs

  private var markdown: String {
    caption + "\n\n" + TextTable(head: head, rows: rows).text(.markdown)
  }

  private var csv: String {
    var lines = ["arm,images,seed,step,samples,accuracy,loss,is_test"]
    for (cell, result) in zip(plan.cells, results) {
      let arm = plan.arms[cell.arm].descriptor.id
      for report in result?.reports ?? [] {
        let samples = report.accuracyBySamples.last?.samples ?? 1
        lines.append(
          "\(arm),\(cell.images),\(cell.seed),\(report.step),\(samples),"
            + "\(report.accuracy ?? .nan),\(report.loss),\(report.isMetaTest ? 1 : 0)"
        )
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var json: JSONValue {
    .array(
      plan.arms.indices.flatMap { arm in
        sizes.map { images in
          let own = mean(arm, images)
          let fields = [
            JSONField("arm", .string(plan.arms[arm].descriptor.id)),
            JSONField("images", .integer(images)),
            JSONField("seeds", .integer(own?.count ?? 0)),
            JSONField("accuracy", own.map { .number($0.mean) } ?? .null),
            JSONField("ci95", own?.half.map { .number($0) } ?? .null),
            JSONField("difference", difference(arm, images).map { .number($0.mean) } ?? .null),
            JSONField(
              "difference_ci95",
              difference(arm, images)?.half.map { .number($0) } ?? .null
            ),
          ]
          return .object(fields)
        }
      }
    )
  }
}

extension RunPool.Result {
  /// The score at the end, with many draws.
  package var test: ValidationReport? { reports.last { $0.isMetaTest } }
  var curve: [ValidationReport] { reports.filter { !$0.isMetaTest } }
}

extension SeedMean {
  package var text: String { fixed(mean, 2) + (half.map { " ± " + fixed($0, 2) } ?? "") }
  var signedText: String { (mean >= 0 ? "+" : "") + text }
}
