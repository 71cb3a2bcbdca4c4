import Files
import Glibc
import Recording
import Training

/// What a run's checkpoint does on each of a set of episodes, as files for other programs.
package struct EpisodeExport {
  package enum Table: String, CaseIterable {
    /// Loss and accuracy of every episode at every point of its adaptation.
    case scores
    /// Every query example: what it is, and what the adapted network takes it for.
    case predictions
    /// How often examples of one class were taken for another, over all episodes.
    case confusion
  }

  private let ready: ReadyRun
  private let asked: EpisodeRequest

  package init(
    _ path: String,
    _ asked: EpisodeRequest,
    _ policy: DataPolicy
  ) throws(ConfigurationError) {
    ready = try ReadyRun(path, asked, policy, command: "export")
    self.asked = asked
  }

  /// Refuses what one adapted network says, where several answer together.
  private func checkAnswers() throws(ConfigurationError) {
    guard ready.run.batches != nil else { return }
    throw ConfigurationError(
      .badData,
      "export: \(ready.name.printable): \(ready.run.method.descriptor.name) adapts no weights to an episode, "
        + "and answers by several networks; use --format scores"
    )
  }

  // MARK: Tables

  package func write(_ table: Table, into folder: String) throws(ConfigurationError) {
    if table != .scores { try checkAnswers() }
    let count = try ReadyRun.count(asked, [ready])
    let isClassification = ready.run.distribution.isClassification
    guard table != .confusion || isClassification else {
      throw ConfigurationError(
        .badData,
        "export: \(ready.name.printable): \(ready.run.distribution.name) has no classes to confuse; use "
          + "--format predictions"
      )
    }
    var file = try ExportFile("\(folder)/\(ready.name)-\(table.rawValue).csv")
    switch table {
    case .scores: try writeScores(count, into: &file)
    case .predictions: try writePredictions(count, into: &file)
    case .confusion: try writeConfusion(count, into: &file)
    }
    try file.finish()
    complain("metatop: written \(file.path.printable)")
  }

  private func writeScores(
    _ count: Int,
    into file: inout ExportFile
  ) throws(ConfigurationError) {
    let scored = try ready.score(episodes: count, steps: nil, seed: asked.seed)
    let scores = scored.scores
    try file.append(cells: ["episode", "inner_steps", "loss", "accuracy"])
    for episode in 0..<count {
      for (place, steps) in scores.points.enumerated() {
        let accuracy = scores.accuracies.isEmpty ? "" : Self.text(scores.accuracies[place][episode])
        try file.append(cells: [
          "\(episode + 1)", "\(steps)", Self.text(scores.losses[place][episode]), accuracy,
        ])
      }
    }
  }

  private func writePredictions(
    _ count: Int,
    into file: inout ExportFile
  ) throws(ConfigurationError) {
    let episodes = try episodes()
    let outputs = ready.run.model.outputCount
    let isClassification = ready.run.distribution.isClassification
    let columns =
      isClassification
      ? ["class", "predicted", "right"]
        + (0..<outputs).flatMap { ["name_\($0)", "probability_\($0)"] }
      : (0..<outputs).flatMap { ["target_\($0)", "prediction_\($0)"] }
    try file.append(cells: ["episode", "query", "example"] + columns)
    for episode in 0..<count {
      let answers = episodes.answers(episode)
      for (place, output) in answers.outputs.enumerated() {
        let head = ["\(episode + 1)", "\(place + 1)", answers.examples?[place] ?? ""]
        try file.append(cells: head + Self.cells(answers, place, output))
      }
    }
  }

  private static func cells(
    _ answers: CheckpointEpisodes.Answers,
    _ place: Int,
    _ output: [Float]
  ) -> [String] {
    guard let classes = answers.classes else {
      return zip(answers.targets[place], output).flatMap { [text($0), text($1)] }
    }
    let (own, predicted) = (largest(answers.targets[place]), largest(output))
    let shares = softmax(output)
    return [classes[own], classes[predicted], own == predicted ? "1" : "0"]
      + zip(classes, shares).flatMap { [$0, text($1)] }
  }

  private func writeConfusion(
    _ count: Int,
    into file: inout ExportFile
  ) throws(ConfigurationError) {
    let episodes = try episodes()
    var counts: [String: [String: Int]] = [:]
    for episode in 0..<count {
      let answers = episodes.answers(episode)
      guard let classes = answers.classes else { continue }
      for (target, output) in zip(answers.targets, answers.outputs) {
        let (own, predicted) = (classes[Self.largest(target)], classes[Self.largest(output)])
        counts[own, default: [:]][predicted, default: 0] += 1
      }
    }
    try file.append(cells: ["class", "predicted", "count", "share"])
    for (own, row) in counts.sorted(by: { $0.key < $1.key }) {
      let total = row.values.reduce(0, +)
      for (predicted, count) in row.sorted(by: { $0.key < $1.key }) {
        let share = Double(count) / Double(total)
        try file.append(cells: [own, predicted, "\(count)", "\(share)"])
      }
    }
  }

  // MARK: Weights

  /// One file for each episode, which are counted from 1.
  package func writeAdapted(
    _ numbers: [String],
    into folder: String
  ) throws(ConfigurationError) {
    try checkAnswers()
    let limit = ready.run.heldOut?.count ?? 1_000_000
    guard !numbers.isEmpty else {
      throw ConfigurationError(
        .usage,
        "--adapted: says for no episode; name some, counted from 1, as in --episode 1 2 3"
      )
    }
    let wanted = try numbers.map { (text) throws(ConfigurationError) in
      try EpisodeRequest.whole("episode", text, 1...limit) ?? 1
    }
    let episodes = try episodes()
    for number in wanted {
      let weights = episodes.adaptedWeights(number - 1)
      var file = try ExportFile("\(folder)/\(ready.name)-episode-\(number).safetensors")
      try file.append(weights.encoded())
      try file.finish()
      complain("metatop: written \(file.path.printable)")
    }
  }

  private func episodes() throws(ConfigurationError) -> CheckpointEpisodes {
    do throws(SafetensorsError) {
      return try ready.episodes(seed: asked.seed)
    } catch {
      throw ConfigurationError(.badData, "export: \(error)")
    }
  }

  // MARK: Numbers

  private static func text(_ number: Float) -> String { number.isFinite ? "\(number)" : "nan" }

  private static func largest(_ row: [Float]) -> Int {
    row.indices.max { row[$0] < row[$1] } ?? 0
  }

  private static func softmax(_ logits: [Float]) -> [Float] {
    let largest = logits.max() ?? 0
    let shares = logits.map { expf($0 - largest) }
    let sum = shares.reduce(0, +)
    return shares.map { $0 / sum }
  }
}
