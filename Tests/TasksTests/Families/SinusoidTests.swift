import Foundation
import Kernels
import Testing

@testable import Tasks

/// One sampled episode, taken apart.
private struct Sample {
  let supportInputs: [Float]
  let supportTargets: [Float]
  let queryInputs: [Float]
  let queryTargets: [Float]
  let amplitude: Double
  let phase: Double

  init(
    _ split: MetaSplit = .metaTrain,
    shot: Int,
    queryShot: Int,
    stream: RandomStream,
    at: Int = 0
  ) {
    let layout = Sinusoid().layout(shot: shot, queryShot: queryShot)
    let buffer = AlignedBuffer(count: layout.count + at)
    Sinusoid().sample(split, layout, stream: stream, into: buffer, at: at)
    func part(_ offset: Int, _ count: Int) -> [Float] {
      buffer.values(at + offset..<at + offset + count)
    }
    supportInputs = part(layout.supportInputs, shot)
    supportTargets = part(layout.supportTargets, shot)
    queryInputs = part(layout.queryInputs, queryShot)
    queryTargets = part(layout.queryTargets, queryShot)
    (amplitude, phase) = Self.fit(supportInputs, supportTargets)
  }

  /// y = A cos p · sin x − A sin p · cos x, by least squares.
  private static func fit(_ x: [Float], _ y: [Float]) -> (Double, Double) {
    var (ss, sc, cc, sy, cy) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(x, y) {
      let (s, c) = (sin(Double(x)), cos(Double(x)))
      ss += s * s
      sc += s * c
      cc += c * c
      sy += s * Double(y)
      cy += c * Double(y)
    }
    let determinant = ss * cc - sc * sc
    let (a, b) = ((sy * cc - cy * sc) / determinant, (cy * ss - sy * sc) / determinant)
    return ((a * a + b * b).squareRoot(), atan2(-b, a))
  }
}

@Suite struct SinusoidTests {
  private static let seed: UInt64 = 41

  private func stream(_ index: Int) -> RandomStream {
    RandomStream(seed: Self.seed).split(UInt64(index))
  }

  @Test func wavesAreThoseOfThePaper() {
    var (amplitudes, phases, inputs): ([Double], [Double], [Float]) = ([], [], [])
    for index in 0..<400 {
      let sample = Sample(shot: 10, queryShot: 15, stream: stream(index))
      amplitudes.append(sample.amplitude)
      phases.append(sample.phase)
      inputs += sample.supportInputs + sample.queryInputs
      let all = zip(
        sample.supportInputs + sample.queryInputs,
        sample.supportTargets + sample.queryTargets
      )
      for (x, y) in all {
        let exact = sample.amplitude * sin(Double(x) - sample.phase)
        #expect(abs(Double(y) - exact) < 1e-4, "episode \(index), seed \(Self.seed)")
      }
    }
    #expect(amplitudes.allSatisfy { $0 > 0.0999 && $0 < 5.0001 })
    #expect(phases.allSatisfy { $0 > -1e-3 && $0 < .pi + 1e-3 })
    #expect(inputs.allSatisfy { $0 >= -5 && $0 < 5 })
    // The ranges are used to their ends, and evenly.
    expectSpread(amplitudes, 0.1...5)
    expectSpread(phases, 0...Double.pi)
    expectSpread(inputs.map { Double($0) }, -5...5)
  }

  /// Uniform over the range: the ends are near, the mean within five standard errors.
  private func expectSpread(_ values: [Double], _ range: ClosedRange<Double>) {
    let width = range.upperBound - range.lowerBound
    #expect((values.min() ?? .infinity) < range.lowerBound + 0.05 * width)
    #expect((values.max() ?? -.infinity) > range.upperBound - 0.05 * width)
    let mean = values.reduce(0, +) / Double(values.count)
    let middle = (range.lowerBound + range.upperBound) / 2
    let error = width / 12.0.squareRoot() / Double(values.count).squareRoot()
    #expect(abs(mean - middle) < 5 * error)
  }

  @Test func sameStreamGivesTheSameEpisodeAnywhere() {
    let first = Sample(shot: 7, queryShot: 9, stream: stream(1))
    let again = Sample(shot: 7, queryShot: 9, stream: stream(1), at: 48)
    #expect(first.supportInputs == again.supportInputs)
    #expect(first.supportTargets == again.supportTargets)
    #expect(first.queryInputs == again.queryInputs && first.queryTargets == again.queryTargets)
    let other = Sample(shot: 7, queryShot: 9, stream: stream(2))
    #expect(first.supportInputs != other.supportInputs)
    #expect(abs(first.amplitude - other.amplitude) > 1e-3)
  }

  /// More query examples ask more about the same wave.
  @Test(arguments: [5, 10, 16, 17])
  func supportDoesNotDependOnTheQuerySize(shot: Int) {
    let small = Sample(shot: shot, queryShot: 2, stream: stream(3))
    for queryShot in [10, 16, 40, 100] {
      let large = Sample(shot: shot, queryShot: queryShot, stream: stream(3))
      #expect(large.supportInputs == small.supportInputs, "\(queryShot)")
      #expect(large.supportTargets == small.supportTargets, "\(queryShot)")
      #expect(Array(large.queryInputs[..<2]) == small.queryInputs, "\(queryShot)")
      #expect(Array(large.queryTargets[..<2]) == small.queryTargets, "\(queryShot)")
    }
  }

  @Test func splitsAndSetsDiffer() {
    let splits = [MetaSplit.metaTrain, .metaValidation, .metaTest].map {
      Sample($0, shot: 10, queryShot: 10, stream: stream(4))
    }
    #expect(Set(splits.map(\.supportInputs)).count == 3)
    #expect(Set(splits.map { ($0.amplitude * 1e4).rounded() }).count == 3)
    for split in splits { #expect(Set(split.supportInputs).isDisjoint(with: split.queryInputs)) }
  }

  /// What lies before and behind an episode is another's.
  @Test func episodeStaysWithinItsMemory() {
    for (shot, queryShot) in [(1, 1), (10, 10), (16, 16), (5, 100)] {
      let layout = Sinusoid().layout(shot: shot, queryShot: queryShot)
      let buffer = AlignedBuffer([Float](repeating: 77, count: layout.count + 64))
      Sinusoid().sample(.metaTrain, layout, stream: stream(5), into: buffer, at: 32)
      let outside = buffer.values(0..<32) + buffer.values(layout.count + 32..<layout.count + 64)
      #expect(outside.allSatisfy { $0 == 77 })
    }
  }
}
