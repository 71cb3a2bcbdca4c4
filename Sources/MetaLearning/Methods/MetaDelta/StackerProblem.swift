import Glibc

/// What the stacker minimises, with its derivatives; weights lie one class after another, each class's
/// intercept last.
struct StackerProblem {
  /// Weights of a class, its intercept included.
  let width: Int
  private let rows: [Double]
  private let targets: [Int]
  private let classes: Int
  private let decay: Double
  /// Cholesky's lower half of the preconditioner, `[width, width]`.
  private let lower: [Double]

  /// Shifting all intercepts changes nothing; this keeps them where they are.
  private static let ridge = 1e-9

  /// Where a search stands.
  struct Point {
    let value: Double
    let gradient: [Double]
    /// Probabilities, `[queries, classes]`.
    fileprivate let shares: [Double]
  }

  init(_ inputs: [[Double]], _ targets: [Int], classes: Int, decay: Double) {
    let width = (inputs.first?.count ?? 0) + 1
    rows = inputs.flatMap { $0 + [1] }
    (self.width, self.targets, self.classes, self.decay) = (width, targets, classes, decay)
    lower = Self.preconditioner(rows, width, decay)
  }

  private static func preconditioner(_ rows: [Double], _ width: Int, _ decay: Double) -> [Double] {
    var matrix = [Double](repeating: 0, count: width * width)
    rows.withUnsafeBufferPointer { rows in
      matrix.withUnsafeMutableBufferPointer { matrix in
        for start in stride(from: 0, to: rows.count, by: width) {
          for i in 0..<width {
            let factor = 0.5 * rows[start + i]
            for j in 0...i { matrix[i * width + j] += factor * rows[start + j] }
          }
        }
        for i in 0..<width { matrix[i * width + i] += i == width - 1 ? 1e-6 : decay }
        for j in 0..<width {
          for k in 0..<j { matrix[j * width + j] -= matrix[j * width + k] * matrix[j * width + k] }
          matrix[j * width + j] = max(matrix[j * width + j], 1e-12).squareRoot()
          for i in (j + 1)..<max(width, j + 1) {
            for k in 0..<j {
              matrix[i * width + j] -= matrix[i * width + k] * matrix[j * width + k]
            }
            matrix[i * width + j] /= matrix[j * width + j]
          }
        }
      }
    }
    return matrix
  }

  private func penalty(_ place: Int) -> Double {
    place % width == width - 1 ? Self.ridge : decay
  }

  static func product(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// X times the weights of every class, `[queries, classes]`.
  private func outputs(_ weights: [Double]) -> [Double] {
    let turned = (0..<width * classes).map { weights[$0 % classes * width + $0 / classes] }
    return swept(turned, into: rows.count / width * classes, isGathered: false)
  }

  /// Xᵀ times numbers `[queries, classes]`, laid out like the weights.
  private func gathered(_ numbers: [Double]) -> [Double] {
    let turned = swept(numbers, into: width * classes, isGathered: true)
    return (0..<width * classes).map { turned[$0 % width * classes + $0 / width] }
  }

  /// X times numbers `[width, classes]`, or Xᵀ times numbers `[queries, classes]` where they are gathered.
  private func swept(_ numbers: [Double], into count: Int, isGathered: Bool) -> [Double] {
    let (width, classes) = (width, classes)
    var found = [Double](repeating: 0, count: count)
    rows.withUnsafeBufferPointer { rows in
      numbers.withUnsafeBufferPointer { numbers in
        found.withUnsafeMutableBufferPointer { found in
          for place in rows.indices {
            let (query, input) = (place / width * classes, place % width * classes)
            let (from, to) = isGathered ? (query, input) : (input, query)
            let factor = rows[place]
            for label in 0..<classes { found[to + label] += factor * numbers[from + label] }
          }
        }
      }
    }
    return found
  }

  func point(_ weights: [Double]) -> Point {
    var shares = outputs(weights)
    var value = 0.0
    var errors = shares
    for (row, target) in targets.enumerated() {
      let own = row * classes..<(row + 1) * classes
      let largest = own.reduce(-Double.infinity) { max($0, shares[$1]) }
      var sum = 0.0
      for place in own {
        shares[place] = exp(shares[place] - largest)
        sum += shares[place]
      }
      for place in own { shares[place] /= sum }
      value -= log(max(shares[own.lowerBound + target], 1e-300))
      for place in own { errors[place] = shares[place] }
      errors[own.lowerBound + target] -= 1
    }
    var gradient = gathered(errors)
    for place in weights.indices {
      value += 0.5 * penalty(place) * weights[place] * weights[place]
      gradient[place] += penalty(place) * weights[place]
    }
    return Point(value: value, gradient: gradient, shares: shares)
  }

  /// The Hessian at a point times a direction.
  private func curved(_ direction: [Double], at point: Point) -> [Double] {
    var numbers = outputs(direction)
    numbers.withUnsafeMutableBufferPointer { numbers in
      point.shares.withUnsafeBufferPointer { shares in
        for start in stride(from: 0, to: shares.count, by: classes) {
          var mean = 0.0
          for place in start..<start + classes { mean += shares[place] * numbers[place] }
          for place in start..<start + classes {
            numbers[place] = shares[place] * (numbers[place] - mean)
          }
        }
      }
    }
    var found = gathered(numbers)
    for place in found.indices { found[place] += penalty(place) * direction[place] }
    return found
  }

  private func preconditioned(_ residual: [Double]) -> [Double] {
    var solution = residual
    for start in stride(from: 0, to: residual.count, by: width) {
      for i in 0..<width {
        for k in 0..<i { solution[start + i] -= lower[i * width + k] * solution[start + k] }
        solution[start + i] /= lower[i * width + i]
      }
      for i in stride(from: width - 1, through: 0, by: -1) {
        for k in (i + 1)..<max(width, i + 1) {
          solution[start + i] -= lower[k * width + i] * solution[start + k]
        }
        solution[start + i] /= lower[i * width + i]
      }
    }
    return solution
  }

  /// H⁻¹ g at a point, the more exactly the smaller g is; nil when `shouldStop` says so.
  func step(from point: Point, shouldStop: () -> Bool) -> [Double]? {
    var solution = [Double](repeating: 0, count: point.gradient.count)
    var residual = point.gradient
    var turned = preconditioned(residual)
    var direction = turned
    var square = Self.product(residual, turned)
    let scale = Double(max(targets.count, 1))
    let size = Self.product(residual, residual).squareRoot()
    let wanted = size * min(0.1, max(size / scale, 1e-8))
    for _ in 0..<500 {
      guard !shouldStop() else { return nil }
      let curved = curved(direction, at: point)
      let curvature = Self.product(direction, curved)
      guard curvature > 0 else { break }
      let length = square / curvature
      for place in solution.indices {
        solution[place] += length * direction[place]
        residual[place] -= length * curved[place]
      }
      guard Self.product(residual, residual).squareRoot() > wanted else { break }
      turned = preconditioned(residual)
      let next = Self.product(residual, turned)
      for place in direction.indices {
        direction[place] = turned[place] + next / square * direction[place]
      }
      square = next
    }
    return solution
  }
}
