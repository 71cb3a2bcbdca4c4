/// What has changed in a person's files while the screen is up.
package struct PersonalNews {
  /// The file of keys; its text is nil where it is gone.
  package var keys: (text: String?, file: String)?
  package var themes: PersonalThemes?

  package init() {}
}

/// All themes there are, and what is wrong with the files of others.
package struct PersonalThemes {
  private(set) var found: [Theme]
  private(set) var problems: [ThemeError]

  /// Those of folders, and the one of a file that somebody named.
  package init(_ found: [Theme], _ problems: [ThemeError], file: String? = nil) {
    (self.found, self.problems) = (found, problems)
    guard let file else { return }
    do throws(ThemeError) {
      let own = try Theme.load(file: file)
      self.found = [own] + found.filter { $0.name != own.name }
    } catch {
      self.problems.append(error)
    }
  }
}

extension KeyedScreen {
  /// Takes over what has changed; a file that cannot be understood changes nothing, and is said.
  mutating func takeOver(_ news: PersonalNews) {
    if let (text, file) = news.keys {
      let (table, problem) = KeyTable.own(text, file: file)
      if let problem {
        note("\(problem); the keys stay as they were", isProblem: true)
      } else {
        keys = table
        note("\(file): taken over", isProblem: false)
      }
    }
    if let themes = news.themes { takeOver(themes.found, themes.problems) }
  }

  /// The keys that a person has of their own as the screen opens.
  mutating func readKeys(_ text: String?, _ file: String?) {
    let (table, problem) = KeyTable.own(text, file: file ?? "")
    keys = table
    if let problem { note("\(problem); the standard keys hold", isProblem: true) }
  }

  private mutating func takeOver(_ found: [Theme], _ problems: [ThemeError]) {
    // A theme whose file is broken now, or gone, stays what it was for as long as it is looked at.
    let broken = themes.filter { old in
      !found.contains { $0.name == old.name }
        && (old.name == theme.name || problems.contains { $0.file.hasSuffix("/\(old.name).yaml") })
    }
    themes = found + broken
    let new = themes.first { $0.name == theme.name }
    if let new, new != theme {
      theme = new
      note("theme \(new.name): taken over", isProblem: false)
    }
    if let first = problems.first {
      note("\(first); the look stays as it was", isProblem: true)
    }
    needsRedraw = true
  }
}

extension KeyTable {
  /// A person's own keys, and what is wrong with the file: the standard ones hold then.
  static func own(_ text: String?, file: String) -> (KeyTable, problem: String?) {
    var keys = KeyTable()
    let problem = text.flatMap { keys.read($0, file: file) }
    return (keys, problem)
  }
}

extension DashboardState {
  /// Takes over what has changed, and tells whether somebody looks at the probes.
  package mutating func take(_ news: PersonalNews, watching: (Bool) -> Void = { _ in }) {
    takeOver(news)
    watching(showsProbes)
  }

  package mutating func takeKeys(_ text: String?, file: String?) { readKeys(text, file) }
}
