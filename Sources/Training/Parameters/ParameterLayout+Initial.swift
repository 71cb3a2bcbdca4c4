import Kernels
import MetaLearning
import Models

extension ParameterLayout {
  /// Draws initial values; each parameter has its own stream, named by its place.
  package func initialise(_ buffer: AlignedBuffer, stream: RandomStream) {
    for (index, specification) in specifications.enumerated() {
      var stream = stream.split(UInt64(index))
      let (offset, count) = (offsets[index], specification.shape.count)
      switch specification.initialiser {
      case .zeros: buffer.write([Float](repeating: 0, count: count), at: offset)
      case .ones: buffer.write([Float](repeating: 1, count: count), at: offset)
      case .uniform(let bound):
        stream.fillUniform(buffer, at: offset, count: count)
        buffer.rescale(at: offset, count: count, lower: -bound, upper: bound)
      case .constant(let value):
        buffer.write([Float](repeating: value, count: count), at: offset)
      case .between(let lower, let upper):
        stream.fillUniform(buffer, at: offset, count: count)
        buffer.rescale(at: offset, count: count, lower: lower, upper: upper)
      case .normal(let deviation):
        stream.fillNormal(buffer, at: offset, count: count)
        buffer.rescale(at: offset, count: count, lower: 0, upper: deviation)
      }
    }
  }
}
