import Kernels
import MetaLearning
import Models

/// A run's meta-parameters and the optimizer's moments, in the layout of the parameters.
///
/// `@unchecked Sendable`: workers read parameters in one phase of an outer step and write disjoint
/// chunks in another.
final class ParameterState: @unchecked Sendable {
  let layout: ParameterLayout
  let parameters: AlignedBuffer
  let firstMoment: AlignedBuffer
  let secondMoment: AlignedBuffer
  let gradient: AlignedBuffer
  /// The parameters of the last outer step whose loss and gradient were finite.
  let lastGood: AlignedBuffer
  /// Updates made.
  var updates = 0
  /// Of each group, for Adam's bias correction: fewer where a group was not updated at first.
  var groupUpdates: [Int]
  /// What lasts besides the parameters; nil for most methods.
  var lasting: LastingState?
  /// The best parameters so far; nil for most methods.
  var best: BestParameters?

  init(layout: ParameterLayout, seed: UInt64) {
    self.layout = layout
    chunks = layout.groups.enumerated().flatMap { index, group in
      stride(from: group.range.lowerBound, to: group.range.upperBound, by: 512).map { start in
        (index, start..<min(start + 512, group.range.upperBound))
      }
    }
    groupUpdates = layout.groups.map { _ in 0 }
    parameters = AlignedBuffer(count: layout.count)
    firstMoment = AlignedBuffer(count: layout.count)
    secondMoment = AlignedBuffer(count: layout.count)
    gradient = AlignedBuffer(count: layout.count)
    lastGood = AlignedBuffer(count: layout.count)
    let stream = RandomStream(seed: seed).split(StreamLabel.initialParameters.rawValue)
    layout.initialise(parameters, stream: stream)
    lastGood.copy(from: parameters)
  }

  /// Fixed ranges of whole cache lines within groups, so that sums and updates do not depend on
  /// how many workers share them; `group` is an index into the layout's groups.
  let chunks: [(group: Int, range: Range<Int>)]
  /// Whether parameters and moments can be trained on.
  var isFinite: Bool {
    [parameters, firstMoment, secondMoment].allSatisfy { $0.isFinite(0..<$0.count) }
      && lasting?.isFinite != false
  }

  func restoreLastGood() { parameters.copy(from: lastGood) }
}
