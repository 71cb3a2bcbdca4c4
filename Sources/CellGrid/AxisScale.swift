/// Where the values of one axis lie, and which of them are labelled.
package struct AxisScale: Equatable, Sendable {
  package let isLogarithmic: Bool
  package let lower: Double
  package let upper: Double
  package let ticks: [Double]
  /// Between two ticks of a logarithmic axis that shows less than a few of its own.
  private var spacing: Double?
  /// The lower end on the axis' own scale, and the way from there to the upper end.
  private let base: Double
  private let span: Double

  private init(isLogarithmic: Bool, lower: Double, upper: Double, ticks: [Double]) {
    self.isLogarithmic = isLogarithmic
    self.lower = lower
    self.upper = upper
    self.ticks = ticks
    base = isLogarithmic ? decimalLogarithm(lower) : lower
    span = (isLogarithmic ? decimalLogarithm(upper) : upper) - base
  }

  /// A linear axis over round numbers that contains `low...high`, with about `count` ticks.
  package static func linear(_ low: Double, _ high: Double, ticks count: Int) -> Self {
    let (low, high) = widened(low, high)
    let step = roundStep((high - low) / Double(max(count, 1)))
    let first = (low / step + 1e-9).rounded(.down)
    let last = (high / step - 1e-9).rounded(.up)
    let ticks = (0...max(1, Int(last - first))).map { (first + Double($0)) * step }
    return Self(isLogarithmic: false, lower: ticks[0], upper: ticks[ticks.count - 1], ticks: ticks)
  }

  /// A logarithmic axis from and to a 1, 2 or 5 of some decade; `low` must be positive.
  package static func logarithmic(_ low: Double, _ high: Double, ticks count: Int) -> Self {
    let low = max(low, 1e-300)
    let high = max(high, low * 1.01)
    let ladder = ladder(low, high)
    let decades = ladder.filter { isPowerOfTen($0) }
    let labelled = thinned(decades.count > 2 ? decades : ladder, count + 1)
    return Self(
      isLogarithmic: true,
      lower: ladder[0],
      upper: ladder[ladder.count - 1],
      ticks: labelled.isEmpty ? [ladder[0], ladder[ladder.count - 1]] : labelled
    )
  }

  /// An axis with exactly these ends, and ticks at the round numbers between them.
  package static func fixed(_ lower: Double, _ upper: Double, ticks count: Int) -> Self {
    let step = roundStep((upper - lower) / Double(max(count, 1)))
    let first = (lower / step - 1e-9).rounded(.up)
    let last = max(first, (upper / step + 1e-9).rounded(.down))
    let ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
    return Self(isLogarithmic: false, lower: lower, upper: upper, ticks: ticks)
  }

  /// A logarithmic axis with exactly these ends, which must be positive, and ticks at a 1, 2 or 5 of
  /// some decade, or at round steps where it shows too little for that.
  package static func fixedLogarithmic(_ lower: Double, _ upper: Double, ticks count: Int) -> Self {
    let lower = max(lower, 1e-300)
    let upper = max(upper, lower * 1.000_001)
    let inside = ladder(lower, upper).filter { (lower * 0.999999...upper * 1.000001).contains($0) }
    guard inside.count >= 2 else {
      var scale = fixed(lower, upper, ticks: count)
      scale = Self(isLogarithmic: true, lower: lower, upper: upper, ticks: scale.ticks)
      if scale.ticks.count > 1 { scale.spacing = scale.ticks[1] - scale.ticks[0] }
      return scale
    }
    let decades = inside.filter { isPowerOfTen($0) }
    let ticks = thinned(decades.count > 2 ? decades : inside, count + 1)
    return Self(isLogarithmic: true, lower: lower, upper: upper, ticks: ticks)
  }

  /// The value at a share of the way from the lower to the upper end.
  package func value(at share: Double) -> Double {
    let place = base + share * span
    return isLogarithmic ? exponential10(place) : place
  }

  /// Where a value lies between the ends, 0 to 1 (outside of them: beyond), or NaN for no place.
  package func position(_ value: Double) -> Double {
    guard value.isFinite else { return .nan }
    guard isLogarithmic else { return (value - base) / span }
    return value > 0 ? (decimalLogarithm(value) - base) / span : .nan
  }

  /// The tick's label, with as many decimals as tell it from its neighbours.
  ///
  /// All labels of an axis are written alike: in whole, in thousands and millions, or by powers of ten.
  package func label(_ tick: Double) -> String {
    guard let first = ticks.first, let last = ticks.last else { return Numbers.power(tick) }
    let isEven = !isLogarithmic || spacing != nil
    let largest = max(abs(first), abs(last))
    let smallest = isEven ? largest : min(abs(first), abs(last))
    let step = spacing ?? (isEven && ticks.count > 1 ? ticks[1] - ticks[0] : abs(tick))
    if tick == 0, largest >= 100_000 || largest < 0.001 { return "0" }
    if largest >= 1e9 || smallest < (isEven ? 0.001 : 0.0001) {
      return tick == 1 ? "1" : isEven ? Self.power(tick, step, largest) : Numbers.power(tick)
    }
    let units = [(1e6, "M"), (1e3, "k"), (1, "")]
    let size = isEven ? largest : abs(tick)
    if largest >= 100_000, let (unit, name) = units.first(where: { size >= $0.0 }) {
      let decimals = Self.decimals(step / unit)
      // What would be as long is written in whole.
      if decimals <= 2 { return Numbers.fixed(tick / unit, decimals) + name }
    }
    let decimals = Self.decimals(step)
    return decimals == 0 ? Numbers.grouped(Int(tick.rounded())) : Numbers.fixed(tick, decimals)
  }

  private static func decimals(_ step: Double) -> Int {
    step > 0 ? min(max(0, Int(-floorLog10(step * 1.000001))), 6) : 0
  }

  /// `1.25e12`, with the largest label's power.
  private static func power(_ tick: Double, _ step: Double, _ largest: Double) -> String {
    let exponent = Int(floorLog10(largest * 1.000001))
    let unit = powerOfTen(exponent)
    return "\(Numbers.fixed(tick / unit, min(decimals(step / unit), 4)))e\(exponent)"
  }

  private static func widened(_ low: Double, _ high: Double) -> (Double, Double) {
    guard low.isFinite, high.isFinite, low <= high else { return (0, 1) }
    guard high - low <= abs(high) * 1e-9 else { return (low, high) }
    let margin = high == 0 ? 1 : abs(high) * 0.1
    return (low - margin, high + margin)
  }

  /// The 1, 2 or 5 of a decade that is not below `step`.
  static func roundStep(_ step: Double) -> Double {
    guard step > 0, step.isFinite else { return 1 }
    let decade = powerOfTen(Int(floorLog10(step)))
    for factor in [1.0, 2, 5] where decade * factor >= step * 0.999999 { return decade * factor }
    return decade * 10
  }

  private static func ladder(_ low: Double, _ high: Double) -> [Double] {
    var values: [Double] = []
    for exponent in Int(floorLog10(low))...(Int(floorLog10(high)) + 1) {
      values += [1.0, 2, 5].map { $0 * powerOfTen(exponent) }
    }
    let first = values.lastIndex { $0 <= low * 1.000001 } ?? 0
    let last = values.firstIndex { $0 >= high * 0.999999 } ?? values.count - 1
    return Array(values[first...max(last, first + 1)])
  }

  private static func isPowerOfTen(_ value: Double) -> Bool {
    abs(value / powerOfTen(Int(floorLog10(value * 1.000001))) - 1) < 1e-9
  }

  private static func thinned(_ values: [Double], _ count: Int) -> [Double] {
    let stride = max(1, (values.count + max(count, 1) - 1) / max(count, 1))
    return values.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
  }
}
