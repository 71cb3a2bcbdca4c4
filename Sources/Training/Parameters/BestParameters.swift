import Events
import Files
import Kernels
import MetaLearning

/// The parameters of a run's best meta-validations, the best first, whose outputs a test averages.
///
/// `@unchecked Sendable`: written between two turns, read by the workers of an evaluation.
final class BestParameters: @unchecked Sendable {
  private struct Member {
    let loss: Float
    let accuracy: Float?
    let parameters: AlignedBuffer
  }

  private let layout: ParameterLayout
  private let size: Int
  private var members: [Member] = []

  /// Nil where the last parameters alone are tested.
  init?(layout: ParameterLayout, size: Int) {
    guard size > 1 else { return nil }
    (self.layout, self.size) = (layout, size)
  }

  var parameters: [AlignedBuffer] { members.map(\.parameters) }

  /// Takes a copy of the parameters when they are among the best.
  func note(loss: Float, accuracy: Float?, _ parameters: AlignedBuffer) {
    guard loss.isFinite, (accuracy ?? 0).isFinite else { return }
    let place = members.firstIndex {
      ValidationReport.isBetter((loss, accuracy), than: ($0.loss, $0.accuracy))
    }
    guard place != nil || members.count < size else { return }
    let copy = AlignedBuffer(count: parameters.count)
    copy.copy(from: parameters)
    let member = Member(loss: loss, accuracy: accuracy, parameters: copy)
    members.insert(member, at: place ?? members.count)
    members.removeLast(max(members.count - size, 0))
  }

  // MARK: Checkpoints

  /// They lie with the optimizer's state: nobody begins with them.
  private static func prefix(_ place: Int) -> String { "optimizer.best\(place + 1)." }
  private static let scores = "best_scores"

  func append(to file: inout TensorFile) {
    guard !members.isEmpty else { return }
    let scores = members.map { member in
      let accuracy = member.accuracy.map { String($0) } ?? "-"
      return "\(member.loss) \(accuracy)"
    }
    file.metadata[Self.scores] = scores.joined(separator: ", ")
    for (place, member) in members.enumerated() {
      for (index, specification) in layout.specifications.enumerated() {
        let values = member.parameters.values(layout.range(index))
        file.append(
          Self.prefix(place) + specification.storedName,
          shape: specification.storedShape,
          floats: specification.reordered(values, toStored: true)
        )
      }
    }
  }

  /// Takes back what `append` wrote; a file without it leaves none.
  ///
  /// - Throws: a sentence when a tensor is missing or has another shape.
  func restore(_ file: TensorFile) throws(SafetensorsError) {
    members = []
    let texts = file.metadata[Self.scores].map { $0.split(separator: ",") } ?? []
    for (place, text) in texts.prefix(size).enumerated() {
      let numbers = text.split(separator: " ")
      guard let loss = numbers.first.flatMap({ Float($0) }) else { continue }
      let buffer = AlignedBuffer(count: max(layout.count, 1))
      for (index, specification) in layout.specifications.enumerated() {
        let name = Self.prefix(place) + specification.storedName
        guard file.shape(named: name) == specification.storedShape else {
          let found = file.shape(named: name).map { "has shape \($0)" } ?? "is missing"
          throw SafetensorsError(
            path: file.path,
            reason: "\(name) \(found); this run needs \(specification.storedShape)"
          )
        }
        let values = specification.reordered(try file.floats(named: name), toStored: false)
        buffer.write(values, at: layout.offsets[index])
      }
      members.append(
        Member(loss: loss, accuracy: numbers.last.flatMap { Float($0) }, parameters: buffer)
      )
    }
  }
}
