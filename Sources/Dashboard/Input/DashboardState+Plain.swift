import CellGrid
import Events

/// The dashboard without a screen: actions by their names come in, lines go out.
extension DashboardState {
  /// Says the state in lines from now on, every so many seconds and when something happens.
  package mutating func becomePlain(every seconds: Double) {
    plain = PlainMode(every: seconds)
    tellPlainly(["type help for what can be typed here; quit leaves"])
  }

  package var isPlain: Bool { plain != nil }

  /// Nobody will type anything more, and everything has ended and was said.
  package var isDone: Bool {
    guard let plain else { return false }
    return plain.isInputOver && plain.hasSaidEnd && plain.pending.isEmpty
  }

  /// Lines that come before the first run wait for it: they are about runs.
  package var takesInput: Bool { plain == nil || !runs.isEmpty }

  /// Nothing more will be typed.
  package mutating func endInput() { plain?.isInputOver = true }

  mutating func tellPlainly(_ lines: [String]) {
    guard plain != nil, !lines.isEmpty else { return }
    let glyphs = Look(theme: theme, capabilities: capabilities).glyphs
    plain?.pending += lines.map { glyphs.text($0) }
    needsRedraw = true
  }

  /// Says what is due: events at once, the report at its pace.
  mutating func tickPlain() {
    guard plain != nil else { return }
    announceEvents()
    announceVerdict()
    if plain?.isDue(now: now) == true {
      let report = plainReport
      // The clock alone is no news.
      if report.dropFirst() != plain?.lastReport.dropFirst() { tellPlainly(report) }
      plain?.lastReport = report
    }
    let isOver = hasEnded || replay.map { $0.isPaused && $0.position >= $0.duration } == true
    guard isOver, plain?.hasSaidEnd == false else { return }
    plain?.hasSaidEnd = true
    tellPlainly(
      plainReport + (replay == nil ? ["all runs have ended; nothing is lost by quit"] : [])
    )
  }

  private mutating func announceEvents() {
    let new = min(log.added - (plain?.saidEvents ?? 0), log.entries.count)
    guard new > 0 else { return }
    plain?.saidEvents = log.added
    var lines: [LogLine] = []
    // Meta-validations stand in the reports.
    for entry in log.entries.suffix(new) where entry.kind != .validation {
      if let place = lines.firstIndex(where: { $0.isJoined(by: entry) }), let run = entry.run {
        if !lines[place].runs.contains(run) { lines[place].runs.append(run) }
      } else {
        lines.append(LogLine(entry: entry, runs: entry.run.map { [$0] } ?? []))
      }
    }
    tellPlainly(
      lines.map { line in
        let isAlarm = line.entry.kind == .failure || line.entry.kind == .warning
        return "\(isAlarm ? "ALARM: " : "")\(plainLine(line))"
      }
    )
  }

  /// Somebody is told apart from the others, or no longer the one who is.
  private mutating func announceVerdict() {
    let lead = shownVerdict.flatMap { $0.isDecided ? $0.line : nil }
    // What changes with every look are the numbers; who is told apart since when is the news.
    let news = lead.map { $0.filter { !$0.isNumber } }
    guard news != plain?.saidVerdict else { return }
    plain?.saidVerdict = news
    if let lead { tellPlainly([lead]) }
  }

  // MARK: - Lines that are typed

  /// Carries out a line: an action's name, a hyperparameter with its value, or an answer to what was
  /// asked.
  mutating func handlePlain(_ line: String) -> [DashboardEffect] {
    let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" }.map(String.init)
    guard let first = words.first?.lowercased() else { return [] }
    message = nil
    let effects = answerPlain(first, words) ?? commandPlain(first, words, line)
    if let text = message?.text { tellPlainly([text]) }
    message = nil
    announceEvents()
    return effects.compactMap { effect in
      switch effect {
      case .saveScreen, .toggleRecording, .suspend, .redrawAll, .openRuns:
        tellPlainly(["there is no screen here to do that with"])
        return nil
      case .copy(let text):
        tellPlainly([text])
        return nil
      default: return effect
      }
    }
  }

