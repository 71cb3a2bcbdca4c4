import CellGrid
import NCursesTerminal

/// A terminal as the main loop needs it: one that can be resized, given back and taken again.
protocol DashboardTerminal: Terminal {
  /// The terminal is gone; nothing more will be read from it.
  var isClosed: Bool { get }
  /// Nothing more will be typed, though there is somebody who reads.
  var isAtEnd: Bool { get }
  /// Whether the terminal has taken everything that was drawn.
  var isDrained: Bool { get }
  /// Hands over more of it.
  func drain()
  /// Takes over the size the terminal has now and draws everything next time.
  func resize()
  func redrawAll()
  /// Offers a text to the clipboard of the terminal a person sits at.
  func copy(_ text: String)
  func suspend()
  func resume()
  /// Gives the terminal back for good; safe to call again.
  func end()
}

extension DashboardTerminal {
  var isAtEnd: Bool { false }
}

extension NCursesTerminal: DashboardTerminal {}
extension PlainTerminal: DashboardTerminal {}
