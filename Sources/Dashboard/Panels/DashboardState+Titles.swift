import CellGrid

/// Titles of panels.
extension DashboardState {
  /// A panel's title with the method it shows, when there is one.
  func title(_ text: String, _ run: RunState?, _ look: Look) -> [Span] {
    guard let run else { return [Span(text, look.title)] }
    return [Span("\(text) ", look.title)] + nameSpans(run, look)
  }

  /// The same of what stands for a whole series.
  func nameSpans(at index: Int, _ look: Look) -> [Span] {
    let color = color(of: index)
    return [Span("\(look.marker(color)) ", look.series(color)), Span(shownName(index), look.title)]
  }

  /// A method's marker and name in its colour, as a title.
  func nameSpans(_ run: RunState, _ look: Look) -> [Span] {
    [Span("\(look.marker(run.color)) ", look.series(run.color)), Span(run.name, look.title)]
  }
}
