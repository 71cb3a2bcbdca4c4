import Autodiff

/// No network: the parameters are points of a plane, and the outputs what a surface is made of there.
///
/// An example is a surface of `Landscape` in six numbers. The outputs' mean square, the loss, is the sum
/// of the surface's heights over all points: so none of them knows of the others.
package struct PointModel: Model {
  package let points: Int

  package init(points: Int) { self.points = points }

  package var name: String { points == 1 ? "point" : "\(points) points" }
  package var option: (name: String, width: Int)? { ("point", points) }
  package var family: ModelFamily { .dense }
  package var bodyLayers: [String] { ["point"] }
  package var normalisedLayers: [NormalisedLayer] { [] }
  package var sites: [FeatureSite] { [] }
  package var inputShape: [Int] { [Self.inputCount] }
  package var featureCount: Int { Self.inputCount }
  package var outputCount: Int { 2 }

  private static let inputCount = 6
  private static let position = "body.point.position"
  /// By what a surface is stretched.
  private static let scale = 3.0

  package var parameters: [ParameterSpecification] {
    [
      ParameterSpecification(
        Self.position,
        [points, 2],
        .uniform(bound: 10),
        storedName: "toy.position"
      )
    ]
  }

  package func features(
    of inputs: Tensor,
    _ parameters: ParameterTree<Tensor>,
    statistics: BatchStatistics,
    visitor: BodyVisitor
  ) -> Tensor { inputs }

  /// √(2 · points) times the roots of the two terms, so that their mean square is the heights' sum.
  package func head(_ features: Tensor, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let examples = features.shape.rows
    precondition(examples % points == 0, "\(examples) examples for \(points) points")
    let surface = features.transposed()
    func part(_ index: Int) -> Tensor { surface.slice(from: index * examples, as: [examples]) }
    // Each point's examples lie together.
    let positions = parameters[Self.position].transposed()
    func coordinate(_ index: Int) -> Tensor {
      positions.slice(from: index * points, as: [points])
        .broadcast(.column, to: [points, examples / points]).reshaped(to: [examples])
    }
    let (dx, dy) = (coordinate(0) - part(0), coordinate(1) - part(1))
    let u = (part(2) * dx - part(3) * dy) * (1 / Self.scale)
    let v = (part(3) * dx + part(2) * dy) * (1 / Self.scale)
    let size = Double(2 * points).squareRoot()
    let first = (u * u + v - 11) * part(4) * size
    let second = (u + v * v - 7) * part(5) * size
    let both: Shape = [2, examples]
    return (first.padded(from: 0, to: both) + second.padded(from: examples, to: both)).transposed()
  }
}
