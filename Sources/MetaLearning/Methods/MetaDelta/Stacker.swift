import Glibc

/// Multinomial logistic regression on all members' centred logarithms: Σ cross-entropy + decay/2 ‖W‖²,
/// intercepts free, solved by Newton's method.
struct Stacker {
  private(set) var weights: [[Double]]
  private(set) var intercepts: [Double]

  /// The logarithms of one member's answers, centred over the classes.
  static func centred(_ answers: [[Double]]) -> [[Double]] {
    answers.map { row in
      let logs = row.map { log(max($0, 1e-12)) }
      let mean = logs.reduce(0, +) / Double(max(logs.count, 1))
      return logs.map { $0 - mean }
    }
  }

  /// `inputs` one row a query, `targets` its class.
  init(_ inputs: [[Double]], _ targets: [Int], classes: Int, decay: Double) {
    let width = (inputs.first?.count ?? 0) + 1
    let rows = inputs.map { $0 + [1] }
    var solution = [Double](repeating: 0, count: classes * width)
    let problem = Problem(rows: rows, targets: targets, classes: classes, decay: decay)
    for _ in 0..<50 {
      let (gradient, hessian) = problem.derivatives(solution)
      let size = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // Sums over more queries are rounded more.
      guard size > 1e-10 * Double(max(rows.count, 1)) else { break }
      let step = Self.solved(hessian, gradient)
      let value = problem.value(solution)
      var length = 1.0
      while length > 1e-6 {
        let next = zip(solution, step).map { $0 - length * $1 }
        if problem.value(next) <= value || length < 1e-5 {
          solution = next
          break
        }
        length /= 2
      }
    }
    weights = (0..<classes).map { Array(solution[$0 * width..<($0 + 1) * width - 1]) }
    let free = (0..<classes).map { solution[($0 + 1) * width - 1] }
    let mean = free.reduce(0, +) / Double(max(classes, 1))
    intercepts = free.map { $0 - mean }
  }

  /// Of one query: softmax(W x + b).
  static func answer(_ row: [Double], _ weights: [[Double]], _ intercepts: [Double]) -> [Double] {
    let logits = zip(weights, intercepts).map { own, intercept in
      zip(own, row).reduce(intercept) { $0 + $1.0 * $1.1 }
    }
    let largest = logits.max() ?? 0
    let shares = logits.map { exp($0 - largest) }
    let sum = shares.reduce(0, +)
    return shares.map { $0 / sum }
  }

  private struct Problem {
    let rows: [[Double]]
    let targets: [Int]
    let classes: Int
    let decay: Double

    private var width: Int { rows.first?.count ?? 1 }
    /// Shifting all intercepts changes nothing; this keeps them where they are.
    private static let ridge = 1e-9

    private func penalty(_ place: Int) -> Double {
      place % width == width - 1 ? Self.ridge : decay
    }

    private func probabilities(_ solution: [Double], _ row: [Double]) -> [Double] {
      let weights = (0..<classes).map { Array(solution[$0 * width..<($0 + 1) * width]) }
      return Stacker.answer(row, weights, [Double](repeating: 0, count: classes))
    }

    func value(_ solution: [Double]) -> Double {
      var sum = 0.0
      for (row, target) in zip(rows, targets) {
        sum -= log(max(probabilities(solution, row)[target], 1e-300))
      }
      for place in solution.indices {
        sum += 0.5 * penalty(place) * solution[place] * solution[place]
      }
      return sum
    }

    func derivatives(_ solution: [Double]) -> (gradient: [Double], hessian: [[Double]]) {
      let size = solution.count
      var gradient = [Double](repeating: 0, count: size)
      var hessian = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
      for (row, target) in zip(rows, targets) {
        let shares = probabilities(solution, row)
        for a in 0..<classes {
          let error = shares[a] - (a == target ? 1 : 0)
          for i in 0..<width { gradient[a * width + i] += error * row[i] }
          for b in 0...a {
            let factor = shares[a] * ((a == b ? 1 : 0) - shares[b])
            for i in 0..<width {
              let scaled = factor * row[i]
              for j in 0..<width { hessian[a * width + i][b * width + j] += scaled * row[j] }
            }
          }
        }
      }
      for place in 0..<size {
        gradient[place] += penalty(place) * solution[place]
        hessian[place][place] += penalty(place)
      }
      return (gradient, hessian)
    }
  }

  /// H⁻¹ g by Cholesky's decomposition; only the lower half of H is read.
  private static func solved(_ matrix: [[Double]], _ target: [Double]) -> [Double] {
    let size = target.count
    var lower = matrix
    for j in 0..<size {
      for k in 0..<j { lower[j][j] -= lower[j][k] * lower[j][k] }
      lower[j][j] = max(lower[j][j], 1e-30).squareRoot()
      for i in (j + 1)..<max(size, j + 1) {
        for k in 0..<j { lower[i][j] -= lower[i][k] * lower[j][k] }
        lower[i][j] /= lower[j][j]
      }
    }
    var solution = target
    for i in 0..<size {
      for k in 0..<i { solution[i] -= lower[i][k] * solution[k] }
      solution[i] /= lower[i][i]
    }
    for i in stride(from: size - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(size, i + 1) { solution[i] -= lower[k][i] * solution[k] }
      solution[i] /= lower[i][i]
    }
    return solution
  }
}
