import Files
import Kernels

/// Regression on one's own series: each task a table of points, inputs and output standardised by those
/// of meta-training.
package struct SeriesTask: TaskDistribution {
  /// A number's place and spread in meta-training.
  package struct Scale: Sendable, Equatable {
    package let mean: Double
    /// Standard deviation; 1 where all numbers are one.
    package let deviation: Double

    init(_ numbers: [Double]) {
      let count = Double(max(numbers.count, 1))
      let mean = numbers.reduce(0) { $0 + $1 / count }
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }
      self.mean = mean
      deviation = variance > 0 && variance.isFinite ? variance.squareRoot() : 1
    }
  }

  package static let prefix = "series:"
  /// Support and query examples where nothing is said.
  package static let usualShot = 10
  package static let usualQuery = 10

  package let name: String
  package let path: String
  package let kind = TaskKind.numbers
  package let isClassification = false
  /// What the columns of inputs are called.
  package let inputs: [String]
  /// Of each input, then of y.
  package let scales: [Scale]
  package let notes: [String]
  package let digest: DataDigest?
  let series: [SeriesTable.Series]
  /// Each split's tasks, by `MetaSplit`'s order.
  let parts: [[Int]]
  /// Row after row as they are trained on.
  private let values: [[Float]]

  package init(path: String, options: DataOptions = DataOptions()) throws(DatasetError) {
    let table = try SeriesTable(reading: path)
    let width = table.width
    var notes: [String] = []
    var series = table.series
    if options.smallClasses == .leaveOut {
      let fitting = series.filter { $0.numbers.count / width >= options.leastImages }
      if fitting.count < series.count {
        notes.append(
          "\(series.count - fitting.count) of \(series.count) tasks have fewer than "
            + "\(options.leastImages) points and are left out"
        )
      }
      series = fitting
    }
    parts = try Self.parts(series, path, &notes)
    let trained = parts[0].map { series[$0].numbers }
    let scales = (0..<width).map { column in
      Scale(
        trained.flatMap { numbers in
          stride(from: column, to: numbers.count, by: width).map { numbers[$0] }
        }
      )
    }
    let output = scales[width - 1]
    notes.append(
      "inputs and y are standardised by meta-train's means and deviations; a loss is in squares of y's "
        + "deviation, \(output.deviation.short)"
    )
    values = series.map { one in
      one.numbers.enumerated().map { place, number in
        let scale = scales[place % width]
        return Float((number - scale.mean) / scale.deviation)
      }
    }
    (self.path, self.series, self.scales, self.notes) = (path, series, scales, notes)
    name = Self.prefix + path
    inputs = table.inputs
    digest = DataDigest(
      classes: series.count,
      images: series.reduce(0) { $0 + $1.numbers.count / width },
      sha256: table.sha256
    )
  }

  package var defaults: TaskDefaults {
    .functions(
      shot: Self.usualShot,
      query: Self.usualQuery,
      steps: 10_000,
      metaBatch: 4,
      evaluateEvery: 500,
      width: 40
    )
  }

  private var width: Int { scales.count }
  package var byteCount: Int { values.reduce(0) { $0 + $1.count * 4 } }

  /// Points of a task.
  package func pointCount(_ task: Int) -> Int { values[task].count / width }

  /// Every task's name, split and number of points.
  package var tasks: [(name: String, split: MetaSplit, points: Int)] {
    zip(MetaSplit.allCases, parts).flatMap { split, members in
      members.map { (series[$0].name, split, pointCount($0)) }
    }
  }

  // MARK: Splits

  /// As a column says; what is missing is held out of meta-training by lot, and all of it where none says
  /// anything: 64, 16 and 20 of a hundred, at least one each.
  private static func parts(
    _ series: [SeriesTable.Series],
    _ path: String,
    _ notes: inout [String]
  ) throws(DatasetError) -> [[Int]] {
    guard series.count >= 3 else {
      throw DatasetError(
        path: path,
        reason:
          "has \(series.count) usable task\(series.count == 1 ? "" : "s"); three are the least, one "
          + "for each split"
      )
    }
    func order(_ members: [Int], _ label: UInt64) -> [Int] {
      var draws = RandomDraws(RandomStream(seed: 0).split(label))
      return draws.sample(members.count, below: members.count).map { members[$0] }
    }
    guard series.contains(where: { $0.part != nil }) else {
      let all = order(Array(series.indices), 1)
      let test = max((all.count * 20 + 50) / 100, 1)
      let validation = max((all.count * 16 + 50) / 100, 1)
      notes.append("its tasks are parted by lot")
      let train = all.count - test - validation
      return [
        all[..<train].sorted(), all[train..<train + validation].sorted(),
        all[(train + validation)...].sorted(),
      ]
    }
    var parts = MetaSplit.allCases.map { split in series.indices.filter { series[$0].part == split }
    }
    for index in 1..<parts.count where parts[index].isEmpty {
      let held = max(parts[0].count / 6, 1)
      guard parts[0].count > held else {
        throw DatasetError(
          path: path,
          reason:
            "has no tasks for \(MetaSplit.allCases[index].title) and too few in train to hold one "
            + "out; name more"
        )
      }
      let drawn = order(parts[0], UInt64(index) + 1)
      parts[index] = drawn[..<held].sorted()
      parts[0] = drawn[held...].sorted()
      notes.append(
        "\(held) of train's tasks are held out by lot for \(MetaSplit.allCases[index].title)"
      )
    }
    guard !parts[0].isEmpty else {
      throw DatasetError(path: path, reason: "has no tasks of the split train; name some")
    }
    return parts
  }

  // MARK: Episodes

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: shot,
      queryCount: queryShot,
      inputShape: [inputs.count],
      targetCount: 1
    )
  }

  /// There are no more points than were measured.
  package func evaluationQuery(_ queryShot: Int) -> Int { queryShot }

  package func obstacle(shot: Int, queryShot: Int) -> DatasetError? {
    let small = values.indices.filter { pointCount($0) < shot + queryShot }
    guard let least = small.min(by: { pointCount($0) < pointCount($1) }) else { return nil }
    let others = small.count == 1 ? "" : " (\(small.count) tasks have too few)"
    return DatasetError(
      path: path,
      reason:
        "task \(series[least].name) has \(pointCount(least)) points, and an episode draws \(shot) + "
        + "\(queryShot)\(others); use a smaller --shot or --query, or --small-classes leave-out"
    )
  }

  /// Different points of one task: the support set does not depend on how many are asked of it later.
  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    task: RandomStream,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    let members = parts[MetaSplit.allCases.firstIndex(of: split) ?? 0]
    var lot = RandomDraws(task.split(split.rawValue).split(0))
    let chosen = members[lot.index(below: members.count)]
    var draws = RandomDraws(stream.split(split.rawValue).split(1))
    let points = draws.different(layout.supportCount + layout.queryCount, below: pointCount(chosen))
    let numbers = values[chosen]
    let count = inputs.count
    for (place, point) in points.enumerated() {
      let isSupport = place < layout.supportCount
      let index = isSupport ? place : place - layout.supportCount
      let start = offset + (isSupport ? layout.supportInputs : layout.queryInputs) + index * count
      for axis in 0..<count { buffer[start + axis] = numbers[point * width + axis] }
      let target = isSupport ? layout.supportTargets : layout.queryTargets
      buffer[offset + target + index] = numbers[point * width + count]
    }
  }

  /// The task that `sample` chooses for the same stream.
  package func taskName(_ split: MetaSplit, stream: RandomStream) -> String {
    let members = parts[MetaSplit.allCases.firstIndex(of: split) ?? 0]
    var lot = RandomDraws(stream.split(split.rawValue).split(0))
    return series[members[lot.index(below: members.count)]].name
  }
}

extension RandomDraws {
  /// `count` different whole numbers below `limit`; one after the other where those are few of many.
  fileprivate mutating func different(_ count: Int, below limit: Int) -> [Int] {
    guard limit > 4_096, limit > 16 * count else { return Array(sample(count, below: limit)) }
    var seen: Set<Int> = []
    var chosen: [Int] = []
    while chosen.count < count {
      let next = index(below: limit)
      if seen.insert(next).inserted { chosen.append(next) }
    }
    return chosen
  }
}
