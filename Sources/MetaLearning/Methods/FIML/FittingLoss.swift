import Autodiff
import Models

/// The learned loss of one episode and its steepest descent.
struct FittingLoss {
  /// The classifier at each point, and what was found there.
  struct Way {
    var classifiers: [Tensor]
    var losses: [Tensor]
    var entropies: [Tensor]
    var lengths: [Tensor] = []
  }

  private let trace: EpisodeTrace
  /// `[examples, features]`, of unit length where that is asked for.
  private let support: Tensor
  private let query: Tensor
  /// 1 where an example is of a class, `[examples, classes]`.
  private let member: Tensor
  /// The classifier that the descent begins with, `[features, classes]`.
  let start: Tensor

  init(_ method: FIML, _ trace: EpisodeTrace) {
    self.trace = trace
    let parameters = trace.metaParameters
    func rows(_ inputs: Tensor, _ pass: Pass) -> Tensor {
      method.rows(
        trace,
        inputs,
        parameters,
        method.statistics(trace, parameters, pass: pass),
        pass: pass
      )
    }
    let plain = rows(trace.supportInputs, .support(step: 0))
    member = trace.supportTargets
    support = method.scaled(trace, plain)
    query = method.scaled(trace, rows(trace.queryInputs, .query))
    start = Self.start(trace, plain)
  }

  private static func scalar(_ trace: EpisodeTrace, _ name: String) -> Tensor {
    trace.metaParameters["learner." + name].reshaped(to: .scalar)
  }

  private func scalar(_ name: String) -> Tensor { Self.scalar(trace, name) }

  /// The vector in the span of P and N with w·P = t₊ and w·N = t₋: P is the class's mean, N that of
  /// all others, of features as they are.
  private static func start(_ trace: EpisodeTrace, _ rows: Tensor) -> Tensor {
    let member = trace.supportTargets
    let size: Shape = [member.shape.columns, rows.shape.columns]
    func column(_ values: Tensor) -> Tensor { values.broadcast(.column, to: size) }
    let count = member.sumOverRows()
    let sums = member.transposedMatmul(rows)
    let own = sums / column(count)
    let whole = rows.sumOverRows().broadcast(.row, to: size)
    let others = (whole - sums) / column(Double(rows.shape.rows) - count)
    func product(_ a: Tensor, _ b: Tensor) -> Tensor { (a * b).sumOverColumns() }
    let (pp, nn, pn) = (product(own, own), product(others, others), product(own, others))
    let (up, down) = (scalar(trace, "positive_start"), scalar(trace, "negative_start"))
    let determinant = (pp * nn - pn * pn - 1e-6).relu() + 1e-6
    let first = column((up * nn - down * pn) / determinant)
    let second = column((up * pn - down * pp) / determinant)
    return (own * first - others * second).transposed()
  }

  /// One of two learned numbers for each example and class.
  private func either(_ name: String) -> Tensor {
    let negative = scalar("negative_" + name)
    return member * (scalar("positive_" + name) - negative) + negative
  }

  /// What the loss is made of at a classifier.
  private struct Parts {
    let residual: Tensor
    /// ∂ residual / ∂ score.
    let slope: Tensor
    /// Of the queries: τ wᵀf, their softmax, and each one's entropy.
    let scores: Tensor
    let probability: Tensor
    let entropy: Tensor
  }

  private func parts(_ classifier: Tensor) -> Parts {
    let sign = member * 2 - 1
    let (target, weight, bend) = (either("target"), either("weight"), either("slope"))
    let distance = sign * (target - support.matmul(classifier))
    let size = distance.relu() + (-distance).relu()
    let one = trace.graph.constant(1, distance.shape)
    let direction = one.gated(by: distance) - one.gated(by: -distance)
    let (uneven, even) = ((1 - bend) * 0.5, (bend + 1) * 0.5)
    let scores = query.matmul(classifier) * scalar("temperature")
    let logarithms = scores.logSoftmax()
    let probability = logarithms.exp()
    return Parts(
      residual: weight * (uneven * size + even * distance),
      slope: -(weight * sign * (uneven * direction + even)),
      scores: scores,
      probability: probability,
      entropy: -(probability * logarithms).sumOverColumns()
    )
  }

  private var entropyShare: Tensor {
    scalar("entropy_weight") * (1 / Double(query.shape.rows))
  }

  func value(_ classifier: Tensor) -> Tensor { value(parts(classifier), classifier) }

  private func value(_ parts: Parts, _ classifier: Tensor) -> Tensor {
    let pull = scalar("regulariser")
    return (parts.residual * parts.residual).sum() * 0.5
      + (classifier * classifier).sum() * (pull * pull * 0.5) + parts.entropy.sum() * entropyShare
  }

  func descend(steps: Int) -> Way {
    var parts = parts(start)
    var way = Way(
      classifiers: [start],
      losses: [value(parts, start)],
      entropies: [parts.entropy.mean()]
    )
    for step in 0..<steps {
      let current = way.classifiers[step]
      let gradient = gradient(parts, current)
      let length = length(parts, gradient)
      let next = current - gradient * length
      parts = self.parts(next)
      way.classifiers.append(next)
      way.losses.append(value(parts, next))
      way.entropies.append(parts.entropy.mean())
      way.lengths.append(length)
    }
    return way
  }

  /// Σ over classes of a query's numbers, at each of them.
  private func spread(_ values: Tensor) -> Tensor {
    values.sumOverColumns().broadcast(.column, to: values.shape)
  }

  private func gradient(_ parts: Parts, _ classifier: Tensor) -> Tensor {
    let pull = scalar("regulariser")
    let mean = spread(parts.probability * parts.scores)
    let bend = parts.probability * (mean - parts.scores) * entropyShare
    return support.transposedMatmul(parts.residual * parts.slope) + classifier * (pull * pull)
      + query.transposedMatmul(bend) * scalar("temperature")
  }

  /// ‖g‖² over the curvature along g: residuals as straight lines, and the softmax's covariance, which is
  /// no Hessian of the entropy and never negative.
  private func length(_ parts: Parts, _ gradient: Tensor) -> Tensor {
    let along = query.matmul(gradient) * scalar("temperature")
    let mean = (parts.probability * along).sumOverColumns()
    let covariance = (parts.probability * along * along).sumOverColumns() - mean * mean
    let residuals = parts.slope * support.matmul(gradient)
    let pull = scalar("regulariser")
    let square = (gradient * gradient).sum()
    let curvature =
      (residuals * residuals).sum() + square * (pull * pull)
      + covariance.relu().sum() * entropyShare
    let damped = (curvature - 1e-8).relu() + 1e-8 + square * trace.setting(FIML.damping.id)
    return square / damped
  }
}
