import Foundation
import Testing

@testable import Kernels

@Suite struct BufferArithmeticTests {
  /// The sum is the one a plain loop over the slots makes, bit for bit; the norm is close to it.
  @Test(arguments: [1, 2, 3, 25])
  func slotsAreAddedInOrder(_ slotCount: Int) {
    let (seed, stride, range): (UInt64, Int, Range<Int>) = (9, 800, 16..<741)
    var generator = SeededGenerator(seed: seed)
    let slots = AlignedBuffer(generator.floats(slotCount * stride, in: -1...1))
    let scale = 1 / Float(slotCount)
    let result = AlignedBuffer([Float](repeating: 99, count: stride))
    let norm = result.sumSlots(
      of: slots,
      stride: stride,
      slotCount: slotCount,
      range: range,
      scale: scale
    )
    var square = 0.0
    for index in 0..<stride {
      guard range.contains(index) else {
        #expect(result[index] == 99)
        continue
      }
      var sum = slots[index]
      for slot in 1..<max(slotCount, 1) { sum += slots[slot * stride + index] }
      #expect(result[index] == sum * scale, "seed \(seed), index \(index)")
      square += Double(result[index]) * Double(result[index])
    }
    #expect(abs(norm - square) < 1e-5 * square)
  }

  @Test func sumDoesNotDependOnHowItIsCut() {
    var generator = SeededGenerator(seed: 10)
    let slots = AlignedBuffer(generator.floats(7 * 1024, in: -1...1))
    let (whole, parts) = (AlignedBuffer(count: 1024), AlignedBuffer(count: 1024))
    _ = whole.sumSlots(of: slots, stride: 1024, slotCount: 7, range: 0..<1024, scale: 0.125)
    for range in [0..<512, 512..<528, 528..<1024] {
      _ = parts.sumSlots(of: slots, stride: 1024, slotCount: 7, range: range, scale: 0.125)
    }
    #expect(whole.values(0..<1024) == parts.values(0..<1024))
  }

  @Test func oneInfiniteGradientShowsInTheNorm() {
    let result = AlignedBuffer(count: 64)
    for value in [Float.infinity, .nan] {
      let slots = AlignedBuffer([Float](repeating: 1, count: 128))
      slots[100] = value
      let norm = result.sumSlots(of: slots, stride: 64, slotCount: 2, range: 0..<64, scale: 0.5)
      #expect(!norm.isFinite)
    }
  }

  /// Kingma and Ba's algorithm 1, line by line.
  @Test(arguments: [0, 0.01])
  func adamFollowsItsPaper(weightDecay: Double) {
    let (seed, count): (UInt64, Int) = (12, 101)
    var generator = SeededGenerator(seed: seed)
    let parameters = AlignedBuffer(generator.floats(count, in: -1...1))
    let (first, second) = (AlignedBuffer(count: count), AlignedBuffer(count: count))
    var p = parameters.values(0..<count).map(Double.init)
    var (m, v) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    let update = AdamUpdate(learningRate: 0.01, weightDecay: Float(weightDecay))
    for step in 1...100 {
      let gradient = AlignedBuffer(generator.floats(count, in: -2...2))
      update.apply(
        to: parameters,
        gradient: gradient,
        firstMoment: first,
        secondMoment: second,
        range: 0..<count,
        step: step
      )
      for index in 0..<count {
        let g = Double(gradient[index]) + weightDecay * p[index]
        m[index] = 0.9 * m[index] + 0.1 * g
        v[index] = 0.999 * v[index] + 0.001 * g * g
        let corrected = m[index] / (1 - pow(0.9, Double(step)))
        let root = (v[index] / (1 - pow(0.999, Double(step)))).squareRoot()
        p[index] -= 0.01 * corrected / (root + 1e-8)
      }
    }
    for index in 0..<count {
      #expect(abs(Double(parameters[index]) - p[index]) < 2e-5, "seed \(seed), number \(index)")
    }
  }

  @Test func adamChangesItsRangeAlone() {
    let parameters = AlignedBuffer([Float](repeating: 1, count: 64))
    let gradient = AlignedBuffer([Float](repeating: 1, count: 64))
    let (first, second) = (AlignedBuffer(count: 64), AlignedBuffer(count: 64))
    AdamUpdate(learningRate: 0.5).apply(
      to: parameters,
      gradient: gradient,
      firstMoment: first,
      secondMoment: second,
      range: 16..<37,
      step: 1
    )
    for index in 0..<64 {
      let isChanged = (16..<37).contains(index)
      #expect((parameters[index] != 1) == isChanged)
      #expect((first[index] != 0) == isChanged && (second[index] != 0) == isChanged)
    }
  }

  @Test func sinusoidIsItsFormula() {
    var generator = SeededGenerator(seed: 13)
    let inputs = generator.floats(1000, in: -5...5)
    let buffer = AlignedBuffer(count: 2048)
    buffer.write(inputs)
    buffer.fillSinusoid(at: 1024, inputsAt: 0, count: 1000, amplitude: 3, phase: 2.5)
    for (index, x) in inputs.enumerated() {
      let exact = 3 * sin(Double(x) - 2.5)
      #expect(abs(Double(buffer[1024 + index]) - exact) < 2e-6, "x \(x)")
    }
  }

  @Test func rescaleMapsTheUnitInterval() {
    let buffer = AlignedBuffer([0, 0.25, 0.5, 1])
    buffer.rescale(at: 1, count: 2, lower: -5, upper: 5)
    #expect(buffer.values(0..<4) == [0, -2.5, 0, 1])
  }
}
