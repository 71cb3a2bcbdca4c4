import Autodiff
import Kernels

extension ReferenceInterpreter {
  /// The slope of `tensor` when the inputs move along `directions`, by a five-point formula whose
  /// error is of order `step`⁴.
  package func slope(
    of tensor: Tensor,
    along directions: [Address: [Double]],
    step: Double = 1e-3
  ) -> Double {
    func value(_ distance: Double) -> Double {
      var moved = self
      for (address, direction) in directions {
        let start = inputs[address] ?? []
        moved.inputs[address] = zip(start, direction).map { $0 + distance * $1 }
      }
      return moved.values(of: [tensor])[0][0]
    }
    let near = value(step) - value(-step)
    let far = value(2 * step) - value(-2 * step)
    return (8 * near - far) / (12 * step)
  }
}
