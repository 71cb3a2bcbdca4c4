import ArgumentParser
import CTermGuard
import Dashboard
import Dispatch
import Events
import Glibc
import Synchronization
import Tasks

extension SweepCommand {
  /// The league table on the screen while the runs are made; leaving it stops them, with
  /// checkpoints, and prints the table.
  func show(
    _ runner: SweepRunner,
    _ control: SweepControl,
    _ workers: Int,
    _ format: TextTable.Format
  ) throws {
    let isStopped = StopFlag()
    let ended = DispatchSemaphore(value: 0)
    let failures = Mutex<[Failure]>([])
    DispatchQueue.global(qos: .utility).async {
      defer { ended.signal() }
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
    let status = try screen.show(
      SweepWatcher(runner.plan, runner.directory),
      isOwner: true,
      command: "metatop sweep --resume \(runner.directory.path.shellQuoted)"
    )
    isStopped.set()
    ended.wait()
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
  /// Shows a sweep until the person leaves; returns the exit status.
  func show(_ watcher: SweepWatcher, isOwner: Bool, command: String) throws -> Int32 {
    let (terminal, theme, themes) = try opened()
    var watcher = watcher
    let clock = ReplayClock()
    clock.set(isMoving: false)
    var loop = DashboardLoop(
      screen: SweepState(
        theme: theme,
        themes: themes,
        capabilities: terminal.capabilities,
        isOwner: isOwner,
        command: command
      ),
      terminal: terminal,
      pullEvents: { ([.sweep(watcher.look())], 0) },
      send: { _ in },
      viewer: RunViewer(options: drawingOptions)
    )
    return loop.run()
  }
}

extension SweepState: Screen {}
