import Files
import Foundation
import Kernels
import Testing

@testable import Tasks

/// Families of functions: their values, their ranges, and what every task of numbers keeps.
@Suite struct FunctionTaskTests {
  private static let seed: UInt64 = 17
  private static let tasks: [any TaskDistribution] = [
    FunctionTask<CosMixture>(), FunctionTask<Alpine>(), FunctionTask<Harmonics>(),
    FunctionTask<Steps>(),
  ]

  private struct Sample {
    var supportInputs: [Float]
    var supportTargets: [Float]
    var queryInputs: [Float]
    var queryTargets: [Float]
  }

  private func sample(
    _ task: any TaskDistribution,
    _ index: UInt64,
    split: MetaSplit = .metaTrain,
    shot: Int = 10,
    query: Int = 15,
    points: UInt64? = nil,
    at offset: Int = 0
  ) -> Sample {
    let layout = task.layout(shot: shot, queryShot: query)
    let buffer = AlignedBuffer([Float](repeating: 77, count: layout.count + offset + 16))
    let stream = RandomStream(seed: Self.seed).split(index)
    let other = points.map { RandomStream(seed: Self.seed).split($0) } ?? stream
    task.sample(split, layout, task: stream, stream: other, into: buffer, at: offset)
    #expect(
      buffer.values(layout.count + offset..<layout.count + offset + 16).allSatisfy { $0 == 77 }
    )
    #expect(buffer.values(0..<offset).allSatisfy { $0 == 77 })
    let count = layout.inputShape[0]
    func part(_ start: Int, _ count: Int) -> [Float] {
      buffer.values(offset + start..<offset + start + count)
    }
    return Sample(
      supportInputs: part(layout.supportInputs, shot * count),
      supportTargets: part(layout.supportTargets, shot),
      queryInputs: part(layout.queryInputs, query * count),
      queryTargets: part(layout.queryTargets, query)
    )
  }

  @Test("Each has its manifest, its name and defaults", arguments: [0, 1, 2, 3])
  func manifests(_ place: Int) throws {
    let task = Self.tasks[place]
    let made = try TaskCatalog.make(name: task.name, way: nil, roots: [])
    #expect(made.name == task.name && made.kind == .numbers && !made.isClassification)
    let entry = try DatasetLibrary(roots: []).entry(task.name)
    #expect(entry.manifest?.isGenerated == true && entry.manifest?.source.isEmpty == false)
    var options = DataOptions()
    options.imageSize = 28
    #expect(throws: DatasetError.self) {
      _ = try TaskCatalog.make(name: task.name, way: nil, roots: [], options: options)
    }
  }

  @Test(
    "The same stream is the same episode, wherever; sizes and splits keep apart",
    arguments: [0, 1, 2, 3]
  )
  func streams(_ place: Int) {
    let task = Self.tasks[place]
    let first = sample(task, 1)
    #expect(sample(task, 1, at: 32).queryTargets == first.queryTargets)
    let larger = sample(task, 1, query: 40)
    #expect(
      larger.supportInputs == first.supportInputs && larger.supportTargets == first.supportTargets
    )
    #expect(Array(larger.queryInputs.prefix(first.queryInputs.count)) == first.queryInputs)
    #expect(sample(task, 2).supportInputs != first.supportInputs)
    #expect(sample(task, 1, split: .metaTest).supportInputs != first.supportInputs)
    #expect(Set(first.supportInputs).isDisjoint(with: first.queryInputs))
    // Other points of the same function: equal inputs would have equal values.
    let again = sample(task, 1, points: 9)
    #expect(again.supportInputs != first.supportInputs)
  }

  @Test func cosineMixturesAreTheFormulas() {
    for index: UInt64 in 0..<200 {
      var draws = RandomDraws(
        RandomStream(seed: Self.seed).split(index).split(MetaSplit.metaTrain.rawValue).split(0)
      )
      let (a, w, p) = (draws.uniform(0.1, 1), draws.uniform(.pi / 2, 2 * .pi), draws.uniform(3, 6))
      let episode = sample(FunctionTask<CosMixture>(), index)
      for place in episode.supportTargets.indices {
        let x: [Double] = [0, 1].map { Double(episode.supportInputs[2 * place + $0]) }
        #expect(x.allSatisfy { abs($0) <= 1 })
        let waves: [Double] = x.map { 0.1 * Double(a) * cos(Double(w) * $0 + Double(p)) + $0 * $0 }
        let error = Double(episode.supportTargets[place]) + waves[0] + waves[1]
        #expect(abs(error) < 1e-5, "seed \(Self.seed)")
      }
    }
  }

  @Test func alpineIsBetweenZeroAndTwentyTwo() {
    var largest: Float = 0
    for index: UInt64 in 0..<200 {
      let episode = sample(FunctionTask<Alpine>(), index)
      #expect(episode.supportInputs.allSatisfy { abs($0) <= 10 })
      #expect(episode.supportTargets.allSatisfy { $0 >= 0 && $0 <= 22 })
      largest = max(largest, episode.supportTargets.max() ?? 0)
    }
    #expect(largest > 14)
    // Phases of 0: |x sin x + 0.1 x| at π/2 is 1.1 π/2.
    var draws = RandomDraws(RandomStream(seed: 1))
    let end = 5 * Float.pi / 12
    let phase = draws.uniform(-end, end)
    draws = RandomDraws(RandomStream(seed: 1))
    let value = Alpine(&draws).term(.pi / 2 - phase, 0)
    #expect(abs(value - 1.1 * (.pi / 2 - phase)) < 1e-5)
  }

  /// Over many tasks the constant 0 has an error of 1, and inputs lie where their windows are.
  @Test func harmonicsHaveVarianceOne() {
    var (sum, count, spread) = (0.0, 0.0, 0.0)
    for index: UInt64 in 0..<2_000 {
      let episode = sample(FunctionTask<Harmonics>(), index)
      for target in episode.queryTargets { sum += Double(target * target) }
      count += Double(episode.queryTargets.count)
      var total: Float = 0
      for x in episode.queryInputs { total += x }
      let mean = total / Float(episode.queryInputs.count)
      for x in episode.queryInputs { spread += Double((x - mean) * (x - mean)) }
    }
    #expect(abs(sum / count - 1) < 0.1)
    #expect(abs(spread / count - 14.0 / 15) < 0.03)
  }

  @Test func stepsAreConstantBetweenThreeJumps() {
    for index: UInt64 in 0..<200 {
      let episode = sample(FunctionTask<Steps>(), index, query: 200)
      let points = zip(episode.queryInputs, episode.queryTargets).sorted { $0.0 < $1.0 }
      var changes = 0
      for place in 1..<points.count where points[place].1 != points[place - 1].1 { changes += 1 }
      #expect(changes <= 3 && Set(points.map(\.1)).count <= 4)
      #expect(points.allSatisfy { abs($0.0) <= 5 && abs($0.1) <= 5 })
    }
  }
}
