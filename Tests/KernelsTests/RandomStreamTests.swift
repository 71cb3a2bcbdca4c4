import Testing

@testable import Kernels

/// Philox4x32-10, written from the paper (Salmon et al., SC 2011).
private func philox(counter: [UInt32], key: [UInt32]) -> [UInt32] {
  var (c, k) = (counter, key)
  for _ in 0..<10 {
    let p0 = UInt64(0xd251_1f53) * UInt64(c[0])
    let p1 = UInt64(0xcd9e_8d57) * UInt64(c[2])
    c = [
      UInt32(p1 >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: p1),
      UInt32(p0 >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p0),
    ]
    k = [k[0] &+ 0x9e37_79b9, k[1] &+ 0xbb67_ae85]
  }
  return c
}

private func unit(_ word: UInt32) -> Float { Float(word >> 8) / 16_777_216 }

@Suite struct PhiloxTests {
  @Test func referenceGivesThePublishedWords() {
    #expect(
      philox(counter: [0, 0, 0, 0], key: [0, 0])
        == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    )
    let ones = UInt32.max
    #expect(
      philox(counter: [ones, ones, ones, ones], key: [ones, ones])
        == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    )
    #expect(
      philox(
        counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        key: [0xa409_3822, 0x299f_31d0]
      ) == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    )
  }

  /// Counters lie sixteen apart: word w of counter c is number 16 w + c of a block of 64.
  @Test(arguments: KernelTable.available)
  func uniformNumbersAreItsWords(_ table: KernelTable) {
    let keys: [UInt64] = [0, 1, 0xa409_3822_299f_31d0, .max]
    for key in keys {
      for first: UInt64 in [0, 16, 0xffff_fff8, 0xffff_ffff_0000] {
        let numbers = AlignedBuffer(count: 64)
        table.table.pointee.uniform(numbers.start, 64, key, first)
        for index in 0..<64 {
          let counter = first &+ UInt64(index % 16)
          let words = philox(
            counter: [UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), 0, 0],
            key: [UInt32(truncatingIfNeeded: key), UInt32(key >> 32)]
          )
          #expect(numbers[index] == unit(words[index / 16]), "key \(key), counter \(counter)")
        }
      }
    }
  }

  @Test func knownAnswersComeOutOfTheKernel() {
    for table in KernelTable.available {
      let numbers = AlignedBuffer(count: 64)
      table.table.pointee.uniform(numbers.start, 64, 0, 0)
      let words: [UInt32] = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
      #expect([0, 16, 32, 48].map { numbers[$0] } == words.map(unit))
    }
  }
}

@Suite struct RandomStreamTests {
  private static let count = 200_000

  private func moments(_ numbers: [Float]) -> [Double] {
    (1...4).map { power in
      numbers.reduce(0.0) { total, x in
        total + (0..<power).reduce(1.0) { product, _ in product * Double(x) }
      } / Double(numbers.count)
    }
  }

  private func normal(_ stream: RandomStream, _ count: Int) -> [Float] {
    let buffer = AlignedBuffer(count: count)
    var stream = stream
    stream.fillNormal(buffer, at: 0, count: count)
    return buffer.values(0..<count)
  }

  private func uniform(_ stream: RandomStream, _ count: Int) -> [Float] {
    let buffer = AlignedBuffer(count: count)
    var stream = stream
    stream.fillUniform(buffer, at: 0, count: count)
    return buffer.values(0..<count)
  }

  private func correlation(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
    zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / Double(x.count)
  }

