import Kernels

/// Numbers of a graph's nodes, a row for each: sparse where most of them are zero.
package enum NodeFeatures: Sendable {
  case sparse(SparseRows)
  /// Row by row.
  case dense([Float])

  package var byteCount: Int {
    switch self {
    case .sparse(let rows): rows.byteCount
    case .dense(let numbers): 4 * numbers.count
    }
  }

  var isDense: Bool {
    if case .dense = self { true } else { false }
  }

  /// Numbers that are stored of a row.
  func entryCount(_ row: Int, width: Int) -> Int {
    switch self {
    case .sparse(let rows): rows.range(row).count
    case .dense: width
    }
  }

  /// Appends a row to a matrix.
  func append(_ row: Int, width: Int, to matrix: inout SparseRows) {
    switch self {
    case .sparse(let rows):
      let range = rows.range(row)
      matrix.columns.append(contentsOf: rows.columns[range])
      matrix.values.append(contentsOf: rows.values[range])
    case .dense(let numbers):
      matrix.columns.append(contentsOf: 0..<Int32(width))
      matrix.values.append(contentsOf: numbers[row * width..<(row + 1) * width])
    }
    matrix.starts.append(Int32(matrix.values.count))
  }

  /// Adds a row, multiplied, to a row of numbers.
  func add(_ row: Int, width: Int, times factor: Float, to sum: inout [Float]) {
    switch self {
    case .sparse(let rows):
      for entry in rows.range(row) { sum[Int(rows.columns[entry])] += factor * rows.values[entry] }
    case .dense(let numbers):
      numbers.withUnsafeBufferPointer { numbers in
        sum.withUnsafeMutableBufferPointer { sum in
          for column in 0..<width { sum[column] += factor * numbers[row * width + column] }
        }
      }
    }
  }

  /// The same with each row divided by the sum of its numbers' sizes.
  func rowNormalised(width: Int) -> Self {
    func share(_ values: ArraySlice<Float>) -> Float {
      let sum = values.reduce(0) { $0 + abs($1) }
      return sum > 0 ? 1 / sum : 0
    }
    switch self {
    case .sparse(var rows):
      for row in 0..<rows.rowCount {
        let range = rows.range(row)
        let factor = share(rows.values[range])
        for entry in range { rows.values[entry] *= factor }
      }
      return .sparse(rows)
    case .dense(var numbers):
      for start in stride(from: 0, to: numbers.count, by: max(width, 1)) {
        let factor = share(numbers[start..<start + width])
        for place in start..<start + width { numbers[place] *= factor }
      }
      return .dense(numbers)
    }
  }
}

/// A sum of rows of features: sparse where they are.
struct FeatureSum {
  private let width: Int
  private var sum: [Float]
  private var isTouched: [Bool]
  private var touched: [Int32] = []

  init(width: Int) {
    self.width = width
    sum = Array(repeating: 0, count: width)
    isTouched = Array(repeating: false, count: width)
  }

  /// Adds a row, multiplied.
  mutating func add(_ features: NodeFeatures, _ row: Int, times factor: Float) {
    guard case .sparse(let rows) = features else {
      features.add(row, width: width, times: factor, to: &sum)
      if touched.count < width { touched = Array(0..<Int32(width)) }
      return
    }
    for entry in rows.range(row) {
      let column = Int(rows.columns[entry])
      if !isTouched[column] {
        isTouched[column] = true
        touched.append(Int32(column))
      }
      sum[column] += factor * rows.values[entry]
    }
  }

  /// Appends the sum to a matrix and begins anew.
  mutating func append(to matrix: inout SparseRows) {
    touched.sort()
    for column in touched {
      matrix.columns.append(column)
      matrix.values.append(sum[Int(column)])
      sum[Int(column)] = 0
      isTouched[Int(column)] = false
    }
    touched.removeAll(keepingCapacity: true)
    matrix.starts.append(Int32(matrix.values.count))
  }
}
