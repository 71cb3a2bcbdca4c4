import Events

/// What becomes of a comparison when a run diverges or raises an alarm.
package enum DivergencePolicy: String, Sendable, CaseIterable {
  /// All runs pause, so that a person can look.
  case pause
  /// A run that diverges ends, and the others go on; alarms are only recorded.
  case stop
  /// An update that would be no number is left out, and its run goes on as well.
  case goOn = "go-on"
}

/// Watches what every step reports for numbers far out of their band.
///
/// A loss or a norm that lies above 1000 times its running median and above its value at step 1 for 20
/// steps is an alarm: large enough that no run that learns comes there, and long enough that a single
/// hard episode does not. What is no finite number is divergence at once.
struct DivergenceWatch {
  static let factor: Float = 1000
  static let patience = 20

  /// One quantity's usual values, and since when it is out of them.
  private struct Band {
    let name: String
    /// The first step's value.
    private var first: Float?
    /// The newest values that lay inside, oldest first from `next`, and the same in order.
    private var ring: [Float] = []
    private var next = 0
    private var sorted: [Float] = []
    private(set) var since: Int?
    private(set) var value: Float = 0

    private static let length = 101

    init(_ name: String) {
      self.name = name
      ring.reserveCapacity(Self.length)
      sorted.reserveCapacity(Self.length)
    }

    var median: Float? { sorted.isEmpty ? nil : sorted[sorted.count / 2] }

    mutating func take(_ value: Float, at step: Int) {
      self.value = value
      if let first, let median, value.isFinite {
        let isOutside = median >= 0 && value > DivergenceWatch.factor * median && value > first
        since = isOutside ? since ?? step : nil
      } else {
        since = value.isFinite ? nil : since ?? step
      }
      guard value.isFinite, since == nil else { return }
      if first == nil { first = value }
      // The median moves slowly once there is one; a step should not pay for it.
      if ring.count < Self.length || step % 8 == 0 { insert(value) }
    }

    private mutating func insert(_ value: Float) {
      if ring.count < Self.length {
        ring.append(value)
      } else {
        sorted.remove(at: place(of: ring[next]))
        ring[next] = value
        next = (next + 1) % Self.length
      }
      sorted.insert(value, at: place(of: value))
    }

    /// The first place whose value is not smaller.
    private func place(of value: Float) -> Int {
      var range = 0..<sorted.count
      while !range.isEmpty {
        let middle = range.lowerBound + range.count / 2
        range = sorted[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
      }
      return range.lowerBound
    }
  }

  private var bands: [Band]
  /// Said once for as long as something is outside.
  private var isAlarmed = false

  /// - Parameter layers: Whose inner gradients are measured now and then.
  init(layers: [String]) {
    bands =
      ["support loss", "query loss", "meta-gradient"].map { Band($0) }
      + layers.map { Band("α‖∇L_S‖ of \($0)") }
  }

  /// Takes a step's numbers.
  ///
  /// - Parameters:
  ///   - report: The step, whose numbers may or may not be finite.
  ///   - innerRate: α, where the method has one.
  /// - Returns: What has been outside for too long; once, until everything is inside again.
  mutating func note(_ report: StepReport, innerRate: Float) -> DivergenceReport? {
    bands[0].take(report.supportLoss, at: report.step)
    bands[1].take(report.queryLoss, at: report.step)
    bands[2].take(report.metaGradientNorm, at: report.step)
    if let norms = report.probes?.innerGradientNorms {
      for (index, norm) in norms.enumerated() where 3 + index < bands.count {
        bands[3 + index].take(innerRate * norm, at: report.step)
      }
    }
    guard let band = firstOutside else {
      isAlarmed = false
      return nil
    }
    guard !isAlarmed, let since = band.since, report.step - since + 1 >= Self.patience else {
      return nil
    }
    isAlarmed = true
    return DivergenceReport(
      run: report.run,
      step: report.step,
      quantity: band.name,
      since: since,
      value: band.value,
      median: band.median,
      isDivergence: false
    )
  }

  /// The quantity that left first, of those that are outside.
  private var firstOutside: Band? {
    var first: Band?
    for band in bands {
      if let since = band.since, since < first?.since ?? .max { first = band }
    }
    return first
  }

  /// What is told of a step whose numbers are not all finite.
  ///
  /// A quantity that has been outside since before is where it began; else the first of the step's own
  /// in the order in which they are computed.
  func divergence(_ report: StepReport, _ diagnosis: StepDiagnosis?) -> DivergenceReport {
    let band = firstOutside
    let isEarlier = (band?.since ?? .max) < report.step
    let own = diagnosis?.firstNonFinite ?? band?.name ?? "meta-gradient"
    return DivergenceReport(
      run: report.run,
      step: report.step,
      quantity: isEarlier ? band?.name ?? own : own,
      since: isEarlier ? band?.since ?? report.step : report.step,
      value: isEarlier ? band?.value ?? .nan : .nan,
      median: isEarlier ? band?.median : nil,
      isDivergence: true
    )
  }
}

/// A step whose numbers were not all finite, measured once more in full.
struct StepDiagnosis {
  var probes: StepProbes
  /// The network's layers, as in `RunDescription.layers`.
  var layers: [String]
  /// The first parameter whose meta-gradient is no finite number.
  var gradient: String?

  /// The first quantity that is no finite number, in the order in which they are computed.
  var firstNonFinite: String? {
    if let loss = probes.supportLosses.first, !loss.isFinite {
      return "support loss before adaptation"
    }
    for (layer, norm) in zip(layers, probes.innerGradientNorms) where !norm.isFinite {
      return "α‖∇L_S‖ of \(layer)"
    }
    // The loss after a step is what the step made of it.
    if let step = probes.supportLosses.firstIndex(where: { !$0.isFinite }) {
      return "support loss after inner step \(step)"
    }
    if let step = probes.queryLosses.firstIndex(where: { !$0.isFinite }) {
      return step == 0 ? "query loss before adaptation" : "query loss after inner step \(step)"
    }
    return gradient.map { "meta-gradient of \($0)" }
  }
}
