/// How often the screen may be drawn, learnt from how long the terminal takes to accept a frame.
///
/// A slow link shows itself only by taking no more: the kernel's buffer takes frames until it is
/// full, and nothing tells how full it is. So a frame that was not taken whole within half the
/// interval halves the rate, and a spell of quick frames raises it again.
package struct FramePacer: Sendable {
  package static let rates: [Double] = [30, 15, 8, 4, 2, 1]
  private static let quickFramesToSpeedUp = 20

  private var level = 0
  private var quickFrames = 0

  package init() {}

  /// Seconds between two frames.
  package var interval: Double { 1 / Self.rates[level] }

  package mutating func frameWritten(in seconds: Double) {
    if seconds > interval / 2 {
      level = min(level + 1, Self.rates.count - 1)
      quickFrames = 0
    } else if level > 0, seconds < interval / 8 {
      quickFrames += 1
      guard quickFrames >= Self.quickFramesToSpeedUp else { return }
      level -= 1
      quickFrames = 0
    } else {
      quickFrames = 0
    }
  }
}
