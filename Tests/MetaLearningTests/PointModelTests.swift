import Autodiff
import AutodiffOracle
import Kernels
import Models
import Tasks
import Testing

@testable import MetaLearning

@Suite struct PointModelTests {
  /// The loss is the sum of the surface's heights over all points, exactly, and its gradient each
  /// point's own slope.
  @Test(arguments: [1, 3])
  func lossIsTheHeight(points: Int) throws {
    let task = Landscape(points: points)
    let model = PointModel(points: points)
    let layout = task.layout(shot: 2, queryShot: 1)
    var values = HyperparameterValues(MAML().hyperparameters(for: model))
    try values.set("inner-lr", to: 0.001)
    let setup = EpisodeSetup(method: MAML(), model: model, layout: layout, values: values)
    let trace = setup.trace(values)
    let position = trace.metaParameters["body.point.position"]
    let output = model.head(trace.supportInputs, trace.metaParameters)
    let loss = trace.loss(output, trace.supportTargets)
    let gradient = trace.graph.gradient(of: loss, withRespectTo: [position])[0]
    let places: [Double] = [-5, -5, 5, 15, 15, 5]
    for (index, surface) in task.surfaces.enumerated() {
      let buffer = AlignedBuffer(count: layout.count)
      task.write(task: index, layout, into: buffer, at: 0)
      var inputs: [Address: [Double]] = [
        Address(.parameters, 0): Array(places.prefix(2 * points))
      ]
      for (offset, count) in [
        (layout.supportInputs, 6 * layout.supportCount),
        (layout.supportTargets, 2 * layout.supportCount),
      ] {
        inputs[Address(.episode, offset)] = buffer.values(offset..<offset + count).map(Double.init)
      }
      let planned = replay([loss, gradient], inputs: inputs).map { $0.map(Double.init) }
      let own = (0..<points).map { (x: places[2 * $0], y: places[2 * $0 + 1]) }
      let height = own.reduce(0) { $0 + surface.height($1.x, $1.y) }
      #expect(abs(planned[0][0] - height) < 2e-6 * height)
      let step = 1e-5
      let slopes = own.flatMap { point in
        [
          (surface.height(point.x + step, point.y) - surface.height(point.x - step, point.y))
            / (2 * step),
          (surface.height(point.x, point.y + step) - surface.height(point.x, point.y - step))
            / (2 * step),
        ]
      }
      for (single, slope) in zip(planned[1], slopes) {
        #expect(abs(single - slope) < 1e-5 * max(abs(slope), 10), "\(single) and \(slope)")
      }
    }
    #expect(model.layers == ["point"])
    #expect(setup.parameters.specifications.map(\.storedName) == ["toy.position"])
  }
}
