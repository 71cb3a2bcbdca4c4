/// Scrolling and choosing events.
extension DashboardState {
  mutating func performEvents(_ action: EventsAction) {
    let page = max(1, (ScreenLayout(size: size, needs: needs).panels[.log]?.rows ?? 3) - 3)
    let last = max(0, logLines.count - 1)
    switch action {
    case .scroll(let lines): logScroll += lines
    case .page(let pages): logScroll += pages * page
    case .first: logScroll = last
    case .newest: logScroll = 0
    case .ownOnly:
      isLogOfFocused.toggle()
      logScroll = 0
      focus(.log)
      say(isLogOfFocused ? "events of \(focused?.name ?? "no run") alone" : "events of all runs")
    }
    logScroll = min(max(logScroll, 0), max(0, last - page))
  }
}
