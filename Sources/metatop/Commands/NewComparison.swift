import CTermGuard
import CellGrid
import Dashboard
import Experiments
import Files
import Glibc
import Recording
import Training

/// The form behind `n`: its fields, what it costs, and the command that it becomes.
struct NewComparison {
  /// Options of the running command that a new comparison keeps: how it is drawn, where it is kept.
  let kept: [String]
  let file: String?
  private let timer = StepTimer()

  // MARK: - The forms

  /// The form, filled in with the comparison that runs.
  func form(_ runs: [RunConfiguration], settings: [String]) -> ComparisonForm {
    let names = RecipeCatalog.names()
    let made = ComparisonForms.comparison(runs, settings: settings, recipes: names)
    return form(made, ComparisonForms.recent(file))
  }

  /// The form for a sweep with everything else as it runs now; the screen fills in the grid.
  func sweepForm(_ runs: [RunConfiguration]) -> ComparisonForm { form(ComparisonForms.sweep(runs)) }

  /// The form for a branch of a recorded run, beside those that are trained.
  func branchForm(of run: RunDirectory, steps: Int, _ all: [RunDirectory] = []) -> ComparisonForm {
    form(ComparisonForms.branch(of: run, steps: steps, beside: all))
  }

  private func form(_ made: ComparisonFields, _ recent: [[String: String]] = []) -> ComparisonForm {
    let fields = made.fields.map { field in
      let kind: ComparisonForm.Field.Kind =
        switch field.kind {
        case .choice(let all): .choice(all)
        case .subset(let all): .subset(all)
        case .text: .text
        }
      return ComparisonForm.Field(
        id: field.id,
        label: field.label,
        help: field.help,
        kind: kind,
        value: field.value,
        details: field.details
      )
    }
    return ComparisonForm(title: made.title, fields: fields, hidden: made.hidden, recent: recent)
  }

  // MARK: - Checking

  /// Whether the values can be trained and what that takes; nothing is made but three steps, whose
  /// time is told later.
  func check(_ values: [String: String]) -> ComparisonForm.Answer {
    timer.cancel()
    do {
      guard values["grid"] == nil else { return try checkSweep(values) }
      let command = try DashboardCommand.parse(arguments(ComparisonForms.alone(values)))
      let runs = try command.resolved().runs
      let memory = memoryText(RunResolver.totalBytes(runs))
      let steps = runs.reduce(0) { $0 + $1.totalSteps }
      let count = runs.count == 1 ? "1 run" : "\(runs.count) runs"
      timer.measure(runs) { term_guard_wake() }
      return .init(
        text: "\(count), \(Numbers.grouped(steps)) outer steps in all, about \(memory) of memory",
        isProblem: false,
        filled: ComparisonForms.filled(runs)
      )
    } catch let error as Failure {
      return .init(text: error.sentence, isProblem: true)
    } catch {
      return .init(text: DashboardCommand.message(for: error), isProblem: true)
    }
  }

  /// How long what was checked takes, once three steps of each run have been made.
  func measured() -> Double? { timer.take() }

  private func checkSweep(_ values: [String: String]) throws -> ComparisonForm.Answer {
    let command = try SweepCommand.parse(Array(arguments(values).dropFirst()))
    let plan = try command.plan()
    let seeds = plan.seeds.count == 1 ? "1 seed" : "\(plan.seeds.count) seeds"
    return .init(
      text: "\(plan.runs.count) runs: \(plan.combinations.count) combinations × \(seeds), "
        + "\(Numbers.grouped(plan.steps)) outer steps in all",
      isProblem: false
    )
  }

  func arguments(_ values: [String: String]) -> [String] {
    ComparisonForms.arguments(values, kept: kept) { RecipeCatalog.found().arguments(of: $0) }
  }

  /// Becomes the new comparison: the same program, started anew.
  ///
  /// - Throws: A sentence where that is impossible; else it never returns.
  func start(_ values: [String: String]) throws -> Never {
    ComparisonForms.remember(values, in: file)
    let path = "/proc/self/exe"
    var arguments = ([CommandLine.arguments.first ?? "metatop"] + arguments(values)).map {
      strdup($0)
    }
    arguments.append(nil)
    execv(path, arguments)
    throw Failure(
      status: Failure.inputOutput,
      sentence: "the new comparison could not be started (\(String(cString: strerror(errno))))"
    )
  }
}
