import Yams

/// How a person likes the screen: kept between starts.
package struct ViewSettings: Equatable, Codable, Sendable {
  var preset: String
  var hidden: [String]
  var leftShare: Int
  var smoothing: Double
  var isLogarithmic: Bool
  /// The theme's name, where one was chosen with a key.
  var theme: String?

  /// Parses what `text` wrote; a file that says something else gives nil.
  package init?(text: String) {
    guard let settings = try? YAMLDecoder().decode(Self.self, from: text) else { return nil }
    self = settings
  }

  /// The standard view, for a person who has chosen a theme and nothing else.
  package init(theme: String) {
    self.init(DashboardState(theme: .terminal, capabilities: .init(colors: 0, isUnicode: false)))
    self.theme = theme
  }

  /// The same view in another theme.
  package func with(theme: String) -> Self {
    var settings = self
    settings.theme = theme
    return settings
  }

  /// The theme that was chosen last, of those there are.
  package func theme(of themes: [Theme]) -> Theme? { themes.first { $0.name == theme } }

  init(_ state: DashboardState) {
    preset = state.preset.name
    hidden = state.hidden.map(\.name).sorted()
    leftShare = state.leftShare
    smoothing = state.smoothing.rawValue
    isLogarithmic = state.isLogarithmic
    theme = state.chosenTheme
  }

  package var text: String { (try? YAMLEncoder().encode(self)) ?? "" }
}

extension DashboardState {
  /// Panels of a file that can be hidden: more than there are.
  private static let mostHidden = 100

  package var settings: ViewSettings { ViewSettings(self) }

  /// Takes over what was kept; names of another version are left out.
  package mutating func restore(_ settings: ViewSettings, keepsTheme: Bool = false) {
    if let preset = Preset(name: settings.preset), preset != self.preset {
      self.preset = preset
      panel = panel(of: preset)
      // A method's own panel is known once there are runs.
      if case .method = preset { awaitsPresetPanel = presetPanel == nil }
    }
    hidden = Set(settings.hidden.prefix(Self.mostHidden).compactMap { PanelKind(name: $0) })
    leftShare = min(75, max(25, settings.leftShare))
    smoothing = Smoothing(rawValue: settings.smoothing) ?? smoothing
    isLogarithmic = settings.isLogarithmic
    guard !keepsTheme, let name = settings.theme,
      let theme = themes.first(where: { $0.name == name })
    else { return }
    self.theme = theme
    chosenTheme = name
  }

  /// Says something that is known before the first event.
  package mutating func note(_ text: String, isProblem: Bool) {
    log.add(isProblem ? .failure : .note, run: nil, step: nil, text)
    say(text, isProblem: isProblem)
  }
}
