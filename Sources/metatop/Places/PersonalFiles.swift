import Dashboard
import Files

/// A person's keys and themes, looked at again and again while the screen is up.
struct PersonalFiles {
  private let keys: String?
  /// The theme's file that was asked for by its path.
  private let file: String?
  private var keyFile: WatchedFiles
  private var themes: WatchedFiles

  init(theme: String) {
    keys = UserFiles.found().keys
    file = ThemeFolder.isPath(theme) ? SystemFile.expanded(theme) : nil
    keyFile = WatchedFiles(files: [keys].compactMap(\.self))
    themes = WatchedFiles(
      files: [file].compactMap(\.self),
      folders: Places.here.folders(of: .themes),
      suffix: ".yaml"
    )
  }

  /// What has changed since the last look.
  mutating func news() -> PersonalNews {
    var news = PersonalNews()
    if keyFile.haveChanged(), let keys { news.keys = (UserFiles.text(keys), keys) }
    if themes.haveChanged() {
      let folder = ThemeFolder.found()
      news.themes = PersonalThemes(folder.themes, folder.errors, file: file)
    }
    return news
  }
}
