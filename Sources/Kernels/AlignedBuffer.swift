/// Floats at a fixed place in memory, aligned to cache lines and zero at first.
///
/// `@unchecked Sendable`: it is plain memory without ownership of anything; whoever shares one
/// between workers gives each of them disjoint ranges to write and a barrier before reading
/// (`WorkerTeam` in Training does both).
package final class AlignedBuffer: @unchecked Sendable {
  package let count: Int
  let start: UnsafeMutablePointer<Float>

  package init(count: Int) {
    self.count = count
    let bytes = paddedCount(max(count, 1)) * MemoryLayout<Float>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    start = memory.bindMemory(to: Float.self, capacity: paddedCount(max(count, 1)))
  }

  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (index, value) in values.enumerated() { start[index] = value }
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) outside \(count) floats")
      return start[index]
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) outside \(count) floats")
      start[index] = newValue
    }
  }

  /// A copy of a range.
  package func values(_ range: Range<Int>) -> [Float] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) outside \(count)")
    return Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
  }

  /// Overwrites the floats from `offset` on.
  package func write(_ values: [Float], at offset: Int = 0) {
    precondition(
      offset >= 0 && offset + values.count <= count,
      "\(values.count) floats at \(offset)"
    )
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { (start + offset).update(from: base, count: values.count) }
    }
  }

  /// Overwrites the floats from `offset` on with a range of `values`; copies no array.
  package func write(_ values: [Float], range: Range<Int>, at offset: Int) {
    precondition(offset >= 0 && offset + range.count <= count, "\(range.count) floats at \(offset)")
    values.withUnsafeBufferPointer { source in
      let part = UnsafeBufferPointer(rebasing: source[range])
      if let base = part.baseAddress { (start + offset).update(from: base, count: part.count) }
    }
  }

  /// Copies all of `other`, which has the same count.
  package func copy(from other: AlignedBuffer) {
    precondition(other.count == count, "\(other.count) floats into \(count)")
    start.update(from: other.start, count: count)
  }

  /// Copies a range of `other` to the same place.
  package func copy(from other: AlignedBuffer, range: Range<Int>) {
    precondition(range.upperBound <= min(count, other.count), "\(range) outside \(count)")
    (start + range.lowerBound).update(from: other.start + range.lowerBound, count: range.count)
  }
}

/// A few double-precision results, one written by each of several workers.
///
/// `@unchecked Sendable`: plain memory; every index is written by one worker at a time.
package final class DoubleBuffer: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Double>

  package init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  package subscript(index: Int) -> Double {
    get { values[index] }
    set { values[index] = newValue }
  }
}
