import Kernels

/// A planned graph, ready to be replayed by any number of workers.
package struct Plan: Sendable {
  package let program: KernelProgram
  /// Where each output lies in the results space, in the order they were asked for.
  package let resultOffsets: [Int]
  /// Floating-point operations of one replay, as its mathematics has them.
  package let operationCount: Int

  /// How convolutions may be computed.
  package typealias Convolutions = ConvolutionAlgorithm

  /// A tensor and, when the caller lays out the results, its offset there.
  package struct Output {
    package var tensor: Tensor
    package var offset: Int?

    package init(_ tensor: Tensor, at offset: Int? = nil) {
      self.tensor = tensor
      self.offset = offset
    }
  }

  /// Drops what no output needs, fuses elementwise chains, and assigns memory by liveness.
  ///
  /// Outputs without an offset follow behind those that have one. Each convolution takes the
  /// fastest algorithm for its shape that errs no more than `limit`. Values of `repeatedSize` and
  /// more numbers are computed again where that is cheaper than keeping them.
  package init(
    _ graph: Graph,
    outputs: [Output],
    convolutions limit: Convolutions = .winograd,
    repeatedSize: Int = Recomputation.usualSize
  ) {
    var fusion = Fusion(graph: graph, outputs: outputs.map(\.tensor.id))
    fusion.run()
    operationCount = Self.operationCount(graph, fusion.uses.isLive)
    var lowering = Lowering(
      graph: graph,
      recomputation: Recomputation(
        fusion.orderedUnits(),
        uses: fusion.uses,
        smallest: repeatedSize
      ),
      epilogues: fusion.epilogues,
      convolutions: limit
    )
    resultOffsets = lowering.place(outputs)
    program = lowering.program()
  }
}
