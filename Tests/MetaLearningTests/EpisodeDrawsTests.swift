import Autodiff
import Kernels
import Models
import Tasks
import Testing

@testable import MetaLearning

/// Random numbers that a method asks for by name.
@Suite struct EpisodeDrawsTests {
  private func trace(_ draws: DrawLayout = DrawLayout()) throws -> EpisodeTrace {
    try MethodStage(MAML()).setup.trace(MethodStage(MAML()).values, draws: draws)
  }

  private func make(_ draw: EpisodeDraw, seed: UInt64) -> [Float] {
    var numbers = [Float](repeating: .nan, count: draw.shape.count)
    var stream = RandomDraws(draw.labels.reduce(RandomStream(seed: seed)) { $0.split($1) })
    draw.make(&stream, setting: { _ in 0.25 }, write: { numbers[$0 - draw.offset] = $1 })
    return numbers
  }

  @Test func aNameIsOnePlaceInWhateverOrder() throws {
    let layout = DrawLayout()
    let first = try trace(layout)
    let lambda = first.draw("lambda", .uniform, .scalar)
    let order = first.permutation("order", of: 3)
    #expect(lambda.id == first.draw("lambda", .uniform, .scalar).id)
    #expect(lambda.id != order.id)
    // Another graph asks the other way round, and for more.
    let second = try trace(layout)
    _ = second.draw("late", .uniform, [40])
    _ = second.permutation("order", of: 3)
    _ = second.draw("lambda", .uniform, .scalar)
    let items = layout.draws.items
    #expect(items.map(\.key.name) == ["lambda", "order", "late"])
    #expect(items.map(\.offset) == [0, 16, 32])
    #expect(layout.draws.count == 80 && layout.draws.normalCount == 0)
  }

  @Test func passesAndSamplesAreApart() throws {
    let trace = try trace()
    for pass in [Pass.query, .support(step: 0), .support(step: 1), .evaluation(sample: 0)] {
      for sample in 0..<2 { _ = trace.draw("a", .uniform, [8], for: pass, sample: sample) }
    }
    let numbers = trace.draws.draws.items.map { make($0, seed: 1) }
    #expect(numbers.count == 8 && Set(numbers).count == 8)
    #expect(numbers == trace.draws.draws.items.map { make($0, seed: 1) })
    #expect(Set(numbers).isDisjoint(with: trace.draws.draws.items.map { make($0, seed: 2) }))
  }

  /// Normal numbers lie where they lay when there were no others, if they were asked for first.
  @Test func normalNumbersKeepTheirPlaces() throws {
    let trace = try trace()
    _ = trace.normal([5, 6], for: .support(step: 0), site: 0)
    _ = trace.draw("lambda", .uniform, .scalar)
    #expect(trace.draws.draws.normalCount == 32 && trace.draws.draws.count == 48)
    // No file has numbers without a name.
    #expect(trace.draws.draws.items.map(\.key.name) == ["lambda"])
  }

  @Test func distributionsGiveWhatTheySay() throws {
    let trace = try trace()
    _ = trace.draw("uniform", .uniform, [500])
    _ = trace.draw("rare", .bernoulli(.number(0.1)), [500])
    _ = trace.draw("quarter", .bernoulli(.setting("inner-lr")), [500])
    _ = trace.draw("choice", .choice, [200, 4])
    _ = trace.permutation("order", of: 50)
    _ = trace.draw("beta", .beta(.number(2), .number(2)), [500])
    let all = trace.draws.draws.items.map { make($0, seed: 3) }
    for (draw, numbers) in zip(trace.draws.draws.items, all) {
      guard draw.distribution != .permutation, draw.distribution != .choice else { continue }
      #expect(draw.accepts(numbers[...]), "\(draw.key.name)")
    }
    #expect(abs(all[0].reduce(0, +) / 500 - 0.5) < 0.07)
    #expect((20...90).contains(all[1].reduce(0, +)), "seed 3")
    #expect((80...170).contains(all[2].reduce(0, +)), "the setting is 0.25, seed 3")
    for column in 0..<4 {
      let share = (0..<200).reduce(Float(0)) { $0 + all[3][$1 * 4 + column] }
      #expect((20...80).contains(share), "seed 3")
    }
    for row in 0..<50 {
      let (ones, others) = (
        all[4][row * 50..<(row + 1) * 50].reduce(0, +),
        (0..<50).reduce(Float(0)) { $0 + all[4][$1 * 50 + row] }
      )
      #expect(ones == 1 && others == 1)
    }
  }

  @Test func filesNameThePlacesOfOnes() throws {
    let trace = try trace()
    _ = trace.permutation("order", of: 3)
    _ = trace.draw("maps", .normal, [2, 4, 5, 3], for: .support(step: 1))
    let (order, maps) = (trace.draws.draws.items[0], trace.draws.draws.items[1])
    #expect(order.storedShape == [3] && order.innerStep == nil)
    #expect(maps.storedShape == [2, 3, 4, 5] && maps.innerStep == 1)
    var numbers = [Float](repeating: .nan, count: 9)
    order.take({ [2, 0, 1][$0] }, write: { numbers[$0 - order.offset] = $1 })
    #expect(numbers == [0, 0, 1, 1, 0, 0, 0, 1, 0])
    #expect(order.accepts([2, 0, 1]) && !order.accepts([2, 0, 2]) && !order.accepts([0, 1, 3]))
    #expect(!order.accepts([0, 1, .nan]))
  }

  @Test func aMatrixChoosesExamples() throws {
    let trace = try trace()
    let images = trace.graph.table((0..<12).map(Double.init), [3, 2, 2, 1])
    let chosen = images.chosen(by: trace.graph.table([0, 0, 1, 1, 0, 0], [2, 3]))
    #expect(chosen.shape == [2, 2, 2, 1])
    let oracle = try MethodStage(MAML()).oracle(for: trace.graph)
    #expect(oracle.values(of: [chosen])[0] == [8, 9, 10, 11, 0, 1, 2, 3])
  }
}
