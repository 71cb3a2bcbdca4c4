import AutodiffOracle
import Kernels
import Testing

@testable import Autodiff

/// A rectifier network of the sinusoid's kind, adapted and differentiated.
struct RectifierNetwork {
  let graph = Graph()
  var inputs: [Address: [Double]] = [:]
  var parameters: [Tensor] = []
  let examples: Int

  init(widths: [Int], examples: Int, seed: UInt64) {
    self.examples = examples
    var numbers = SeededNumbers(seed: seed)
    var offset = 0
    for (from, to) in zip(widths, widths.dropFirst()) {
      for shape: Shape in [[from, to], [to]] {
        let address = Address(.parameters, offset)
        inputs[address] = numbers.normal(shape.count).map { $0 / Double(from).squareRoot() }
        parameters.append(graph.input(address, shape))
        offset += paddedCount(shape.count)
      }
    }
    for set in 0..<2 {
      inputs[Address(.episode, set * 4096)] = numbers.normal(examples * widths[0])
      inputs[Address(.episode, set * 4096 + 2048)] = numbers.normal(
        examples * widths[widths.count - 1]
      )
    }
  }

  func loss(_ p: [Tensor], _ set: Int) -> Tensor {
    var x = graph.input(Address(.episode, set * 4096), [examples, p[0].shape.rows])
    for layer in stride(from: 0, to: p.count, by: 2) {
      let product = x.matmul(p[layer])
      let bias = p[layer + 1]
      x = product + bias.broadcast(bias.shape.count == 1 ? .scalar : .row, to: product.shape)
      if layer + 2 < p.count { x = x.relu() }
    }
    let error = x - graph.input(Address(.episode, set * 4096 + 2048), x.shape)
    return (error * error).mean()
  }

  func metaGradient(steps: Int) -> [Tensor] {
    var p = parameters
    for _ in 0..<steps {
      let gradients = graph.gradient(of: loss(p, 0), withRespectTo: p)
      p = zip(p, gradients).map { $0 - $1 * 0.1 }
    }
    let query = loss(p, 1)
    return [query] + graph.gradient(of: query, withRespectTo: parameters)
  }
}

@Suite struct PlannerTests {
  @Test("Operations are counted by their definition, of what is computed")
  func operations() {
    let graph = Graph()
    let a = graph.input(Address(.parameters, 0), [5, 7])
    let b = graph.input(Address(.parameters, 64), [7, 3])
    let product = a.matmul(b)
    #expect(Plan(graph, outputs: [Plan.Output(product)]).operationCount == 2 * 5 * 7 * 3)
    // The product, a sum of its 15 numbers, and nothing of what no output needs.
    _ = a.exp()
    #expect(Plan(graph, outputs: [Plan.Output(product.sum())]).operationCount == 210 + 15)
    let images = graph.input(Address(.episode, 0), [2, 6, 6, 4])
    let kernel = graph.input(Address(.parameters, 128), [3, 3, 4, 8])
    let features = images.convolution(kernel)
    let convolution = 2 * 9 * 4 * (2 * 6 * 6 * 8)
    #expect(Plan(graph, outputs: [Plan.Output(features)]).operationCount == convolution)
    // Each of the two derivatives is as much work as the convolution itself; the sum's is a constant.
    let gradients = graph.gradient(of: features.sum(), withRespectTo: [images, kernel])
    let plan = Plan(graph, outputs: gradients.map { Plan.Output($0) })
    #expect(plan.operationCount == 2 * convolution)
  }

  @Test(arguments: [
    ([1, 40, 40, 1], 10, 1), ([1, 40, 40, 1], 5, 5), ([3, 7, 2], 4, 2), ([2, 16, 24, 9, 3], 6, 2),
    ([1, 1, 1], 1, 1), ([5, 100, 13, 1], 3, 3),
  ])
  func planComputesWhatTheGraphSays(_ widths: [Int], examples: Int, steps: Int) {
    for seed in UInt64(1)...3 {
      let network = RectifierNetwork(widths: widths, examples: examples, seed: seed)
      let tensors = network.metaGradient(steps: steps)
      let exact = ReferenceInterpreter(inputs: network.inputs).values(of: tensors)
      let single = replay(tensors, inputs: network.inputs)
      for (index, (expected, actual)) in zip(exact, single).enumerated() {
        let scale = max(expected.map(abs).max() ?? 0, 1e-3)
        for (e, a) in zip(expected, actual) {
          #expect(
            abs(e - Double(a)) < 2e-5 * scale,
            "seed \(seed), tensor \(index): \(e) and \(a)"
          )
        }
      }
    }
  }
}
