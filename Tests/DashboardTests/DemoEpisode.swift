import Events

extension EpisodeSnapshot {
  /// A made-up 5-way episode of strokes on a dark ground; the model tells more with each step.
  static func demo(
    step: Int,
    of run: Int,
    side: Int = 28,
    channels: Int = 1,
    names: [String] = [
      "Futurama/character05", "Latin/character23", "Tibetan/character40 turned 90°",
      "Greek/character01", "Braille/character11",
    ],
    queryShot: Int = queryLimit
  ) -> Self {
    var random = SplitMix(state: 11)
    let classes = names.indices.map { _ in Strokes(&random) }
    let labels = names.indices.map { $0 }
    let support = labels.map { label in
      Support(label: label, pixels: classes[label].drawn(&random, side, channels))
    }
    // The same draws at every step and for every run: common episodes.
    var guesses = SplitMix(state: 5)
    let ease = min(Float(step) / 1500 + Float(run) / 10, 0.9)
    let query = labels.flatMap { label in
      (0..<queryShot).map { _ in
        Query(
          label: label,
          pixels: classes[label].drawn(&random, side, channels),
          before: .guess(label, of: names.count, ease: 0.1, &guesses),
          after: .guess(label, of: names.count, ease: ease, &guesses)
        )
      }
    }
    return Self(
      run: RunID(run),
      step: step,
      innerSteps: 1,
      height: side,
      width: side,
      channels: channels,
      classNames: names,
      support: support,
      query: query
    )
  }
}

extension EpisodeSnapshot.Prediction {
  fileprivate static func guess(
    _ label: Int,
    of classes: Int,
    ease: Float,
    _ random: inout SplitMix
  ) -> Self {
    let (isKnown, other) = (random.unit() < ease, Int(random.unit() * Float(classes)))
    return Self(label: isKnown ? label : other, probability: 0.35 + 0.6 * ease * random.unit())
  }
}

/// A character as strokes between points of the unit square.
private struct Strokes {
  let points: [(x: Float, y: Float)]

  init(_ random: inout SplitMix) {
    points = (0..<5).map { _ in (0.1 + 0.8 * random.unit(), 0.1 + 0.8 * random.unit()) }
  }

  /// Written with a trembling hand.
  func drawn(_ random: inout SplitMix, _ side: Int, _ channels: Int) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: side * side * channels)
    let moved = points.map { point in
      (x: point.x + 0.1 * random.unit() - 0.05, y: point.y + 0.1 * random.unit() - 0.05)
    }
    for (from, to) in zip(moved, moved.dropFirst()) {
      for part in 0...60 {
        let share = Float(part) / 60
        let (x, y) = (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
        for (right, down) in [(0, 0), (1, 0), (0, 1)] {
          let column = min(max(Int(x * Float(side)) + right, 0), side - 1)
          let row = min(max(Int(y * Float(side)) + down, 0), side - 1)
          for channel in 0..<channels {
            pixels[(row * side + column) * channels + channel] = UInt8(255 - 60 * channel)
          }
        }
      }
    }
    return pixels
  }
}
