import Files
import Glibc
import Recording
import Training

/// A recipe being made: what is left, how long that takes, training, and the table at its end.
package struct RecipeSession {
  private var maker: RecipeMaker
  private let steps: Int?
  private var recipe: Recipe { maker.recipe }

  package init(_ recipe: Recipe, out: String, steps: Int?, seeds: Int?) {
    maker = RecipeMaker(recipe, out: out, steps: steps, seeds: seeds)
    self.steps = steps
  }

  /// Runs that have not come to their end.
  private var left: [RecipeJob] {
    recipe.jobs.filter { job in
      switch maker.progress(job) {
      case .new, .begun: true
      case .ended, .diverged: false
      }
    }
  }

  /// A whole number that an option has, nil where it was not given.
  package static func whole(
    _ option: String,
    _ text: String?,
    _ range: ClosedRange<Int>
  ) throws(Failure) -> Int? {
    guard let text else { return nil }
    do throws(OptionValueError) {
      return try wholeNumber(text, range)
    } catch {
      throw Failure(status: Failure.usage, sentence: "--\(option): \(error.reason)")
    }
  }

  /// Checks data and options, and says what is to be made and how long it takes here.
  package mutating func begin(planOnly: Bool, acceptsData: Bool) throws(Failure) {
    try maker.checkData(accepting: acceptsData)
    let (all, left) = (recipe.jobs, self.left)
    complain(
      "\(recipe.name): \(all.count) runs, \(all.count - left.count) of them made, in \(maker.folder)"
    )
    guard !left.isEmpty else { return }
    let seconds = try maker.secondsLeft(left)
    let begun = left.count {
      if case .begun = maker.progress($0) { true } else { false }
    }
    let what = "\(left.count) left" + (begun > 0 ? ", \(begun) of them begun" : "")
    let time =
      seconds.map { "about \(Self.text($0)) on one thread, tests not counted" } ?? "time unknown"
    complain("\(what): \(time)")
    if planOnly { complain("`metatop recipe run \(recipe.name)` makes them") }
  }

  private static func text(_ seconds: Double) -> String {
    seconds < 5_400 ? durationText(seconds) : "\(fixed(seconds / 3_600, 1)) h"
  }

  /// Trains what is left, so many runs at a time; stops and keeps what was made where that is asked.
  package mutating func train(threads: Int, isStopped: () -> Bool) throws(Failure) {
    let left = self.left
    guard !left.isEmpty else { return }
    let progress = PoolProgress(total: left.count)
    // The pool asks for runs one after the other, from this thread.
    var maker = self.maker
    let recipe = self.recipe
    _ = try RunPool(threads: threads).run(
      left.count,
      prepare: { (index, threads) throws(Failure) in try maker.run(left[index], threads: threads) },
      isStopped: isStopped,
      finished: { (index, count, result) throws(Failure) in
        let job = left[index]
        let name = "\(recipe.rows[job.row].name) seed \(job.seed)"
        if let failure = result.failure {
          throw Failure(status: failure.status, sentence: "\(name): \(failure.sentence)")
        }
        complain(progress.line(count, "\(name) \(result.status.rawValue)"))
      }
    )
    self.maker = maker
  }

  /// Tests what has ended, and puts it into the table.
  package func report(threads: Int) throws(Failure) -> String {
    var lines = recipe.rows.map { _ in RecipeReport.Line(scores: []) }
    for job in recipe.jobs {
      var score: RecipeScore?
      switch maker.progress(job) {
      case .ended: score = try maker.score(job, workers: threads)
      case .diverged: lines[job.row].diverged += 1
      case .new, .begun: break
      }
      lines[job.row].scores.append(score)
    }
    return RecipeReport(recipe, lines, steps: steps).text
  }
}
