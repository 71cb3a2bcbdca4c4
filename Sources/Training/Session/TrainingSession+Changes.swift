import Events
import MetaLearning
import Recording

extension TrainingSession {
  /// Where a turn must end because a value changes there.
  func nextChange(after step: Int) -> Int {
    begun.changes.first { $0.step > step }?.step ?? .max
  }

  /// Makes the changes that were asked for at this step, as if somebody had made them just now.
  func makeChanges() {
    for change in begun.changes where change.step == step {
      guard trainee.values.number(change.id) != change.value else { continue }
      do throws(HyperparameterError) {
        try setHyperparameter(change.id, to: change.value)
        post(.hyperparameterChanged(id, id: change.id, value: change.value, step: step))
      } catch {
        post(.commandRefused(id, reason: error.description, step: step))
      }
    }
  }

  /// What a branch does otherwise than its parent: ` with inner-lr 0.01 → 0.3`.
  func changes(_ parent: ResumePoint) -> String {
    let texts = trainee.values.descriptors.compactMap { descriptor -> String? in
      let value = trainee.values.number(descriptor.id)
      guard let before = parent.values[descriptor.id], before != value else { return nil }
      return "\(descriptor.id) \(descriptor.format(before)) → \(descriptor.format(value))"
    }
    return texts.isEmpty ? "" : " with " + texts.joined(separator: ", ")
  }
}
