import ArgumentParser
import CellGrid
import Dashboard
import Experiments
import Files
import Glibc
import MetaLearning
import Models
import Recording
import Tasks
import Training
import Yams

/// The form behind `n`: its fields, what it costs, and the command that it becomes.
struct NewComparison {
  /// Fields whose names are options of the command line.
  private static let options = [
    "branch", "checkpoint", "seeds", "methods", "task", "model", "width", "activation", "head-bias",
    "way", "shot",
    "query", "image-size", "split", "small-classes", "meta-batch", "steps", "seed", "initial",
    "episodes", "validation-episodes",
    "evaluate-every", "evaluation-episodes",
    "keep-every", "tensorboard",
  ]
  static let recentLimit = 8

  /// Options of the running command that a new comparison keeps: how it is drawn, where it is kept.
  let kept: [String]
  let file: String?

  // MARK: - The form

  /// What the list of methods says of each.
  private static var details: [String: String] {
    Dictionary(
      MethodCatalog.named.map {
        ($0.descriptor.id, "\($0.descriptor.name) · \($0.descriptor.citation)")
      },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The form, filled in with the comparison that runs.
  func form(_ runs: [RunConfiguration], settings: [String]) -> ComparisonForm {
    let methods = MethodCatalog.named.map(\.descriptor.id)
    let tasks = TaskCatalog.names(roots: DataRoots.found()) + ["folder:"]
    let run = runs.first
    let task = run?.description(id: .init(0)).task
    let fields: [ComparisonForm.Field] = [
      .init(
        id: "methods",
        label: "methods",
        help: "→ or typing opens the list",
        kind: .subset(methods),
        value: runs.map(\.method.descriptor.id).joined(separator: ","),
        details: Self.details
      ),
      .init(
        id: "task",
        label: "task",
        help: "a name, or folder:PATH",
        kind: .choice(tasks),
        value: task?.name ?? tasks[0]
      ),
      .init(
        id: "model",
        label: "model",
        help: "empty: the task's usual one",
        kind: .choice([""] + ModelCatalog.all.map(\.name)),
        value: run?.options["model"] ?? ""
      ),
      .init(
        id: "width",
        label: "width",
        help: "units or channels; empty: the usual",
        value: run?.options["width"] ?? ""
      ),
    ]
    let hidden = ["activation", "head-bias"].map { ($0, run?.options[$0] ?? "") }
    return ComparisonForm(
      fields: fields + numbers(run, settings: settings),
      hidden: Dictionary(uniqueKeysWithValues: hidden.filter { !$0.1.isEmpty }),
      recent: recent()
    )
  }

  /// The fields that hold sizes, counts and values.
  private func numbers(
    _ run: RunConfiguration?,
    settings: [String]
  ) -> [ComparisonForm.Field] {
    let task = run?.description(id: .init(0)).task
    func number(_ value: Int?) -> String { value.map(String.init) ?? "" }
    return [
      .init(
        id: "way",
        label: "way N",
        help: "classes, 2 or more; images only",
        value: number(task?.way)
      ),
      .init(id: "shot", label: "shot K", help: "support examples", value: number(run?.shot)),
      .init(id: "query", label: "query", help: "query examples", value: number(run?.queryShot)),
      .init(
        id: "image-size",
        label: "image size",
        help: "pixels; empty: the images' own",
        value: run?.options["image-size"] ?? ""
      ),
      .init(
        id: "split",
        label: "split",
        help: "apart by class, or by example; empty: by class",
        kind: .choice([""] + DataOptions.Split.allCases.map(\.rawValue)),
        value: task?.split == DataOptions.Split.examples.rawValue ? task?.split ?? "" : ""
      ),
      .init(
        id: "small-classes",
        label: "small classes",
        help: "refuse or leave-out; empty: refuse",
        kind: .choice([""] + DataOptions.SmallClasses.allCases.map(\.rawValue)),
        value: run?.options["small-classes"] ?? ""
      ),
      .init(
        id: "meta-batch",
        label: "meta-batch B",
        help: "episodes an outer step",
        value: number(run?.metaBatchSize)
      ),
      .init(id: "steps", label: "outer steps", help: "1 or more", value: number(run?.totalSteps)),
      .init(id: "seed", label: "seed", help: "0 or more", value: run.map { String($0.seed) } ?? ""),
      .init(
        id: "set",
        label: "hyperparameters",
        help: "as in inner-lr=0.1, or METHOD.ID=VALUE",
        value: settings.joined(separator: " ")
      ),
    ]
  }

  /// The form for a sweep with everything else as it runs now; the screen fills in the grid.
  func sweepForm(_ runs: [RunConfiguration]) -> ComparisonForm {
    // As the runs themselves would be made again.
    var own = runs.first?.options ?? [:]
    own["initial"] = runs.first?.initial?.path
    let methods = runs.map(\.method.descriptor.id)
    let shown: Set<String> = ["methods", "steps", "threads"]
    return ComparisonForm(
      title: "sweep",
      fields: [
        .init(id: "grid", label: "grid", help: "3, 5 or 7 values, or any typed", value: ""),
        .init(id: "grid-2", label: "and", help: "more, as in gamma=0.2,0.5", value: ""),
        .init(
          id: "methods",
          label: "methods",
          help: "→ or typing opens the list",
          kind: .subset(methods),
          value: methods.joined(separator: ","),
          details: Self.details
        ),
        .init(id: "seeds", label: "seeds", help: "of every combination", value: "3"),
        .init(id: "steps", label: "outer steps", help: "of each run", value: own["steps"] ?? ""),
        .init(id: "set", label: "hyperparameters", help: "that all runs have", value: ""),
      ],
      hidden: own.filter { !shown.contains($0.key) }
    )
  }

  /// The form for a branch of a recorded run.
  func branchForm(of directory: RunDirectory, steps: Int) -> ComparisonForm {
    ComparisonForm(
      title: "branch of a run",
      fields: [
        .init(id: "branch", label: "from run", help: "", value: directory.path),
        .init(
          id: "checkpoint",
          label: "checkpoint",
          help: "last, best, or a kept outer step",
          kind: .choice(["last", "best"]),
          value: "last"
        ),
        .init(
          id: "steps",
          label: "outer steps",
          help: "in all, those before included",
          value: String(steps)
        ),
        .init(
          id: "set",
          label: "hyperparameters",
          help: "that change, as in inner-lr=0.1",
          value: ""
        ),
      ]
    )
  }

  // MARK: - Checking

  /// Whether the values can be trained and what that takes; nothing is made.
  func check(_ values: [String: String]) -> ComparisonForm.Answer {
    do {
      guard values["grid"] == nil else { return try checkSweep(values) }
      let command = try DashboardCommand.parse(arguments(values))
      let runs = try command.runs.resolved().runs
      let memory = memoryText(RunResolver.totalBytes(runs))
      let steps = runs.reduce(0) { $0 + $1.totalSteps }
      let count = runs.count == 1 ? "1 run" : "\(runs.count) runs"
      return .init(
        text: "\(count), \(Numbers.grouped(steps)) outer steps in all, about \(memory) of memory",
        isProblem: false
      )
    } catch let error as Failure {
      return .init(text: error.sentence, isProblem: true)
    } catch {
      return .init(text: DashboardCommand.message(for: error), isProblem: true)
    }
  }

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

  /// The command line's arguments that the values stand for, the program's name left out.
  func arguments(_ values: [String: String]) -> [String] {
    var arguments = values["grid"] == nil ? [] : ["sweep", "--live"]
    for name in ["grid", "grid-2"] {
      for grid in (values[name] ?? "").split(separator: " ") { arguments.append("--grid=\(grid)") }
    }
    for name in Self.options {
      guard let value = values[name], !value.isEmpty else { continue }
      arguments.append("--\(name)=\(value)")
    }
    for setting in (values["set"] ?? "").split(separator: " ") {
      arguments.append("--set=\(setting)")
    }
    return arguments + kept
  }

  /// Becomes the new comparison: the same program, started anew.
  ///
  /// - Throws: A sentence where that is impossible; else it never returns.
  func start(_ values: [String: String]) throws -> Never {
    remember(values)
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

  // MARK: - Earlier ones

  /// Earlier comparisons, newest first; a file that cannot be understood counts as none.
  private func recent() -> [[String: String]] {
    guard let text = UserFiles.text(file) else { return [] }
    return (try? YAMLDecoder().decode([[String: String]].self, from: text)) ?? []
  }

  private func remember(_ values: [String: String]) {
    guard values["branch"] == nil, values["grid"] == nil else { return }
    let all = [values] + recent().filter { $0 != values }
    guard let text = try? YAMLEncoder().encode(Array(all.prefix(Self.recentLimit))) else { return }
    UserFiles.keep(text, in: file)
  }
}
