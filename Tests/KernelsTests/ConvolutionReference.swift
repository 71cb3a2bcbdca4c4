@testable import Kernels

/// A convolution's operands and its three maps in double precision.
struct ConvolutionReference {
  let shape: ConvolutionShape
  let image: [Float]
  let weights: [Float]
  let gradient: [Float]
  let bias: [Float]
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
    values = ConvolutionMap.allCases.map {
      [Double](repeating: 0, count: Convolution($0, shape, by: .direct).counts.result)
    }
    sizes = values
    for y in 0..<shape.height {
      for x in 0..<shape.width {
        for tap in 0..<9 { add(y, x, tap) }
      }
    }
  }

  /// The terms of one pixel of every result and one of its nine neighbours.
  private mutating func add(_ y: Int, _ x: Int, _ tap: Int) {
    let (row, column) = (y + tap / 3 - 1, x + tap % 3 - 1)
    guard 0..<shape.height ~= row, 0..<shape.width ~= column else { return }
    for sample in 0..<shape.batch {
      let from = ((sample * shape.height + row) * shape.width + column) * shape.inputs
      let to = ((sample * shape.height + y) * shape.width + x) * shape.outputs
      for input in 0..<shape.inputs {
        let first = (tap * shape.inputs + input) * shape.outputs
        let pixel = Double(image[from + input])
        for output in 0..<shape.outputs {
          let weight = Double(weights[first + output])
          let slope = Double(gradient[to + output])
          add(pixel * weight, .convolution, to + output)
          add(slope * weight, .imageGradient, from + input)
          add(pixel * slope, .weightGradient, first + output)
        }
      }
    }
  }

  private mutating func add(_ term: Double, _ map: ConvolutionMap, _ index: Int) {
    values[Int(map.rawValue)][index] += term
    sizes[Int(map.rawValue)][index] += abs(term)
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
    let scratch = AlignedBuffer([Float](repeating: .nan, count: scratchCount) + guards)
    table.run(
      convolution,
      AlignedBuffer(map == .imageGradient ? gradient : image),
      AlignedBuffer(map == .weightGradient ? gradient : weights),
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
    var worst = 0.0
    for (index, value) in values[Int(map.rawValue)].enumerated() {
      let begin = start(index)
      // A sum without any term must still be exactly what it began with.
      let terms = max(sizes[Int(map.rawValue)][index], largest)
      let size = max(terms + abs(begin), .leastNonzeroMagnitude)
      let error = abs(Double(actual[index]) - begin - value) / size
      if !(error <= worst) { worst = error.isNaN ? .infinity : error }
    }
    return worst
  }
}
