import AutodiffOracle
import Foundation
import Kernels
import Testing

@testable import Autodiff

/// The small network whose gradients are known to eight digits: f(x) = w₂·tanh(W₁x + b₁) + b₂.
///
/// The expected numbers come from automatic differentiation in double precision and, separately,
/// from the Hessian-vector recursion; see Documentation/Methods.
struct VerificationNetwork {
  let graph = Graph()
  let parameters: [Tensor]
  let coLearner: [Tensor]
  let inputs: [Address: [Double]]
  let alpha = 0.1

  init() {
    let shapes: [Shape] = [[1, 3], [3], [3, 1], [1]]
    let coShapes: [Shape] = [[2, 3], [2], [2, 1], [1]]
    var offset = 0
    var inputs: [Address: [Double]] = [:]
    var index = 0.0
    let graph = graph
    func leaf(_ shape: Shape, _ value: (Double) -> Double) -> Tensor {
      let address = Address(.parameters, offset)
      inputs[address] = (0..<shape.count).map { value(index + Double($0) + 1) }
      index += Double(shape.count)
      offset += paddedCount(shape.count)
      return graph.input(address, shape)
    }
    parameters = shapes.map { leaf($0) { 0.5 * sin($0) } }
    index = 0
    coLearner = coShapes.map { leaf($0) { 0.4 * cos($0) } }
    for (position, x) in [[-1, 0.5, 2], [-0.7, 0.3, 1.5]].enumerated() {
      inputs[Address(.episode, position * 32)] = x
      inputs[Address(.episode, position * 32 + 16)] = x.map { sin($0) }
    }
    self.inputs = inputs
  }

  func features(_ p: [Tensor], _ set: Int) -> Tensor {
    let x = graph.input(Address(.episode, set * 32), [3, 1])
    return (x.matmul(p[0]) + p[1].broadcast(.row, to: [3, 3])).tanh()
  }

  func loss(_ prediction: Tensor, _ set: Int) -> Tensor {
    let error = prediction - graph.input(Address(.episode, set * 32 + 16), [3, 1])
    return (error * error).mean()
  }

  func loss(_ p: [Tensor], _ set: Int) -> Tensor {
    let output = features(p, set).matmul(p[2])
    return loss(output + p[3].broadcast(.scalar, to: output.shape), set)
  }

  func coLearnerLoss(_ p: [Tensor], _ set: Int) -> Tensor {
    let hidden = features(p, set).matmul(coLearner[0].transposed())
    let activated = (hidden + coLearner[1].broadcast(.row, to: hidden.shape)).tanh()
    let output = activated.matmul(coLearner[2])
    return loss(output + coLearner[3].broadcast(.scalar, to: output.shape), set)
  }

  /// The parameters after inner steps; `mask` says which tensors adapt.
  func adapted(
    steps: Int,
    isFirstOrder: Bool = false,
    mask: [Bool] = [true, true, true, true]
  )
    -> [Tensor]
  {
    var p = parameters
    for _ in 0..<steps {
      let gradients = graph.gradient(of: loss(p, 0), withRespectTo: p)
      p = p.indices.map { index in
        guard mask[index] else { return p[index] }
        let step = isFirstOrder ? gradients[index].stoppingGradient() : gradients[index]
        return p[index] - step * alpha
      }
    }
    return p
  }
}

struct VerificationCase: CustomTestStringConvertible, Sendable {
  let name: String
  let loss: Double?
  let expected: [Double]
  let objective: @Sendable (VerificationNetwork) -> Tensor
  var testDescription: String { name }

