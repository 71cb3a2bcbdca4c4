import Testing

@testable import Kernels

/// One map taken through every stencil kernel by one program, and the same in double precision.
private struct StencilCase {
  let map: ImageMap
  private let images: [Float]
  private let others: [Float]
  private let kernels: [Float]
  private let slopes: [Float]

  init(_ map: ImageMap) {
    var generator = SeededGenerator(seed: 11)
    self.map = map
    images = generator.floats(map.count, in: -1...1)
    others = generator.floats(map.count, in: -1...1)
    kernels = generator.floats(36, in: -1...1)
    slopes = generator.floats(4 * map.batch * map.channels, in: -1...1)
  }

  /// Stencil, its transpose, its kernel's gradient; responses found with the choice and by it, the
  /// images' and the kernels' gradient.
  static let names = [
    "stencil", "transposed", "kernel gradient", "chosen", "responses", "input gradient",
    "kernels gradient",
  ]

  private var counts: [Int] {
    [map.count, map.count, 9, slopes.count, slopes.count, map.count, 36]
  }

  func run(_ table: KernelTable) -> [[Float]] {
    var inputs: [Float] = []
    func place(_ values: [Float]) -> Address {
      let address = Address(.episode, inputs.count)
      inputs += values + [Float](repeating: 0, count: paddedCount(values.count) - values.count)
      return address
    }
    let (x, g, k, u) = (place(images), place(others), place(kernels), place(slopes))
    var offsets: [Int] = []
    var end = 0
    for count in counts {
      offsets.append(end)
      end += paddedCount(count) + cacheLineFloats
    }
    let targets = offsets.map { Address(.results, $0) }
    let choices = Address(.arena, 0)
    let operations: [(Stencil.Operation, Address, Address, Address)] = [
      (.apply(isTransposed: false), x, k, targets[0]),
      (.apply(isTransposed: true), x, k, targets[1]),
      (.kernelGradient, x, g, targets[2]), (.choose(sums: nil), x, k, choices),
      (.choose(sums: targets[3]), x, k, choices),
      (.responses(choices: choices), x, k, targets[4]),
      (.responsesInputGradient(choices: choices), u, k, targets[5]),
      (.responsesKernelGradient(choices: choices), x, u, targets[6]),
    ]
    let program = KernelProgram(
      instructions: operations.map {
        .stencil(Stencil($0.0, $0.1, $0.2, target: $0.3, map: map))
      },
      chains: [],
      constants: [],
      arenaCount: paddedCount((map.count + 3) / 4),
      resultCount: end
    )
    let workspace = Workspace(kernels: table)
    workspace.bind(.episode, to: AlignedBuffer(inputs))
    let initial = [Float](repeating: KernelRun.guardValue, count: end)
    let results = AlignedBuffer(initial)
    workspace.bind(.results, to: results)
    program.replay(in: workspace)
    let run = KernelRun(table: table)
    #expect(run.isSameInParts(program, inputs: inputs, initial: initial, as: results))
    for (offset, count) in zip(offsets, counts) {
      let behind = results.values(offset + count..<offset + paddedCount(count) + cacheLineFloats)
      #expect(behind.allSatisfy { $0 == KernelRun.guardValue }, "written too far")
    }
    return zip(offsets, counts).map { results.values($0..<$0 + $1) }
  }

  /// The same, and the sums of the terms' sizes.
  func exact() -> (values: [[Double]], sizes: [[Double]]) {
    var (values, sizes) = (
      counts.map { [Double](repeating: 0, count: $0) },
      counts.map { [Double](repeating: 0, count: $0) }
    )
    func add(_ output: Int, _ index: Int, _ a: Float, _ b: Float) {
      values[output][index] += Double(a) * Double(b)
      sizes[output][index] += abs(Double(a) * Double(b))
    }
    for p in 0..<map.count {
      let neighbours = neighbours(of: p)
      for (t, q) in neighbours {
        add(0, p, images[q], kernels[t])
        add(1, p, images[q], kernels[8 - t])
        add(2, t, images[q], others[p])
      }
      let image = p / (map.height * map.width * map.channels)
      for j in 0..<4 {
        let response = neighbours.reduce(0.0) {
          $0 + Double(images[$1.place]) * Double(kernels[9 * j + $1.tap])
        }
        guard response > 0 else { continue }
        let sum = (j * map.batch + image) * map.channels + p % map.channels
        for (t, q) in neighbours {
          add(3, sum, images[q], kernels[9 * j + t])
          add(5, q, slopes[sum], kernels[9 * j + t])
          add(6, 9 * j + t, images[q], slopes[sum])
        }
      }
    }
    (values[4], sizes[4]) = (values[3], sizes[3])
    return (values, sizes)
  }

  private func neighbours(of p: Int) -> [(tap: Int, place: Int)] {
    let pixel = p / map.channels
    let (row, column) = (pixel / map.width % map.height, pixel % map.width)
    return (0..<9).compactMap { t in
      let (dy, dx) = (t / 3 - 1, t % 3 - 1)
      guard (0..<map.height).contains(row + dy), (0..<map.width).contains(column + dx) else {
        return nil
      }
      return (t, p + (dy * map.width + dx) * map.channels)
    }
  }
}

@Suite struct StencilTests {
  private static let maps = [
    (1, 1, 1, 3), (2, 3, 4, 1), (2, 1, 5, 2), (3, 5, 1, 7), (2, 4, 2, 16), (2, 5, 6, 20),
    (1, 7, 7, 65), (2, 9, 40, 1),
  ]
  .map { ImageMap(batch: $0.0, height: $0.1, width: $0.2, channels: $0.3) }

  /// To a few roundings of the largest sums.
  @Test(arguments: KernelTable.available, maps)
  func kernelsComputeWhatLoopsDo(_ table: KernelTable, _ map: ImageMap) {
    let item = StencilCase(map)
    let results = item.run(table)
    let (values, sizes) = item.exact()
    for (name, output) in zip(StencilCase.names, values.indices) {
      for (index, exact) in values[output].enumerated() {
        let error = abs(Double(results[output][index]) - exact)
        #expect(error <= 2e-6 * sizes[output][index], "\(name), \(index): \(error)")
      }
    }
  }
}