  /// Limits are five standard errors.
  @Test func uniformNumbersHaveTheirMoments() {
    let numbers = uniform(RandomStream(seed: 1), Self.count)
    let error = 5 / Double(Self.count).squareRoot()
    for (power, moment) in moments(numbers).enumerated() {
      #expect(abs(moment - 1 / Double(power + 2)) < 0.3 * error, "moment \(power + 1)")
    }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test func normalNumbersHaveTheirMoments() {
    let numbers = normal(RandomStream(seed: 2), Self.count)
    let error = 5 / Double(Self.count).squareRoot()
    let expected: [Double] = [0, 1, 0, 3]
    // Standard errors of the first four moments: 1, √2, √15, √96 over √count.
    let deviations: [Double] = [1, 1.42, 3.88, 9.8]
    for (index, moment) in moments(numbers).enumerated() {
      let distance = abs(moment - expected[index])
      #expect(distance < deviations[index] * error, "moment \(index + 1)")
    }
    #expect(numbers.allSatisfy { $0.isFinite })
    let beyondTwo = numbers.count { abs($0) > 2 }
    #expect(abs(Double(beyondTwo) / Double(Self.count) - 0.0455) < 5 * 0.21 / 447)
  }

  /// Box and Muller make number i and number i + 32 of a block from the same two words.
  @Test func halvesOfABlockAreUncorrelated() {
    let numbers = normal(RandomStream(seed: 3), 64 * 2000)
    for lag in [1, 16, 32, 64] {
      let product = correlation(numbers[..<(numbers.count - lag)], numbers[lag...])
      #expect(abs(product) < 5 / Double(numbers.count).squareRoot(), "lag \(lag)")
    }
  }

  @Test func splitStreamsAreIndependent() {
    let root = RandomStream(seed: 4)
    var keys: Set<UInt64> = [root.key]
    for label in UInt64(0)..<1000 {
      for inner in UInt64(0)..<10 { keys.insert(root.split(label).split(inner).key) }
    }
    #expect(keys.count == 10_001)
    #expect(root.split(1).split(2) != root.split(2).split(1))
    let streams = (0..<8).map { normal(root.split(UInt64($0)), 20_000)[...] }
    for i in streams.indices {
      for j in streams.indices where j > i {
        #expect(abs(correlation(streams[i], streams[j])) < 5 / 20_000.0.squareRoot(), "\(i), \(j)")
      }
    }
  }

  /// What a number is depends on its place in the stream alone.
  @Test(arguments: [false, true])
  func numbersDependOnTheirPlaceAlone(isNormal: Bool) {
    func draw(_ stream: inout RandomStream, _ buffer: AlignedBuffer, _ at: Int, _ count: Int) {
      if isNormal {
        stream.fillNormal(buffer, at: at, count: count)
      } else {
        stream.fillUniform(buffer, at: at, count: count)
      }
    }
    let whole = AlignedBuffer(count: 320)
    var stream = RandomStream(seed: 5)
    draw(&stream, whole, 0, 320)
    let parts = AlignedBuffer(count: 400)
    stream = RandomStream(seed: 5)
    for (at, count) in [(3, 64), (67, 128), (195, 128)] { draw(&stream, parts, at, count) }
    #expect(parts.values(3..<323) == whole.values(0..<320))
    let short = AlignedBuffer(count: 10)
    stream = RandomStream(seed: 5)
    draw(&stream, short, 0, 10)
    #expect(short.values(0..<10) == whole.values(0..<10))
    draw(&stream, short, 0, 10)
    #expect(short.values(0..<10) == whole.values(64..<74))
  }

  @Test func variantsDrawTheSameUniformNumbersAndNearlyTheSameNormalOnes() {
    let count = 1000
    let uniform = KernelTable.available.map { table in
      let buffer = AlignedBuffer(count: count)
      table.table.pointee.uniform(buffer.start, count, 77, 0)
      return buffer.values(0..<count)
    }
    #expect(uniform.allSatisfy { $0 == uniform[0] })
    let normal = KernelTable.available.map { table in
      let buffer = AlignedBuffer(count: count)
      table.table.pointee.normal(buffer.start, count, 77, 0)
      return buffer.values(0..<count)
    }
    for other in normal.dropFirst() {
      #expect(zip(other, normal[0]).allSatisfy { abs($0 - $1) < 2e-6 })
    }
  }
}
