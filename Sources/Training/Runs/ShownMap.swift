import Events
import Kernels
import MetaLearning
import Models
import Tasks

/// The ways of points across a surface, kept while a run is made.
///
/// `@unchecked Sendable`: used by the trainee that owns it, between phases.
final class ShownMap: @unchecked Sendable {
  private let map: SurfaceMap
  /// Where the points' parameter lies in the layout, and how many points it has.
  private let position: Range<Int>
  private let stored: Range<Int>?
  private var paths: [[MapSnapshot.Point]]
  private var trajectories: [[MapSnapshot.Point]]
  /// Steps between two points of a path; doubled when a path is full.
  private var stride = 1

  /// Nil unless the task is a surface, and the parameters are points on it.
  init?(_ configuration: RunConfiguration, _ state: ParameterState) {
    guard let map = configuration.distribution.map,
      let index = state.layout.specifications.firstIndex(where: {
        $0.storedName == Landscape.position
      })
    else { return nil }
    self.map = map
    position = state.layout.range(index)
    let name = Trajectory.fast(state.layout.specifications[index].name)
    let layout = state.lasting?.layout
    stored = layout?.specifications.firstIndex { $0.name == name }.flatMap { layout?.range($0) }
    paths = Array(repeating: [], count: position.count / 2)
    let tasks = stored == nil ? 0 : state.lasting?.buffers.count ?? 0
    trajectories = Array(repeating: [], count: tasks * position.count / 2)
  }

  /// Takes down where everything stands after an outer step.
  func note(_ state: ParameterState, step: Int) {
    guard step % stride == 0 else { return }
    append(state.parameters.values(position), to: &paths, from: 0)
    if let stored, let lasting = state.lasting {
      for (task, buffer) in lasting.buffers.enumerated() {
        append(buffer.values(stored), to: &trajectories, from: task * position.count / 2)
      }
    }
    guard let longest = paths.first?.count, longest >= MapSnapshot.pointLimit else { return }
    stride *= 2
    func halved(_ path: [MapSnapshot.Point]) -> [MapSnapshot.Point] {
      path.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    paths = paths.map(halved)
    trajectories = trajectories.map(halved)
  }

  private func append(_ numbers: [Float], to all: inout [[MapSnapshot.Point]], from first: Int) {
    for point in 0..<numbers.count / 2 {
      let (x, y) = (numbers[2 * point], numbers[2 * point + 1])
      guard x.isFinite, y.isFinite else { continue }
      all[first + point].append(.init(x: x, y: y))
    }
  }

  func snapshot(run: RunID, step: Int) -> MapSnapshot {
    let tasks = trajectories.enumerated().map { index, points in
      MapSnapshot.Path(label: "task \(index / max(paths.count, 1) + 1)", points: points.suffix(64))
    }
    return MapSnapshot(
      run: run,
      step: step,
      x: (map.x.lowerBound, map.x.upperBound),
      y: (map.y.lowerBound, map.y.upperBound),
      surface: map.heights,
      places: map.minima.map { .init(label: $0.label, point: .init(x: $0.x, y: $0.y)) },
      paths: tasks + paths.map { MapSnapshot.Path(label: "φ", points: $0, isMain: true) }
    )
  }
}
