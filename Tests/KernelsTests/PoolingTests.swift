import Testing

@testable import Kernels

/// One map with random numbers, taken through every pooling instruction by one program.
private struct PoolingCase {
  let map: ImageMap
  let images: [Float]
  let direction: [Float]
  /// What is placed where the choices say.
  let slopes: [Float]

  init(_ map: ImageMap, seed: UInt64 = 7) {
    var generator = SeededGenerator(seed: seed)
    self.map = map
    images = generator.floats(map.count, in: -1...1)
    direction = generator.floats(map.channels, in: -1...1)
    slopes = generator.floats(map.pooledCount, in: -1...1)
  }

  struct Results {
    /// The chosen pixels, found with the choice and by it.
    let chosen: [Float]
    let gathered: [Float]
    /// The slopes at their places, by an instruction and as a chain's operand.
    let scattered: [Float]
    let scatteredInChain: [Float]
  }

  func run(_ table: KernelTable) -> Results {
    let (whole, small) = (paddedCount(map.count), paddedCount(map.pooledCount))
    let inputs = padded(images) + padded(slopes) + padded(direction)
    let (source, pooled) = (Address(.episode, 0), Address(.episode, whole))
    let choices = Address(.arena, 0)
    let targets = [0, small, 2 * small, 2 * small + whole].map { Address(.results, $0) }
    func pooling(_ operation: Pooling.Operation, _ source: Address) -> Instruction {
      .pooling(Pooling(operation, source: source, choices: choices, map: map))
    }
    var chain = Chain(rows: map.pixels, columns: map.channels)
    let scatter = Chain.Scatter(choices: choices, map: map)
    chain.loads = [Chain.Load(address: pooled, slot: 0, cover: .full, scatter: scatter)]
    chain.steps = [Chain.Step(.copy, target: 1, a: 0)]
    chain.stores = [Chain.Store(address: targets[3], slot: 1)]
    chain.slotCount = 2
    let direction = Address(.episode, whole + small)
    let program = KernelProgram(
      instructions: [
        pooling(.choose(direction: direction, values: targets[0]), source),
        pooling(.gather(values: targets[1]), source),
        pooling(.scatter(images: targets[2]), pooled),
        .chain(0),
      ],
      chains: [chain],
      constants: [],
      arenaCount: paddedCount(map.choiceCount),
      resultCount: 2 * (small + whole)
    )
    let workspace = Workspace(kernels: table)
    workspace.bind(.episode, to: AlignedBuffer(inputs))
    let garbage = [Float](repeating: -12345.5, count: 2 * (small + whole))
    let results = AlignedBuffer(garbage)
    workspace.bind(.results, to: results)
    program.replay(in: workspace)
    let run = KernelRun(table: table)
    #expect(run.isSameInParts(program, inputs: inputs, initial: garbage, as: results))
    func values(_ start: Int, _ count: Int) -> [Float] { results.values(start..<start + count) }
    return Results(
      chosen: values(0, map.pooledCount),
      gathered: values(small, map.pooledCount),
      scattered: values(2 * small, map.count),
      scatteredInChain: values(2 * small + whole, map.count)
    )
  }

  private func padded(_ values: [Float]) -> [Float] {
    values + [Float](repeating: 0, count: paddedCount(values.count) - values.count)
  }

  /// Calls `body` with each window's place, its channel, and its four places.
  func forEachWindow(_ body: (Int, Int, [Int]) -> Void) {
    var place = 0
    for image in 0..<map.batch {
      for row in 0..<map.height / 2 {
        for column in 0..<map.width / 2 {
          for channel in 0..<map.channels {
            let window = (0..<4).map { k in
              let pixel = (image * map.height + 2 * row + k / 2) * map.width + 2 * column + k % 2
              return pixel * map.channels + channel
            }
            body(place, channel, window)
            place += 1
          }
        }
      }
    }
  }
}

