import Glibc

/// Multinomial logistic regression on all members' centred logarithms: Σ cross-entropy + decay/2 ‖W‖²,
/// intercepts free.
///
/// Newton's method, whose systems conjugate gradients solve; what they are preconditioned by is the bound
/// H ≤ ½ (XᵀX ⊗ I) + decay, one small matrix that is decomposed once. So no Hessian is ever formed, and the work
/// of a pass is queries × classes × inputs.
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

  /// `inputs` one row a query, `targets` its class; nil when `shouldStop` said so before the end.
  init?(
    _ inputs: [[Double]],
    _ targets: [Int],
    classes: Int,
    decay: Double,
    shouldStop: () -> Bool = { false }
  ) {
    let problem = StackerProblem(inputs, targets, classes: classes, decay: decay)
    var solution = [Double](repeating: 0, count: classes * problem.width)
    var point = problem.point(solution)
    for _ in 0..<50 {
      let size = StackerProblem.product(point.gradient, point.gradient).squareRoot()
      // Sums over more queries are rounded more.
      guard size > 1e-10 * Double(max(inputs.count, 1)) else { break }
      guard let step = problem.step(from: point, shouldStop: shouldStop) else { return nil }
      var length = 1.0
      while true {
        let next = zip(solution, step).map { $0 - length * $1 }
        let found = problem.point(next)
        if found.value <= point.value || length < 1e-5 {
          (solution, point) = (next, found)
          break
        }
        length /= 2
      }
    }
    let width = problem.width
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
}
