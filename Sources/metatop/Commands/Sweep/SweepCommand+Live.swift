import ArgumentParser
import Dashboard
import Dispatch
import Events
import Experiments
import Files
import Glibc
import Recording
import Sweeps
import Synchronization

extension SweepCommand {
  /// The league table on the screen while the runs are made; leaving it stops them, with
  /// checkpoints, and prints the table.
  func show(
    _ runner: SweepRunner,
    _ control: SweepControl,
    _ workers: Int,
    _ format: TextTable.Format
  ) throws {
    let (isStopped, hasEnded) = (StopFlag(), StopFlag())
    let ended = DispatchSemaphore(value: 0)
    let failures = Mutex<[Failure]>([])
    DispatchQueue(label: "sweep", qos: .utility).async {
      defer {
        hasEnded.set()
        ended.signal()
      }
      let listener = SweepRunner.Listener(
        isStopped: { isStopped.isSet },
        finished: { (_, _, result) throws(Failure) in
          if let failure = result.failure { failures.withLock { $0.append(failure) } }
        }
      )
      while !isStopped.isSet {
        let changes = control.changes
        do throws(Failure) {
          try runner.make(workers: workers, control: control, listener)
        } catch {
          failures.withLock { $0.append(error) }
          break
        }
        // Somebody may let a stopped combination go on.
        while !isStopped.isSet, control.changes == changes { usleep(50_000) }
      }
    }
    let (status, next, hasLeftAtOnce) = try screen.show(
      SweepWatcher(runner.plan, runner.directory, control),
      control: control,
      ending: EndingHandles(begin: { _ in isStopped.set() }, isOver: { hasEnded.isSet })
    )
    if hasLeftAtOnce { throw ExitCode(status) }
    isStopped.set()
    ended.wait()
    if let next { try screen.comparison.start(next) }
    try print(SweepResults(runner.plan, runner.directory), format)
    if let first = failures.withLock({ $0.first }) {
      throw Failure(status: first.status, sentence: "a run failed: \(first.sentence)")
    }
    if runner.open.contains(where: { !control.isStopped($0.combination) }) {
      complain("go on with: metatop sweep --resume \(runner.directory.path)")
    }
    if status != 0 { throw ExitCode(status) }
  }
}

extension ScreenOptions {
  /// Shows a sweep until the person leaves; returns the exit status, and the comparison that shall
  /// follow.
  ///
  /// - Parameters:
  ///   - watcher: What is shown.
  ///   - control: Steers the sweep; nil where another process makes it.
  ///   - ending: How what makes the sweep ends.
  /// - Returns: Both.
  /// - Throws: When the terminal cannot be taken.
  func show(
    _ watcher: SweepWatcher,
    control: SweepControl?,
    ending: EndingHandles = EndingHandles()
  ) throws -> (status: Int32, next: [String: String]?, hasLeftAtOnce: Bool) {
    let (terminal, _, opened, themes) = try opened()
    var theme = opened
    let files = UserFiles.found()
    let view = UserFiles.text(files.view).flatMap { ViewSettings(text: $0) }
    if self.theme == "auto", let kept = view?.theme(of: themes) { theme = kept }
    let (plan, directory) = (watcher.plan, watcher.directory)
    var watcher = watcher
    let clock = ReplayClock()
    clock.set(isMoving: false)
    var screen = SweepState(
      theme: theme,
      themes: themes,
      capabilities: terminal.capabilities,
      isOwner: control != nil,
      command: "metatop sweep --resume \(watcher.directory.path.shellQuoted)"
    )
    screen.takeKeys(UserFiles.text(files.keys), file: files.keys)
    var personal = PersonalFiles(theme: self.theme)
    var loop = DashboardLoop(
      screen: screen,
      terminal: terminal,
      pullEvents: { take in
        take(.sweep(watcher.look()))
        return 0
      },
      send: { _ in },
      viewer: RunViewer(options: drawingOptions),
      sweep: SweepHandles(
        steer: { control?.carryOut($0, plan) ?? .init(text: "", isProblem: false) },
        adopted: { plan.comparison(adopting: $0, SweepResults(plan, directory)) }
      ),
      ending: ending,
      refresh: { $0.take(personal.news()) }
    )
    let status = loop.run()
    if let name = loop.screen.chosenTheme {
      let settings = view?.with(theme: name) ?? ViewSettings(theme: name)
      UserFiles.keep(settings.text, in: files.view)
    }
    return (status, loop.next, loop.hasLeftAtOnce)
  }
}
