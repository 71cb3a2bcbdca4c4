import ArgumentParser
import Events
import Experiments
import Files
import Recording

/// `metatop train`: the same runs without a screen.
struct TrainCommand: RunCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train without a screen; progress on standard error."
  )

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: DataSetOptions
  @OptionGroup var runs: RunOptions
  @OptionGroup var data: RecordedDataOptions

  @Flag(help: "Print one summary line (JSON) for each run on standard output at the end.")
  var json = false

  mutating func run() throws {
    guard try !printed() else { return }
    let run = try prepare(isWatched: false)
    let progress = Progress(run.bus.subscribe(capacity: 4096))
    complain(run.memory)
    let interrupts = Interrupts { run.mailbox.post(.stop) }
    run.start(isKeptOpen: false)
    var outcome = run.waitForOutcome(seconds: 0.5)
    while outcome == nil {
      progress.show()
      outcome = run.waitForOutcome(seconds: 1)
    }
    progress.showEnd()
    if outcome?.badData == nil { tell(of: run.directories, command: "metatop train") }
    try report(outcome ?? TrainingRun.Outcome())
    if let status = interrupts.status { throw ExitCode(status) }
  }

  private func report(_ outcome: TrainingRun.Outcome) throws {
    if let sentence = outcome.badData { throw Failure(status: Failure.badData, sentence: sentence) }
    var isWritten = true
    if json {
      for summary in outcome.summaries {
        isWritten = say(summary.line.encoded()) && isWritten
      }
    }
    if let sentence = outcome.failure {
      throw Failure(status: Failure.inputOutput, sentence: sentence)
    }
    guard isWritten else {
      throw Failure(
        status: Failure.inputOutput,
        sentence: "standard output: the summary could not be written; give it room or a reader"
      )
    }
  }
}
