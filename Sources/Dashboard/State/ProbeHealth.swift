import Events

/// Which numbers that a run measures of itself have been outside of what is healthy for long.
struct ProbeHealth: Sendable {
  /// Measurements before anything is said: what begins untrained is often outside for a while.
  static let patience = 50

  private struct Watch {
    let index: Int
    let range: HealthyRange
    var mean = ExponentialMean(weight: 0.95)
    var count = 0
    var isOutside = false
  }

  private var watches: [Watch]

  /// Those of the whole network; a layer's are looked at beside each other.
  init(_ probes: [ProbeDescriptor]) {
    watches = probes.indices.compactMap { index in
      let probe = probes[index]
      guard let range = probe.healthy, probe.layer == nil, range.low != nil || range.high != nil
      else { return nil }
      return Watch(index: index, range: range)
    }
  }

  /// Takes a measurement; the probes whose smoothed values have left their range with it.
  mutating func take(_ values: [Float]) -> [Int] {
    var left: [Int] = []
    for place in watches.indices where watches[place].index < values.count {
      let value = Double(values[watches[place].index])
      guard value.isFinite else { continue }
      watches[place].mean.add(value)
      watches[place].count += 1
      guard watches[place].count >= Self.patience else { continue }
      let isOutside = !watches[place].range.contains(watches[place].mean.value)
      if isOutside, !watches[place].isOutside { left.append(watches[place].index) }
      watches[place].isOutside = isOutside
    }
    return left
  }
}
