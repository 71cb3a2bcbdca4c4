@testable import Kernels

/// A convolution's operands and its three maps in double precision.
struct ConvolutionReference {
  let shape: ConvolutionShape
  let image: [Float]
  let weights: [Float]
  let gradient: [Float]
  let bias: [Float]
  private let operands: [AlignedBuffer]
  private var values: [[Double]] = []
  /// Sums of the terms' absolute values, to measure errors against.
  private var sizes: [[Double]] = []

  init(_ shape: ConvolutionShape, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    self.shape = shape
    image = generator.floats(shape.imageCount, in: -1...1)
    weights = generator.floats(shape.weightCount, in: -1...1)
    gradient = generator.floats(shape.resultCount, in: -1...1)
    bias = generator.floats(shape.outputs, in: -1...1)
    operands = [AlignedBuffer(image), AlignedBuffer(weights), AlignedBuffer(gradient)]
    values = sums { $0 }
    sizes = sums { abs($0) }
  }

  /// All three maps, of which `size` sees every term; by pointers, because tests are not optimised.
  private func sums(_ size: (Double) -> Double) -> [[Double]] {
    let counts = ConvolutionMap.allCases.map { Convolution($0, shape, by: .direct).counts.result }
    let results = counts.map { count in
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: count)
      memory.initialize(repeating: 0, count: count)
      return memory
    }
    defer { for memory in results { memory.deallocate() } }
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        for tap in 0..<9 { add(y, x, tap, results[0], results[1], results[2], size) }
      }
    }
    return zip(results, counts).map { Array(UnsafeBufferPointer(start: $0, count: $1)) }
  }

  /// The terms of one pixel of every result and one of its nine neighbours.
  private func add(
    _ y: Int,
    _ x: Int,
    _ tap: Int,
    _ result: UnsafeMutablePointer<Double>,
    _ ofImage: UnsafeMutablePointer<Double>,
    _ ofWeights: UnsafeMutablePointer<Double>,
    _ size: (Double) -> Double
  ) {
    let (row, column) = (y + tap / 3 - 1, x + tap % 3 - 1)
    guard 0..<shape.height ~= row, 0..<shape.width ~= column else { return }
    for sample in 0..<shape.batch {
      let from = ((sample * shape.height + row) * shape.width + column) * shape.inputs
      let to = ((sample * shape.height + y) * shape.width + x) * shape.outputs
      for input in 0..<shape.inputs {
        let first = (tap * shape.inputs + input) * shape.outputs
        let pixel = Double(image[from + input])
        var output = 0
        while output < shape.outputs {
          let weight = Double(weights[first + output])
          let slope = Double(gradient[to + output])
          result[to + output] += size(pixel * weight)
          ofImage[from + input] += size(slope * weight)
          ofWeights[first + output] += size(pixel * slope)
          output += 1
        }
      }
    }
  }

  /// The largest error of a kernel's result beside the size of what it sums; infinite when it
  /// writes behind its result or its scratch memory.
  ///
  /// Winograd's sums also hold terms that cancel, of the size that neighbours have: its errors
  /// are measured against the largest sum.
  func worstError(
    of map: ConvolutionMap,
    by algorithm: ConvolutionAlgorithm,
    on table: KernelTable,
    accumulates: Bool,
    hasBias: Bool
  ) -> Double {
    let convolution = Convolution(map, shape, by: algorithm)
    let count = convolution.counts.result
    let before = (0..<count).map { Float($0 % 7) - 3 }
    let guards = [Float](repeating: KernelRun.guardValue, count: KernelRun.guardCount)
    let result = AlignedBuffer(before + guards)
    let scratchCount = convolution.scratchCount
    // Not a number: scratch memory that is read before it is written shows in the result.
    let scratch = AlignedBuffer(count: scratchCount + guards.count)
    scratch.start.update(repeating: .nan, count: scratchCount)
    scratch.write(guards, at: scratchCount)
    table.run(
      convolution,
      operands[map == .imageGradient ? 2 : 0],
      operands[map == .weightGradient ? 2 : 1],
      into: result,
      bias: hasBias ? AlignedBuffer(bias) : nil,
      accumulates: accumulates,
      scratch: scratch
    )
    guard result.values(count..<count + guards.count) == guards,
      scratch.values(scratchCount..<scratchCount + guards.count) == guards
    else { return .infinity }
    let largest = algorithm == .direct ? 0 : sizes[Int(map.rawValue)].max() ?? 0
    return worst(map, result.values(0..<count), largest) { index in
      (accumulates ? Double(before[index]) : 0)
        + (hasBias ? Double(bias[index % shape.outputs]) : 0)
    }
  }

  private func worst(
    _ map: ConvolutionMap,
    _ actual: [Float],
    _ largest: Double,
    start: (Int) -> Double
  ) -> Double {
    let (values, sizes) = (values[Int(map.rawValue)], sizes[Int(map.rawValue)])
    var (worst, index) = (0.0, 0)
    while index < values.count {
      let begin = start(index)
      // A sum without any term must still be exactly what it began with.
      let size = max(sizes[index], largest) + abs(begin) + .leastNonzeroMagnitude
      let error = abs(Double(actual[index]) - begin - values[index]) / size
      if !(error <= worst) { worst = error.isNaN ? .infinity : error }
      index += 1
    }
    return worst
  }
}
