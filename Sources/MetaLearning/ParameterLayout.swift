import Autodiff
import Models

/// Where each meta-parameter lies in the parameter memory, and so its gradient in the results.
///
/// Body and head come first and without other groups between, so that they are one range.
package struct ParameterLayout: Sendable {
  package let specifications: [ParameterSpecification]
  package let offsets: [Int]
  /// Floats of all parameters, each padded to whole cache lines.
  package let count: Int

  package init(_ specifications: [ParameterSpecification]) {
    self.specifications = specifications
    var offset = 0
    var offsets: [Int] = []
    for specification in specifications {
      offsets.append(offset)
      offset += specification.shape.paddedCount
    }
    self.offsets = offsets
    count = offset
  }

  /// The floats of one parameter, without padding.
  package func range(_ index: Int) -> Range<Int> {
    offsets[index]..<offsets[index] + specifications[index].shape.count
  }

  /// The contiguous floats of each group in order, padding included.
  package var groups: [(name: String, range: Range<Int>)] {
    var groups: [(name: String, range: Range<Int>)] = []
    for (index, specification) in specifications.enumerated() {
      let end = index + 1 < offsets.count ? offsets[index + 1] : count
      if let last = groups.last, last.name == specification.group {
        groups[groups.count - 1].range = last.range.lowerBound..<end
      } else {
        groups.append((specification.group, offsets[index]..<end))
      }
    }
    return groups
  }

  /// Floats from the start that belong to body and head.
  package var bodyAndHeadEnd: Int {
    groups.last { $0.name == "body" || $0.name == "head" }?.range.upperBound ?? 0
  }

  /// Number of weights in each group, without padding; running averages are none.
  package var parameterCounts: [String: Int] {
    specifications.reduce(into: [:]) { counts, specification in
      guard specification.group != RunningStatistics.group else { return }
      counts[specification.group, default: 0] += specification.shape.count
    }
  }

  package func tensors(in graph: Graph) -> ParameterTree<Tensor> {
    tensors { graph.input(.parameters, at: $0, $1) }
  }

  /// Every parameter by name, as `input` makes it of its offset and shape.
  func tensors(_ input: (Int, Shape) -> Tensor) -> ParameterTree<Tensor> {
    ParameterTree(
      zip(specifications, offsets).map { specification, offset in
        (specification.name, input(offset, specification.shape))
      }
    )
  }
}
