/// Curves over a common window with axes, ticks and marks.
///
/// Each sample carries the lowest and highest value it stands for, so that a column of dots that
/// stands for many steps still shows their spikes.
package struct LineChart: Sendable {
  package struct Sample: Equatable, Sendable {
    package var x: Double
    package var low: Float
    package var high: Float
    /// The curve's value; NaN leaves a gap.
    package var value: Float

    package init(x: Double, low: Float, high: Float, value: Float) {
      self.x = x
      self.low = low
      self.high = high
      self.value = value
    }
  }

  package struct Series: Sendable {
    package var samples: [Sample]
    /// Stands at the curve's end, so that curves differ without colour.
    package var marker: Unicode.Scalar
    package var style: Style
    /// The envelope behind the curve, or nil to leave it out.
    package var envelope: Style?
    /// Measurements with their intervals, by rising x; each is the marker on a vertical stroke.
    package var points: [Sample]
    /// Columns by which the points stand aside of their place, so that series measured at the same
    /// step do not hide each other.
    package var shift: Int

    package init(
      samples: [Sample],
      marker: Unicode.Scalar,
      style: Style,
      envelope: Style? = nil,
      points: [Sample] = [],
      shift: Int = 0
    ) {
      self.samples = samples
      self.marker = marker
      self.style = style
      self.envelope = envelope
      self.points = points
      self.shift = shift
    }
  }

  /// Something that happened at one place of the window: a vertical line with a short label.
  package struct Mark: Sendable {
    package var x: Double
    package var label: String
    package var style: Style

    package init(x: Double, label: String, style: Style) {
      self.x = x
      self.label = label
      self.style = style
    }
  }

  /// Which values the vertical axis shows.
  package enum ValueWindow: Equatable, Sendable {
    /// Those that most of the curves have; what lies so far from them that it would squash them is cut
    /// off, marked, and told.
    case robust
    /// All of them.
    case all
    /// From one value to another, exactly.
    case exact(ClosedRange<Double>)
  }

  package var series: [Series]
  package var marks: [Mark]
  /// Drawn above the curves' envelopes, from top to bottom.
  package var cursor: Mark?
  package var window: ClosedRange<Double>
  package var isLogarithmic: Bool
  package var values = ValueWindow.robust
  /// The least place that a logarithmic horizontal axis shows; nil for a linear one.
  package var leastPlace: Double?
  /// The values that the vertical axis shows, or nil for those of the series.
  package var fixedRange: ClosedRange<Double>?
  /// What the window is measured in, at most seven columns; stands left of its labels.
  package var unit: String
  package var axis: Style
  package var label: Style
  package var glyphs: Glyphs

  /// The last series is drawn on top.
  package init(
    series: [Series],
    marks: [Mark] = [],
    cursor: Mark? = nil,
    window: ClosedRange<Double>,
    isLogarithmic: Bool,
    unit: String = "",
    axis: Style,
    label: Style,
    glyphs: Glyphs
  ) {
    self.series = series
    self.marks = marks
    self.cursor = cursor
    self.window = window
    self.isLogarithmic = isLogarithmic
    self.unit = unit
    self.axis = axis
    self.label = label
    self.glyphs = glyphs
  }
}