@Suite struct PoolingTests {
  private static let maps = [
    (1, 2, 2, 1), (2, 3, 5, 7), (1, 2, 4, 3), (3, 7, 7, 16), (2, 8, 6, 20), (2, 5, 4, 65),
    (1, 4, 5, 130), (1, 3, 4, 700),
  ]
  .map { ImageMap(batch: $0.0, height: $0.1, width: $0.2, channels: $0.3) }

  @Test(arguments: KernelTable.available, maps)
  func choicesAndWhatTheyPlace(_ table: KernelTable, _ map: ImageMap) {
    let item = PoolingCase(map)
    let results = item.run(table)
    var scattered = [Float](repeating: 0, count: map.count)
    item.forEachWindow { place, channel, window in
      let pixels = window.map { item.images[$0] }
      let best = item.direction[channel] < 0 ? pixels.min() : pixels.max()
      #expect(results.chosen[place] == best)
      let choice = pixels.firstIndex(of: results.chosen[place]) ?? 0
      scattered[window[choice]] = item.slopes[place]
    }
    #expect(results.gathered == results.chosen)
    #expect(results.scattered == scattered)
    #expect(results.scatteredInChain == scattered)
  }

  /// Of equals the first wins, whichever way a channel looks.
  @Test(arguments: KernelTable.available)
  func theFirstOfEqualsIsChosen(_ table: KernelTable) {
    for sign in [Float(1), -1] {
      let map = ImageMap(batch: 1, height: 2, width: 2, channels: 16)
      #expect(chosenPlace([Float](repeating: 3, count: 64), map, sign, table) == 0)
    }
  }

  /// What diverged stays visible behind a maximum.
  @Test(arguments: KernelTable.available, [0, 1, 2, 3])
  func notANumberWins(_ table: KernelTable, _ place: Int) {
    let map = ImageMap(batch: 1, height: 2, width: 2, channels: 16)
    var values = [Float](repeating: 1, count: 64)
    for c in 0..<16 { values[place * 16 + c] = .nan }
    #expect(chosenPlace(values, map, 1, table) == place)
    #expect(chosenPlace(values, map, -1, table) == place)
  }

  /// The pixel that every channel of a single window chooses.
  private func chosenPlace(
    _ images: [Float],
    _ map: ImageMap,
    _ direction: Float,
    _ table: KernelTable
  ) -> Int? {
    let instruction = Instruction.pooling(
      Pooling(
        .choose(direction: Address(.episode, 64), values: nil),
        source: Address(.episode, 0),
        choices: Address(.results, 0),
        map: map
      )
    )
    let row = [Float](repeating: direction, count: 16)
    let run = KernelRun(table: table).results(
      instruction,
      inputs: images + row,
      initial: [0, 0, 0, 0]
    )
    #expect(run.isGuardIntact)
    let bytes = Set(
      run.values.flatMap { number in (0..<4).map { number.bitPattern >> (8 * $0) & 255 } }
    )
    return bytes.count == 1 ? bytes.first.map { Int($0) } : nil
  }

  /// Exact also when the mean is a thousand times the deviation.
  @Test(
    arguments: KernelTable.available,
    [(1, 3), (5, 1), (63, 16), (64, 20), (1_000, 65), (3_920, 130)]
  )
  func momentsAreSafe(_ table: KernelTable, _ size: (Int, Int)) {
    let (rows, columns) = size
    var generator = SeededGenerator(seed: 8)
    let x = generator.floats(rows * columns, in: 999...1001)
    let run = KernelRun(table: table).results(
      .moments(
        source: Address(.episode, 0),
        target: Address(.results, 0),
        rows: Int32(rows),
        columns: Int32(columns)
      ),
      inputs: x,
      initial: [Float](repeating: 0, count: 2 * columns)
    )
    #expect(run.isGuardIntact)
    for c in 0..<columns {
      let column = (0..<rows).map { Double(x[$0 * columns + c]) }
      let mean = column.reduce(0, +) / Double(rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      #expect(abs(Double(run.values[c]) - mean) <= 1e-6 * mean)
      #expect(abs(Double(run.values[columns + c]) - variance) <= 1e-6 * max(variance, 1e-30))
    }
  }
}
