import Kernels
import MetaLearning
import Training

extension [RunConfiguration] {
  /// What a person should know of the data, and of this machine's arithmetic, before the first step.
  package var dataNotes: [String] {
    (first?.distribution.notes ?? []) + (MatrixEngine.isAvailable ? [] : arithmeticNotes)
  }

  /// What is slow where the processor has no matrix engine.
  var arithmeticNotes: [String] {
    let float32 = ConvolutionHyperparameters.Precision.float32.rawValue
    let id = ConvolutionHyperparameters.precision.id
    let chosen = compactMap { run in
      run.values.descriptor(id).map { _ in run.values.choice(id) }
    }
    guard let precision = chosen.first(where: { $0 != float32 }) else { return [] }
    return [
      """
      \(id)=\(precision): this processor has no matrix engine (AMX with bfloat16), so its arithmetic is \
      imitated, to the same bits and slowly; \(id)=\(float32) is faster here
      """
    ]
  }
}
