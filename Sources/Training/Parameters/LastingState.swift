import Files
import Kernels
import MetaLearning
import Models

/// State of a replayed inner loop that outlives its episode: one for the run, or one for each task.
///
/// `@unchecked Sendable`: an episode's worker reads and writes its task's; the leader the rest.
final class LastingState: @unchecked Sendable {
  let layout: ParameterLayout
  let lasting: Trajectory.Lasting
  private let kept: Set<String>
  let buffers: [AlignedBuffer]
  /// Whether the buffers hold anything yet: a run's state begins with its first outer step.
  var isStarted = false

  /// Nil where nothing lasts.
  init?(_ trajectory: Trajectory?, taskCount: Int) {
    guard let trajectory, trajectory.lasting != .episode else { return nil }
    let layout = ParameterLayout(trajectory.state)
    self.layout = layout
    (lasting, kept) = (trajectory.lasting, trajectory.kept)
    buffers = (0..<(lasting == .task ? taskCount : 1)).map { _ in
      AlignedBuffer(count: max(layout.count, 1))
    }
  }

  /// What episode number `episode` of a meta-batch goes on from.
  func buffer(_ episode: Int) -> AlignedBuffer { buffers[lasting == .task ? episode : 0] }

  /// The state that held-out episodes begin with: the run's, never a task's.
  var shared: AlignedBuffer? { lasting == .run ? buffers[0] : nil }

  var isFinite: Bool { buffers.allSatisfy { $0.isFinite(0..<$0.count) } }

  // MARK: Checkpoints

  private func prefix(_ index: Int) -> String { lasting == .task ? "task\(index + 1)." : "" }

  /// Calls `body` for each stored tensor with its name, its buffer and its place in the layout.
  private func forEachKept<E: Error>(
    _ body: (String, AlignedBuffer, Int) throws(E) -> Void
  ) throws(E) {
    for (number, buffer) in buffers.enumerated() {
      for (index, specification) in layout.specifications.enumerated()
      where kept.contains(specification.name) {
        try body(prefix(number) + specification.name, buffer, index)
      }
    }
  }

  func append(to file: inout TensorFile) {
    guard isStarted else { return }
    forEachKept { name, buffer, index in
      let specification = layout.specifications[index]
      file.append(
        name,
        shape: specification.storedShape,
        floats: specification.reordered(buffer.values(layout.range(index)), toStored: true)
      )
    }
  }

  /// Takes back what `append` wrote; a run without any `updates` of the optimizer has no state yet.
  ///
  /// - Throws: a sentence when a tensor is missing or has another shape.
  func restore(_ file: TensorFile, updates: Int) throws(SafetensorsError) {
    var isMissing = false
    forEachKept { name, _, _ in isMissing = isMissing || file.shape(named: name) == nil }
    if isMissing, updates == 0 { return }
    try forEachKept { (name, buffer, index) throws(SafetensorsError) in
      let specification = layout.specifications[index]
      guard file.shape(named: name) == specification.storedShape else {
        let found = file.shape(named: name).map { "has shape \($0)" } ?? "is missing"
        throw SafetensorsError(
          path: file.path,
          reason: "\(name) \(found); this run's inner loop goes on from "
            + "\(specification.storedShape), so the file is another method's or was changed"
        )
      }
      let values = specification.reordered(try file.floats(named: name), toStored: false)
      buffer.write(values, at: layout.offsets[index])
    }
    isStarted = true
  }
}