  /// What an open question or form takes; nil where nothing is open.
  private mutating func answerPlain(_ first: String, _ words: [String]) -> [DashboardEffect]? {
    switch overlay {
    case .leaving(let dialog):
      let named: [String: LeaveChoice] = ["end": .keep, "test": .test, "stay": .stay]
      guard let choice = named[first], dialog.choices.contains(choice) else {
        tellPlainly(["end, test or stay?"])
        return []
      }
      let effects = leave(choice)
      tellPlainly(choice == .stay ? ["nothing ends"] : endingLines)
      return effects
    case .ending:
      tellPlainly(endingLines)
      return []
    case .form(let form): return answerForm(form, first, words)
    case nil: return nil
    default:
      overlay = nil
      return nil
    }
  }

  private mutating func answerForm(
    _ form: ComparisonForm,
    _ first: String,
    _ words: [String]
  ) -> [DashboardEffect] {
    var form = form
    switch first {
    case "cancel":
      overlay = nil
      tellPlainly(["nothing was started"])
      return []
    case "start", "check": return handle(form, .enter)
    default:
      guard let place = form.fields.firstIndex(where: { $0.id == first }) else {
        tellPlainly(["there is no field \(first); type a field with its value, start, or cancel"])
        return []
      }
      form.select(place)
      form.write(words.dropFirst().joined(separator: " "))
      overlay = .form(form)
      tellPlainly(["\(first) \(form.fields[place].value)"])
      return []
    }
  }

  private mutating func commandPlain(
    _ first: String,
    _ words: [String],
    _ line: String
  ) -> [DashboardEffect] {
    switch first {
    case "help", "toggle-help", "open-palette", "?": tellHelp(words.at(1))
    case "state", "report": tellPlainly(plainReport)
    case "explain": tellPlainly(explained.map { "\($0.name): \($0.sentence)" })
    case "search", "open-search":
      filter = words.dropFirst().joined(separator: " ")
      tellPlainly(plainEvents(20))
      filter = ""
    default:
      guard words.count == 1, let action = plainActions.first(where: { $0.name == first })?.action
      else { return submit(line) }
      return carryOutPlain(action)
    }
    return []
  }

  private mutating func carryOutPlain(_ action: Action) -> [DashboardEffect] {
    if action == .editValue {
      tellPlainly(["write a hyperparameter with its value, as in inner-lr 0.1"])
      return []
    }
    let before = (focusedRun, selectedHyperparameter)
    let effects = carryOut(action)
    switch overlay {
    case .leaving:
      tellPlainly(leaveLines + ["end: \(words(.keep).detail); test: meta-test now; stay"])
    case .form(let form):
      tellPlainly(["\(form.title): type a field with its value, start, or cancel"])
      tellPlainly(
        form.fields.map { "\($0.id) \($0.value.isEmpty ? "(own)" : $0.value): \($0.help)" }
      )
    case .goTo, .chord, .palette, .help, .search, .editor, .explanation: overlay = nil
    case .ending, nil: break
    }
    if case .showPanel(let kind) = action, message == nil { tellPlainly(plainLines(of: kind)) }
    if before.0 != focusedRun, let focused { tellPlainly([focused.name]) }
    if before.1 != selectedHyperparameter, let own = hyperparameter, let focused {
      tellPlainly(["\(own.id) \(own.format(focused.value(own))), \(own.allowed)"])
    }
    return effects
  }

  /// Names that may be typed, those of the table first.
  private var plainActions: [(name: String, title: String, action: Action)] {
    let isReplay = replay != nil
    let bound = keys.bindings.filter {
      $0.context != .table && (isReplay || $0.context != .replay) && mayEverApply($0.action)
    }
    .map { ($0.action.name, $0.title, $0.action) }
    let more = unboundActions.map { ($0.action.name, $0.title, $0.action) }
    var names: Set<String> = []
    return (bound + more).filter { names.insert($0.0).inserted }
  }

  private mutating func tellHelp(_ word: String?) {
    let found = plainActions.filter { one in
      guard let word else { return disabledReason(one.action) == nil }
      return one.name.contains(word) || one.title.contains(word)
    }
    tellPlainly([
      "state: the report; explain: what the focused panel's numbers are; search WORDS: in the events; "
        + "inner-lr 0.1 or maml.inner-lr 0.1: a value; help WORD: names with it"
    ])
    tellPlainly(found.map { "\($0.name): \($0.title)" })
  }
}
