import CKernels

/// A 3×3 stencil shared by all channels, with a border of one zero, or one of the maps that its
/// derivatives are made of; and the responses of four stencils, summed over each image.
package struct Stencil: Sendable, Equatable {
  package enum Operation: Sendable, Equatable {
    /// From images and nine numbers, images; transposed: the kernel turned by a half.
    case apply(isTransposed: Bool)
    /// From images and a gradient, the gradient of the nine numbers.
    case kernelGradient
    /// From images and four kernels, `target` = a byte for each number, whose bit `j` says whether
    /// stencil `j` is positive there; `sums`, when asked for, the responses.
    case choose(sums: Address?)
    /// From images and four kernels, the chosen responses' sums `[4, batch, channels]`.
    case responses(choices: Address)
    /// From a gradient of the sums and the kernels, the images' gradient.
    case responsesInputGradient(choices: Address)
    /// From images and a gradient of the sums, the kernels' gradient.
    case responsesKernelGradient(choices: Address)
  }

  /// How many stencils respond at once.
  package static let responseCount = Int(CK_RESPONSES)

  /// Numbers that all images' sums take which are made apart; none where nothing is summed over images.
  var partialDoubles: Int {
    switch operation {
    case .kernelGradient: 9 * map.batch
    case .responsesKernelGradient: 9 * Self.responseCount * map.batch
    default: 0
    }
  }

  package let operation: Operation
  /// The two operands in the order above.
  package let first: Address
  package let second: Address
  package let target: Address
  package let map: ImageMap

  package init(
    _ operation: Operation,
    _ first: Address,
    _ second: Address,
    target: Address,
    map: ImageMap
  ) {
    self.operation = operation
    self.first = first
    self.second = second
    self.target = target
    self.map = map
  }
}

extension KernelTable {
  /// All images, or some of them; then what is summed over images is left in `partials`, image by image.
  func run(
    _ stencil: Stencil,
    _ bases: Bases,
    _ part: Part,
    partials: UnsafeMutablePointer<Float>?
  ) {
    let kernels = table.pointee.stencil
    let (first, second) = (bases[stencil.first], bases[stencil.second])
    let target = bases[stencil.target]
    func bytes(_ address: Address) -> UnsafeMutablePointer<UInt8> {
      let memory = UnsafeMutableRawPointer(bases[address])
      return memory.bindMemory(to: UInt8.self, capacity: stencil.map.count)
    }
    let images = part.range(of: stencil.map.batch)
    let (from, end) = (Int32(images.lowerBound), Int32(images.upperBound))
    let apart = partials.map {
      UnsafeMutableRawPointer($0).bindMemory(to: Double.self, capacity: stencil.partialDoubles)
    }
    withUnsafePointer(to: stencil.map.description) { map in
      switch stencil.operation {
      case .apply(let isTransposed):
        let start = images.lowerBound * stencil.map.imageCount
        withUnsafePointer(to: stencil.map.with(batch: images.count).description) { some in
          kernels.apply(some, first + start, second, isTransposed ? 1 : 0, target + start)
        }
      case .kernelGradient: kernels.kernel_gradient(map, first, second, target, from, end, apart)
      case .choose(let sums):
        let found = sums.map { bases[$0] }
        kernels.choose(map, first, second, found, bytes(stencil.target), from, end)
      case .responses(let choices):
        kernels.respond(map, first, second, bytes(choices), target, from, end)
      case .responsesInputGradient(let choices):
        kernels.response_input(map, first, second, bytes(choices), target, from, end)
      case .responsesKernelGradient(let choices):
        kernels.response_kernels(map, first, second, bytes(choices), target, from, end, apart)
      }
    }
  }
}
