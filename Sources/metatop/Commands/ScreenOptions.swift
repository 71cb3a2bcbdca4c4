import ArgumentParser
import CTermGuard
import CellGrid
import Dashboard
import Events
import Experiments
import Files
import MetaLearning
import NCursesTerminal
import Recording

/// How a command draws that has a screen.
struct ScreenOptions: ParsableArguments {
  @Option(help: "A theme's name, or the path of a theme's file.", completion: .themes)
  var theme = "auto"

  @Flag(help: "Draw with ASCII characters only.")
  var ascii = false

  @Flag(help: "Draw curves with half blocks, for fonts without braille patterns.")
  var blocks = false

  @Flag(help: "Use no colours.")
  var noColor = false

  @Option(help: "Whether clicks and the wheel are the dashboard's, or the terminal's: on or off.")
  var mouse = Mouse.on

  @Flag(help: "Lines instead of a screen: for screen readers, pipes and terminals that only print.")
  var plain = false

  @Option(help: ArgumentHelp("Seconds between two reports of --plain.", valueName: "seconds"))
  var plainEvery = 10.0

  enum Mouse: String, ExpressibleByArgument, CaseIterable {
    case on, off
  }

  /// Says what is wrong with theme or terminal before anything is made or the screen goes up.
  func check() throws {
    try checkTheme(ThemeFolder.found())
    guard plainEvery >= 0.1, plainEvery <= 86_400 else {
      throw Failure(
        status: Failure.usage,
        sentence: "--plain-every: \(plainEvery) is no pace; use seconds from 0.1 to 86400"
      )
    }
    if !plain { try Self.requireTerminal() }
  }

  /// Starts training and shows it until the person leaves.
  ///
  /// Where it is replaceable, `n` may end this comparison and start another.
  func show(
    _ run: TrainingRun,
    isReplaceable: Bool = false,
    others: [(name: String, value: String?)] = []
  ) throws {
    let (terminal, sources, theme, themes) = try opened()
    let subscription = run.bus.subscribe(capacity: 16_384, wake: { term_guard_wake() })
    run.start(isKeptOpen: true)
    var screen = DashboardState(
      theme: theme,
      themes: themes,
      capabilities: terminal.capabilities
    )
    let files = UserFiles.found()
    // A comparison that goes on looks as it did when somebody left it.
    let goesOn = run.configurations.contains { $0.resume != nil && !$0.isBranch }
    prepare(&screen, files, left: goesOn ? run.directories.first?.view : nil)
    let comparison = comparison
    if isReplaceable {
      let settings = CommandLine.arguments.values(of: "--set")
      screen.formTemplate = comparison.form(run.configurations, settings: settings)
      screen.sweepTemplate = comparison.sweepForm(run.configurations)
      for (index, directory) in run.directories.enumerated() {
        screen.branchForms[RunID(index)] = comparison.branchForm(
          of: directory,
          steps: run.configurations[index].totalSteps,
          run.directories
        )
      }
    }
    var history = RunHistory(run.configurations, run.directories)
    var personal = PersonalFiles(theme: self.theme)
    var loop = DashboardLoop(
      screen: screen,
      terminal: terminal,
      sources: sources,
      pullEvents: { take in
        let (events, dropped) = subscription.drain()
        history.tell(events, take)
        return dropped
      },
      send: { run.mailbox.post($0) },
      ending: EndingHandles(
        begin: { run.mailbox.post($0 == .test ? .conclude : .stop) },
        isOver: { run.hasEnded }
      ),
      refresh: { $0.take(personal.news(), watching: run.mailbox.watch) },
      measured: comparison.measured,
      command: { Self.command(run, $0, others) },
      checkComparison: comparison.check
    )
    let status = loop.run()
    UserFiles.keep(loop.screen.settings.text, in: files.view)
    for directory in run.directories { directory.keep(view: loop.screen.settings.text) }
    if loop.hasLeftAtOnce { throw ExitCode(status) }
    try finish(run, status: status)
    if let next = loop.next { try comparison.start(next) }
  }

  /// Writes the runs with the changes made to them beside their directories; the command that names it.
  private static func command(
    _ run: TrainingRun,
    _ changes: [LiveChange],
    _ others: [(name: String, value: String?)]
  ) -> ScreenFiles.Outcome {
    let folder = SystemFile.folder(of: run.directories.first?.path ?? "./runs")
    return LiveChanges(run.configurations, others: others, out: folder).save(
      changes.map { .init(step: $0.step, run: $0.run, id: $0.id, value: $0.value) }
    )
  }

  var drawingOptions: [String] {
    var kept = theme == "auto" ? [] : ["--theme=\(theme)"]
    if ascii { kept.append("--ascii") }
    if noColor { kept.append("--no-color") }
    if blocks { kept.append("--blocks") }
    if mouse == .off { kept.append("--mouse=off") }
    if plain { kept += ["--plain", "--plain-every=\(plainEvery)"] }
    return kept
  }

  /// What may follow this screen.
  var comparison: NewComparison {
    NewComparison(kept: keptArguments, file: UserFiles.found().recent)
  }

  /// How this command draws and where it keeps its runs, for a comparison that follows it.
  private var keptArguments: [String] {
    var kept = drawingOptions
    if let out = CommandLine.arguments.values(of: "--out").last { kept.append("--out=\(out)") }
    return kept
  }