  static let all: [VerificationCase] = [
    Self(
      name: "MAML, 1 step",
      loss: 0.3944283873,
      expected: [
        -0.20604991, -0.27349629, -0.13441863, -0.24482445, -0.34177781, -0.14481927,
        -0.15086163, -0.16817644, -0.05109160, -0.75247343,
      ]
    ) { $0.loss($0.adapted(steps: 1), 1) },
    Self(
      name: "MAML, 2 steps",
      loss: 0.2553563842,
      expected: [
        -0.13765325, -0.15746083, -0.08953015, -0.16997709, -0.22352822, -0.09131831,
        -0.17916905, -0.21731208, -0.09485975, -0.42084077,
      ]
    ) { $0.loss($0.adapted(steps: 2), 1) },
    Self(
      name: "FOMAML, 2 steps",
      loss: 0.2553563842,
      expected: [
        -0.24537276, -0.34547370, -0.15814119, -0.26302845, -0.37093947, -0.16216636,
        -0.12145902, -0.11468740, -0.01669759, -0.81672089,
      ]
    ) { $0.loss($0.adapted(steps: 2, isFirstOrder: true), 1) },
    Self(
      name: "ANIL, 2 steps",
      loss: 0.3797473387,
      expected: [
        -0.27981214, -0.37883222, -0.13905853, -0.24680764, -0.33598188, -0.10734664,
        -0.08812311, -0.04731243, 0.03123178, -0.63104507,
      ]
    ) { $0.loss($0.adapted(steps: 2, mask: [false, false, true, true]), 1) },
    Self(
      name: "BOIL, 2 steps",
      loss: 0.4624439864,
      expected: [
        -0.17515201, -0.23221044, -0.14777921, -0.28177678, -0.40353369, -0.20980389,
        -0.18154697, -0.22632544, -0.11536537, -1.02589323,
      ]
    ) { $0.loss($0.adapted(steps: 2, mask: [true, true, false, false]), 1) },
    Self(
      name: "CML, 2 steps, γ 0.5",
      loss: nil,
      expected: [
        -0.14421886, -0.16402856, -0.09130291, -0.17316009, -0.22771889, -0.09311647,
        -0.18045018, -0.21902920, -0.09579468, -0.41829625,
      ] + coLearnerGradient
    ) { network in
      let adapted = network.adapted(steps: 2)
      return network.loss(adapted, 1) + network.coLearnerLoss(adapted, 1) * 0.5
    },
    Self(
      name: "CML first-order, γ 0.5",
      loss: nil,
      expected: [
        -0.25401154, -0.35524101, -0.16084141, -0.26728543, -0.37673662, -0.16442578,
        -0.12145902, -0.11468740, -0.01669759, -0.81672089,
      ] + coLearnerGradient
    ) { network in
      let adapted = network.adapted(steps: 2, isFirstOrder: true)
      return network.loss(adapted, 1) + network.coLearnerLoss(adapted, 1) * 0.5
    },
    Self(
      name: "Meta-RKHS-I energy",
      loss: 0.2029270240746,
      expected: [
        -0.14209280, -0.19934027, -0.10591731, -0.13099914, -0.18743755, -0.08479324,
        -0.09826069, -0.09593176, -0.01312856, -0.43240695,
      ]
    ) { network in
      let loss = network.loss(network.parameters, 0) * 0.5
      let gradients = network.graph.gradient(of: loss, withRespectTo: network.parameters)
      let steepness = gradients.map { ($0 * $0).sum() }.reduce(network.graph.constant(0), +)
      return loss - steepness * network.alpha
    },
  ]

  /// V (2×3), c, u, d; includes γ.
  private static let coLearnerGradient = [
    0.07351654, 0.07855091, 0.01782379, 0.07428671, 0.07942743, 0.01810145, 0.10463272,
    0.10194642, -0.07787190, 0.02811719, -0.30616861,
  ]
}

@Suite struct VerificationVectorTests {
  @Test(arguments: VerificationCase.all)
  func gradientMatches(_ item: VerificationCase) {
    let network = VerificationNetwork()
    let objective = item.objective(network)
    let sources = network.parameters + network.coLearner
    let gradient = network.graph.gradient(of: objective, withRespectTo: sources)
    let tensors = [objective] + gradient

    let exact = ReferenceInterpreter(inputs: network.inputs).values(of: tensors)
    let single = replay(tensors, inputs: network.inputs)
    if let loss = item.loss {
      #expect(abs(exact[0][0] - loss) < 1e-9)
      #expect(abs(Double(single[0][0]) - loss) < 1e-5)
    }
    for (index, expected) in item.expected.enumerated() {
      #expect(abs(exact[1...].flatMap { $0 }[index] - expected) < 1e-8, "double, number \(index)")
      let value = Double(single[1...].flatMap { $0 }[index])
      #expect(abs(value - expected) < 1e-5, "single, number \(index)")
    }
  }

  @Test func adaptedParametersMatch() {
    let network = VerificationNetwork()
    let adapted = network.adapted(steps: 2)
    let expected = [
      0.48896008, 0.55607218, 0.12078206, -0.31641847, -0.38826302, -0.09739294, 0.35727753,
      0.51479733, 0.19964741, -0.06245352,
    ]
    let exact = ReferenceInterpreter(inputs: network.inputs).values(of: adapted).flatMap { $0 }
    let single = replay(adapted, inputs: network.inputs).flatMap { $0 }
    for index in expected.indices {
      #expect(abs(exact[index] - expected[index]) < 1e-8)
      #expect(abs(Double(single[index]) - expected[index]) < 1e-6)
    }
  }
}
