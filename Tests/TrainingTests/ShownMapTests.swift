import Events
import Glibc
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

@Suite struct ShownMapTests {
  private func maps(_ method: any Method) throws -> [MapSnapshot] {
    let task = Landscape(points: 2)
    let model = PointModel(points: 2)
    var values = HyperparameterValues(method.hyperparameters(for: model))
    if values.descriptor("inner-lr") != nil { try values.set("inner-lr", to: 0.0001) }
    let run = RunConfiguration(
      method: method,
      model: model,
      distribution: task,
      values: values,
      shot: 1,
      queryShot: 1,
      totalSteps: 1_200,
      metaBatchSize: 8,
      seed: 3,
      threads: 1,
      evaluateEvery: 600,
      evaluationEpisodes: 8,
      testEpisodes: 8,
      probeEvery: 0
    )
    let log = EventLog()
    try Comparison([run], log: log).run()
    return log.all.compactMap { if case .map(let map) = $0 { map } else { nil } }
  }

  /// The surface is the logarithm of the mean height, and all minima lie at height 0.
  @Test func mapIsTheTasks() throws {
    let task = Landscape()
    let map = try #require(task.map)
    #expect(map.minima.count == 4 * task.surfaces.count)
    for (index, place) in map.minima.enumerated() {
      let surface = task.surfaces[index / 4]
      #expect(surface.height(Double(place.x), Double(place.y)) < 1e-3, "\(index)")
    }
    let (x, y) = (Double(map.x.lowerBound), Double(map.y.upperBound))
    let mean = task.surfaces.reduce(0) { $0 + $1.height(x, y) } / 8
    let corner = try #require(map.heights.last?.first)
    #expect(abs(corner - Float(log1p(mean))) < 1e-3 * corner)
  }

  @Test func pathsAreBoundedAndEndWhereThePointsAre() throws {
    for method in MethodCatalog.all where method.tasks.contains(.surface) {
      let maps = try maps(method)
      if maps.isEmpty { continue }
      let last = try #require(maps.last)
      let main = last.paths.filter(\.isMain)
      #expect(main.count == 2, "\(method.descriptor.id)")
      for path in last.paths { #expect(path.points.count <= MapSnapshot.pointLimit) }
    }
  }
}
