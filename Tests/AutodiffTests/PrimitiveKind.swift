import Kernels
import Testing

@testable import Autodiff

/// Every primitive, its parameters left out.
///
/// A new case of `Primitive` does not compile here until it has a kind, and `GradientTests` does
/// not compile until that kind has a check.
enum PrimitiveKind: Hashable, CaseIterable, CustomTestStringConvertible {
  case input
  case constant
  case table
  case unary(UnaryFunction)
  case binary(BinaryFunction)
  case matmul(isLeftTransposed: Bool)
  case transpose
  case exchange
  case broadcast(Chain.Cover)
  case sum(Chain.Reduction)
  case reshape
  case slice
  case pad
  case stopGradient
  case convolution
  case convolutionInputGradient
  case convolutionWeightGradient
  case poolingChoice
  case cornerChoice
  case pool
  case unpool
  case spatialSum
  case spatialBroadcast
  case sparseProduct(isTransposed: Bool)
  case moments
  case rowMaximum
  case fused

  init(_ primitive: Primitive) {
    switch primitive {
    case .input: self = .input
    case .constant: self = .constant
    case .table: self = .table
    case .unary(let function): self = .unary(function)
    case .binary(let function): self = .binary(function)
    case .matmul(let isLeftTransposed): self = .matmul(isLeftTransposed: isLeftTransposed)
    case .transpose: self = .transpose
    case .exchange: self = .exchange
    case .broadcast(let cover): self = .broadcast(cover)
    case .sum(let reduction): self = .sum(reduction)
    case .reshape: self = .reshape
    case .slice: self = .slice
    case .pad: self = .pad
    case .stopGradient: self = .stopGradient
    case .convolution: self = .convolution
    case .convolutionInputGradient: self = .convolutionInputGradient
    case .convolutionWeightGradient: self = .convolutionWeightGradient
    case .poolingChoice: self = .poolingChoice
    case .cornerChoice: self = .cornerChoice
    case .pool: self = .pool
    case .unpool: self = .unpool
    case .spatialSum: self = .spatialSum
    case .spatialBroadcast: self = .spatialBroadcast
    case .sparseProduct(_, let isTransposed): self = .sparseProduct(isTransposed: isTransposed)
    case .moments: self = .moments
    case .rowMaximum: self = .rowMaximum
    case .fused: self = .fused
    }
  }

  static let ofImages: [Self] = [
    .convolution, .convolutionInputGradient, .convolutionWeightGradient, .poolingChoice,
    .cornerChoice,
    .pool, .unpool, .spatialSum, .spatialBroadcast, .moments, .rowMaximum,
  ]

  /// A broadcast of full cover is the tensor itself and never becomes a node.
  static var allCases: [Self] {
    let functions =
      UnaryFunction.allCases.map(Self.unary) + BinaryFunction.allCases.map(Self.binary)
    let products = [false, true].map { Self.matmul(isLeftTransposed: $0) }
    let sparse = [false, true].map { Self.sparseProduct(isTransposed: $0) }
    let covers: [Self] = [.broadcast(.row), .broadcast(.column), .broadcast(.scalar)]
    let sums: [Self] = [.sum(.all), .sum(.rows), .sum(.columns)]
    return [
      .input, .constant, .table, .transpose, .exchange, .reshape, .slice, .pad, .stopGradient,
      .fused,
    ]
      + ofImages
      + functions + products + sparse + covers + sums
  }

  var testDescription: String { "\(self)" }
}
