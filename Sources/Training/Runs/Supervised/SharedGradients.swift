import Kernels
import MetaLearning

/// The tasks' gradients of φ, combined as a meta-batch's are: in slots, in the order of the tasks.
struct SharedGradients {
  let average: [Float]
  /// Of the average.
  let norm: Double
  private let products: EpisodeProducts

  init(_ gradients: [[Float]]) {
    let (count, size) = (gradients.count, gradients.first?.count ?? 0)
    let (slots, sum) = (AlignedBuffer(count: count * size), AlignedBuffer(count: size))
    for (task, gradient) in gradients.enumerated() { slots.write(gradient, at: task * size) }
    let square = sum.sumSlots(
      of: slots,
      stride: size,
      slotCount: count,
      range: 0..<size,
      scale: 1 / Float(count)
    )
    (average, norm) = (sum.values(0..<size), square.squareRoot())
    let pairs = (0..<count * count).map { pair in
      slots.product(at: pair / count * size, and: pair % count * size, count: size)
    }
    products = EpisodeProducts(count: count, pairs)
  }

  /// 1 − the mean cosine of all pairs; 0 for a single task.
  ///
  /// A task whose gradient vanishes agrees with nobody.
  var disagreement: Float { products.count > 1 ? Float(1 - products.meanCosine) : 0 }

  /// What each site did, averaged over the tasks.
  static func sites(_ networks: [TaskNetwork]) -> [SiteMeasure] {
    let all = networks.map(\.sites)
    return (0..<(all.first?.count ?? 0)).map { site in SiteMeasure.average(all.map { $0[site] }) }
  }
}

extension TaskNetwork {
  /// What each site did in the last step that was probed.
  var sites: [SiteMeasure] {
    let values = plans.probe.outputs.map { probes[$0.lowerBound] }
    return stride(from: 0, to: values.count, by: SiteMeasure.count).map {
      SiteMeasure(values[$0..<$0 + SiteMeasure.count])
    }
  }
}
