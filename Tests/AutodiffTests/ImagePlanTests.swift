import Kernels
import Testing

@testable import Autodiff

/// What a plan makes of a convolution block: how often an image is read and written.
@Suite struct ImagePlanTests {
  private let graph = Graph()

  private func input(_ index: Int, _ shape: Shape) -> Tensor {
    graph.input(Address(.episode, index * 65_536), shape)
  }

  private func instructions(_ outputs: Tensor...) -> [Instruction] {
    Plan(graph, outputs: outputs.map { Plan.Output($0) }).program.instructions
  }

  private func poolings(_ instructions: [Instruction]) -> [Pooling.Operation] {
    instructions.compactMap {
      if case .pooling(let pooling) = $0 { return pooling.operation }
      return nil
    }
  }

  /// The rectified maxima of a normalised map, as `NormalisedBlock` builds them.
  private func block(_ images: Tensor, _ weight: Tensor, _ scale: Tensor) -> Tensor {
    let values = images.convolution(weight)
    let (mean, variance) = values.moments()
    let factor = scale / (variance + 1e-5).squareRoot()
    let chosen = values.pooled(values.poolingChoice(direction: factor))
    return
      ((chosen - mean.broadcast(.row, to: chosen.shape))
      * factor.broadcast(.row, to: chosen.shape)).relu()
  }

  @Test func choiceAndPixelsAreOnePass() {
    let operations = poolings(instructions(input(0, [2, 8, 8, 16]).maxPooled()))
    #expect(operations.count == 1)
    guard case .choose(_, .some) = operations.first else {
      Issue.record("\(operations)")
      return
    }
  }

  /// The backward pass places the maxima's slopes while it adds what mean and variance ask for:
  /// one chain writes the image's gradient, and no instruction scatters.
  @Test func slopesAreScatteredWithinAChain() {
    let (images, weight) = (input(0, [2, 8, 8, 16]), input(1, [3, 3, 16, 16]))
    let loss = block(images, weight, input(2, [16])).sum()
    let gradient = graph.gradient(of: loss, withRespectTo: [weight])[0]
    let all = instructions(gradient)
    #expect(poolings(all).count == 1)
    let convolutions = all.count {
      if case .convolution = $0 { return true }
      return false
    }
    #expect(convolutions == 2)
    let twice = graph.gradient(of: (gradient * gradient).sum(), withRespectTo: [weight])[0]
    for operation in poolings(instructions(twice)) {
      if case .scatter = operation { Issue.record("an image is scattered on its own") }
    }
  }

  /// Somebody else who needs the scattered image gets it in memory.
  @Test func aScatteredOutputIsStored() {
    let images = input(0, [1, 4, 4, 16])
    let choice = images.poolingChoice(direction: graph.constant(1, [16]))
    let scattered = images.pooled(choice).unpooled(choice, to: images.shape)
    let operations = poolings(instructions(scattered, (scattered * images).sum()))
    #expect(
      operations.contains {
        if case .scatter = $0 { return true }
        return false
      }
    )
  }

  @Test func convolutionsAreAddedToWhatNobodyElseNeeds() {
    let (x, y) = (input(0, [2, 8, 8, 16]), input(1, [2, 8, 8, 16]))
    let (v, w) = (input(2, [3, 3, 16, 16]), input(3, [3, 3, 16, 16]))
    let all = instructions(x.convolution(v) + y.convolution(w))
    let accumulates = all.compactMap { instruction -> Bool? in
      if case .convolution(_, _, _, _, let accumulates) = instruction { return accumulates }
      return nil
    }
    #expect(all.count == 2 && accumulates == [false, true])
    // An input must not be overwritten.
    let kept = instructions(x.convolution(v) + y)
    #expect(kept.count == 2)
  }

  @Test func aPartOfASumOfPaddedTermsIsTheTerm() {
    let (a, b) = (input(0, [4]), input(1, [4]))
    let sum = a.padded(from: 0, to: [2, 4]) + b.padded(from: 4, to: [2, 4])
    #expect(sum.slice(from: 0, as: [4]).id == a.id)
    #expect(sum.slice(from: 4, as: [4]).id == b.id)
    #expect(sum.slice(from: 2, as: [4]).id != a.id)
  }

  /// Products of two maps are added in the same step of a chain.
  @Test func productsAreAddedInOneStep() {
    let (a, b, c) = (input(0, [8, 16]), input(1, [8, 16]), input(2, [8, 16]))
    let program = Plan(graph, outputs: [Plan.Output(a * b + c)]).program
    #expect(program.instructions.count == 1)
    #expect(program.describe(chain: 0).contains(" 1 steps"))
  }
}
