import Autodiff
import Models

/// Where the perturbation's sites take mean and variance of their responses h from, and what they
/// found.
///
/// Each is four rows `[channels]`, one a stencil. A batch has its own in training; predictions use
/// running averages, so that an image's does not depend on what it comes with.
package final class ResponseStatistics {
  package struct Moments {
    package let means: [Tensor]
    /// Unbiased.
    package let variances: [Tensor]
  }

  private let given: [Int: Moments]?
  /// By site, as far as they were not given.
  package private(set) var found: [Int: Moments] = [:]

  /// Each site by its own batch.
  package init() { given = nil }

  fileprivate init(given: [Int: Moments]) { self.given = given }

  /// Those of the responses to the four stencils of `kernels`, of images or features `x`.
  func moments(of x: Tensor, _ kernels: Tensor, site: Int) -> Moments {
    if let given {
      guard let moments = given[site] else { preconditionFailure("no statistics of site \(site)") }
      return moments
    }
    let moments =
      x.shape.responses == nil
      ? Self.moments(ofFeatures: x, centres: kernels.stencilCentres)
      : Self.moments(of: x.meanResponses(kernels))
    found[site] = moments
    return moments
  }

  private static func moments(of responses: [Tensor]) -> Moments {
    let examples = responses[0].shape.rows
    precondition(examples > 1, "the variance over \(examples) example does not exist")
    let means = responses.map { $0.sumOverRows() * (1 / Double(examples)) }
    let variances = zip(responses, means).map { response, mean in
      let deviation = response - mean.broadcast(.row, to: response.shape)
      return (deviation * deviation).sumOverRows() * (1 / Double(examples - 1))
    }
    return Moments(means: means, variances: variances)
  }

  /// The same where a stencil is one number k: relu(k x) = relu(k) relu(x) + relu(−k) relu(−x), and one
  /// of both is nothing, so all four responses have the moments of two, and are never made.
  private static func moments(ofFeatures x: Tensor, centres: [Tensor]) -> Moments {
    let halves = moments(of: [x.relu(), (-x).relu()])
    func combined(_ positive: Tensor, _ negative: Tensor, _ of: [Tensor]) -> Tensor {
      of[0] * positive + of[1] * negative
    }
    let sides = centres.map { (positive: $0.relu(), negative: (-$0).relu()) }
    return Moments(
      means: sides.map { combined($0.positive, $0.negative, halves.means) },
      variances: sides.map {
        combined($0.positive * $0.positive, $0.negative * $0.negative, halves.variances)
      }
    )
  }
}

/// Running averages of every site's responses, kept beside a network's parameters.
///
/// The published code keeps them in lists that no checkpoint has; here they are stored like those of
/// batch normalisation: `statistics.perturbation.block1.running_mean`, `[4, channels]`.
package struct RunningResponses: Sendable {
  /// Sites in order, with the channels of what they perturb.
  package let sites: [FeatureSite]

  package init(_ sites: [FeatureSite]) { self.sites = sites }

  package var parameters: [ParameterSpecification] {
    sites.flatMap { site in
      [
        ParameterSpecification(Self.mean(site), [4, site.channels], .zeros),
        ParameterSpecification(Self.variance(site), [4, site.channels], .ones),
      ]
    }
  }

  private static func mean(_ site: FeatureSite) -> String {
    RunningStatistics.mean("perturbation.\(site.name)")
  }

  private static func variance(_ site: FeatureSite) -> String {
    RunningStatistics.variance("perturbation.\(site.name)")
  }

  /// The averages as a pass's statistics.
  package func values(_ parameters: ParameterTree<Tensor>) -> ResponseStatistics {
    let moments = sites.map { site in
      ResponseStatistics.Moments(
        means: rows(parameters[Self.mean(site)], site),
        variances: rows(parameters[Self.variance(site)], site)
      )
    }
    return ResponseStatistics(given: Dictionary(uniqueKeysWithValues: zip(sites.indices, moments)))
  }

  private func rows(_ all: Tensor, _ site: FeatureSite) -> [Tensor] {
    (0..<4).map { all.slice(from: $0 * site.channels, as: [site.channels]) }
  }

  /// How far each average is from what a pass found, by name; averages move by
  /// `RunningStatistics.momentum` times this.
  package func distances(
    from statistics: ResponseStatistics,
    _ parameters: ParameterTree<Tensor>
  ) -> [String: Tensor] {
    var distances: [String: Tensor] = [:]
    for (index, site) in sites.enumerated() {
      guard let found = statistics.found[index] else { continue }
      for (name, rows) in [
        (Self.mean(site), found.means), (Self.variance(site), found.variances),
      ] {
        let all = parameters[name]
        let seen = rows.enumerated().map { row, values in
          values.padded(from: row * site.channels, to: all.shape)
        }
        distances[name] = all - seen.dropFirst().reduce(seen[0], +)
      }
    }
    return distances
  }
}