  /// Plays recorded runs until the person leaves.
  func show(
    _ player: ReplayPlayer,
    beginWith action: String?,
    isInsideSweep: Bool,
    policy: DataPolicy
  ) throws {
    let (terminal, sources, theme, themes) = try opened()
    var screen = DashboardState(
      theme: theme,
      themes: themes,
      capabilities: terminal.capabilities
    )
    let files = UserFiles.found()
    prepare(&screen, files)
    screen.firstAction = action
    screen.isInsideSweep = isInsideSweep
    let comparison = comparison
    for run in player.runs where run.directory.hasCheckpoint {
      screen.branchForms[run.description.id] = comparison.branchForm(
        of: run.directory,
        steps: run.description.totalSteps
      )
    }
    var player = player
    var pictures = ReplayPictures(player.runs, policy) { term_guard_wake() }
    let clock = ReplayClock()
    var personal = PersonalFiles(theme: self.theme)
    var loop = DashboardLoop(
      screen: screen,
      terminal: terminal,
      sources: sources,
      pullEvents: { take in
        player.pull(now: LoopSources.process.now()) { pictures.complete($0, take) }
        pictures.takeRead(take)
        clock.set(isMoving: player.isMoving)
        return 0
      },
      send: { command in
        player.carryOut(command)
        clock.wake()
      },
      refresh: { $0.take(personal.news()) },
      measured: comparison.measured,
      checkComparison: comparison.check
    )
    let status = loop.run()
    UserFiles.keep(loop.screen.settings.text, in: files.view)
    if status != 0 { throw ExitCode(status) }
    if let next = loop.next { try comparison.start(next) }
  }

  /// The terminal, taken over, with the theme to draw in and all there are.
  func opened() throws -> (any DashboardTerminal, LoopSources, Theme, [Theme]) {
    let folder = ThemeFolder.found()
    var options = TerminalOptions(forceASCII: ascii, noColor: noColor, usesMouse: mouse == .on)
    options.hasBraille = !blocks
    if plain {
      let terminal = PlainTerminal(options: options)
      return (terminal, .plain(terminal), .terminal, folder.themes)
    }
    let terminal = try Self.open(options)
    let theme = try? chosenTheme(folder, colors: terminal.capabilities.colors)
    return (terminal, .process, theme ?? .terminal, folder.themes)
  }

  /// Gives the screen a person's own keys and view, and the command that made it.
  private func prepare(
    _ screen: inout DashboardState,
    _ files: UserFiles,
    left: String? = nil
  ) {
    if let text = UserFiles.text(left) ?? UserFiles.text(files.view) {
      if let settings = ViewSettings(text: text) {
        screen.restore(settings, keepsTheme: theme != "auto")
      } else {
        screen.note(
          "\(left ?? files.view ?? ""): cannot be understood; the standard view is shown",
          isProblem: false
        )
      }
    }
    screen.takeKeys(UserFiles.text(files.keys), file: files.keys)
    screen.commandLine = CommandLine.arguments.shellCommand
    screen.preferredColors = MethodCatalog.colors
    screen.followsBackground = theme == "auto" && !screen.hasChosenTheme && hasLooks
    if plain { screen.becomePlain(every: plainEvery) }
  }

  /// Whether the look is dark or light, and not the terminal's own colours.
  private var hasLooks: Bool { !noColor && !plain && variable("COLORFGBG") == nil }

  /// Lets the last files be written, then says where they are.
  private func finish(_ run: TrainingRun, status: Int32) throws {
    run.mailbox.post(.stop)
    guard let outcome = run.waitForOutcome(seconds: 30) else {
      let folders = run.directories.map(\.path).joined(separator: ", ")
      throw Failure(
        status: Failure.inputOutput,
        sentence: "\(folders): the last files were not written in 30 seconds; check the disk"
      )
    }
    if let sentence = outcome.badData {
      throw Failure(status: Failure.badData, sentence: sentence)
    }
    if let sentence = outcome.failure {
      throw Failure(status: Failure.inputOutput, sentence: sentence)
    }
    tell(of: run.directories, command: "metatop")
    if status != 0 { throw ExitCode(status) }
  }

  /// A theme that cannot be used is said before the screen goes up.
  private func checkTheme(_ folder: ThemeFolder) throws {
    do throws(ThemeError) {
      _ = try chosenTheme(folder, colors: 0)
    } catch {
      let isUnknown = error.file == theme && !ThemeFolder.isPath(theme)
      throw Failure(
        status: isUnknown ? Failure.usage : Failure.badData,
        sentence: "--theme: \(error)"
      )
    }
  }

  private func chosenTheme(_ folder: ThemeFolder, colors: Int) throws(ThemeError) -> Theme {
    try folder.theme(named: theme, colors: colors, environment: variable)
  }

  /// Says that there is no terminal before any directory is made.
  private static func requireTerminal() throws {
    if let error = NCursesTerminal.obstacle {
      throw Failure(status: Failure.usage, sentence: error.description)
    }
  }

  private static func open(_ options: TerminalOptions) throws -> NCursesTerminal {
    do throws(TerminalError) {
      return try NCursesTerminal(options: options)
    } catch {
      throw Failure(status: Failure.usage, sentence: error.description)
    }
  }
}
