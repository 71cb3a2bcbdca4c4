import Files
import Kernels

extension FeatureGraph {
  /// SHA-256 of edges, labels and features, the same however a file has them in order; made when it is
  /// asked for first.
  package var sha256: String {
    knownDigest.withLock { known in
      if let known { return known }
      let made = makeDigest()
      known = made
      return made
    }
  }

  private func makeDigest() -> String {
    var hash = SHA256()
    func add(_ numbers: [Int32]) { numbers.withUnsafeBytes { hash.add($0) } }
    add([Int32(nodeCount), Int32(featureCount)])
    for numbers in [starts, neighbours, labels] { add(numbers) }
    var waiting: [Int32] = []
    for node in 0..<nodeCount {
      features.appendEntries(of: node, width: featureCount, to: &waiting)
      guard waiting.count > 1 << 14 else { continue }
      add(waiting)
      waiting.removeAll(keepingCapacity: true)
    }
    add(waiting)
    return hash.digits
  }
}

extension NodeFeatures {
  /// Appends how many numbers of a row are not zero, their columns in rising order unless these are all, and their
  /// bits: the same of a dense matrix and of a sparse one.
  fileprivate func appendEntries(of row: Int, width: Int, to all: inout [Int32]) {
    switch self {
    case .dense(let numbers):
      let own = numbers[row * width..<(row + 1) * width]
      if own.allSatisfy({ $0 != 0 }) {
        all.append(Int32(width))
        all.append(contentsOf: own.lazy.map { Int32(bitPattern: $0.bitPattern) })
      } else {
        append(own.enumerated().map { (Int32($0), $1) }, width: width, to: &all)
      }
    case .sparse(let rows):
      let range = rows.range(row)
      let isRising = zip(range, range.dropFirst()).allSatisfy {
        rows.columns[$0] < rows.columns[$1]
      }
      append(
        isRising ? range.map { (rows.columns[$0], rows.values[$0]) } : rows.summed(range),
        width: width,
        to: &all
      )
    }
  }

  private func append(_ entries: [(Int32, Float)], width: Int, to all: inout [Int32]) {
    let own = entries.filter { $0.1 != 0 }
    all.append(Int32(own.count))
    for (column, value) in own {
      if own.count < width { all.append(column) }
      all.append(Int32(bitPattern: value.bitPattern))
    }
  }
}

extension SparseRows {
  /// Entries by rising column, those of one column as their sum.
  fileprivate func summed(_ range: Range<Int>) -> [(Int32, Float)] {
    var sums: [Int32: Float] = [:]
    for entry in range { sums[columns[entry], default: 0] += values[entry] }
    return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
