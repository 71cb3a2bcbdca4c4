import Testing

@testable import Kernels

@Suite struct AlignedBufferTests {
  @Test(arguments: [0, 1, 15, 16, 17, 1000])
  func memoryIsAlignedAndZero(_ count: Int) {
    let buffer = AlignedBuffer(count: count)
    #expect(UInt(bitPattern: buffer.start) % 64 == 0)
    #expect(buffer.values(0..<count) == [Float](repeating: 0, count: count))
  }

  @Test func rangesAreCopiedToTheSamePlace() {
    let source = AlignedBuffer((0..<40).map { Float($0) })
    let target = AlignedBuffer(count: 40)
    target.copy(from: source, range: 10..<20)
    #expect(target.values(0..<40) == (0..<40).map { (10..<20).contains($0) ? Float($0) : 0 })
    target.copy(from: source)
    #expect(target.values(0..<40) == source.values(0..<40))
    target.write([-1, -2], at: 38)
    #expect(target.values(37..<40) == [37, -1, -2])
  }

  @Test func finitenessIsAskedOfTheRangeAlone() {
    let buffer = AlignedBuffer([1, .nan, 2, .infinity])
    #expect(buffer.isFinite(0..<1) && buffer.isFinite(2..<3) && buffer.isFinite(4..<4))
    #expect(!buffer.isFinite(0..<2) && !buffer.isFinite(2..<4))
  }

  @Test func nothingLiesBeyondItsBounds() async {
    await #expect(processExitsWith: .failure) { _ = AlignedBuffer(count: 4)[4] }
    await #expect(processExitsWith: .failure) { AlignedBuffer(count: 4)[-1] = 0 }
    await #expect(processExitsWith: .failure) { AlignedBuffer(count: 4).write([1, 2], at: 3) }
    await #expect(processExitsWith: .failure) { _ = AlignedBuffer(count: 4).values(2..<5) }
    await #expect(processExitsWith: .failure) {
      AlignedBuffer(count: 4).copy(from: AlignedBuffer(count: 3), range: 0..<4)
    }
  }

  @Test func addressesNameTheirSpace() {
    for space in Space.allCases {
      let address = Address(space, 5).advanced(by: 11)
      #expect(address == Address(space, 16))
    }
    #expect(Set(Space.allCases.map { Address($0, 0) }).count == Space.allCases.count)
    #expect([0, 1, 16, 17].map(paddedCount) == [0, 16, 16, 32])
  }
}
