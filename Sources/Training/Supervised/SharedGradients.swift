import MetaLearning

/// The tasks' gradients of φ, in the order of the tasks.
struct SharedGradients {
  let gradients: [[Float]]

  init(_ gradients: [[Float]]) { self.gradients = gradients }

  /// Summed in order, so that it does not depend on which worker was first.
  var average: [Float] {
    guard var sum = gradients.first else { return [] }
    for gradient in gradients.dropFirst() {
      for index in sum.indices { sum[index] += gradient[index] }
    }
    let scale = 1 / Float(gradients.count)
    return sum.map { $0 * scale }
  }

  /// 1 − the mean cosine of all pairs; 0 for a single task.
  ///
  /// A task whose gradient vanishes agrees with nobody.
  var disagreement: Float {
    guard gradients.count > 1 else { return 0 }
    let units = gradients.map { gradient in
      let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return gradient.map { norm > 0 ? Double($0) / norm : 0 }
    }
    var sum = 0.0
    for (index, first) in units.enumerated() {
      for second in units[..<index] { sum += zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return Float(1 - sum / Double(units.count * (units.count - 1) / 2))
  }

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
