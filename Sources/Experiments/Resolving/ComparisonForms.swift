import Files
import MetaLearning
import Models
import Recording
import Tasks
import Training
import Yams

/// A field of a form that becomes a comparison: what it is called, what it allows, what stands there.
package struct ComparisonField: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// One of these, or anything that is typed.
    case choice([String])
    /// Any of these.
    case subset([String])
    case text
  }

  package var id: String
  package var label: String
  package var help: String
  package var kind = Kind.text
  package var value: String
  /// What stands behind the choices of a subset.
  package var details: [String: String] = [:]
}

/// The fields of such a form, and values that go along unseen.
package struct ComparisonFields: Equatable, Sendable {
  package var title = "new comparison"
  package var fields: [ComparisonField]
  package var hidden: [String: String] = [:]
}

/// The forms of new comparisons, sweeps and branches, and the command lines that they become.
package enum ComparisonForms {
  /// Fields whose names are options of the command line.
  private static let options = [
    "branch", "checkpoint", "seeds", "methods", "task", "model", "width", "layers", "activation",
    "norm",
    "head-bias",
    "way", "shot",
    "query", "image-size", "split", "small-classes", "meta-batch", "steps", "seed", "initial",
    "episodes", "validation-episodes",
    "evaluate-every", "evaluation-episodes", "test-episodes",
    "keep-every", "tensorboard",
  ]

  package static let recentLimit = 8

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
  package static func comparison(
    _ runs: [RunConfiguration],
    settings: [String],
    recipes: [String] = []
  ) -> ComparisonFields {
    let methods = MethodCatalog.named.map(\.descriptor.id)
    let tasks = TaskCatalog.names(roots: DataRoots.found()) + TaskCatalog.pathPrefixes
    let run = runs.first
    let task = run?.description(id: .init(0)).task
    let published = ComparisonField(
      id: "recipe",
      label: "recipe",
      help: "a published row in the place of all else",
      kind: .choice([""] + recipes),
      value: ""
    )
    let fields: [ComparisonField] = [
      .init(
        id: "methods",
        label: "methods",
        help: "→ or typing opens the list",
        kind: .subset(methods),
        value: runs.map(\.method.descriptor.id).joined(separator: ","),
        details: details
      ),
      .init(
        id: "task",
        label: "task",
        help: "a name, folder:PATH or series:PATH",
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
    return ComparisonFields(
      fields: fields + numbers(run, settings: settings) + network(run)
        + (recipes.isEmpty ? [] : [published])
    )
  }

  /// What can be chosen of a network beside its size.
  private static func network(_ run: RunConfiguration?) -> [ComparisonField] {
    func own(_ id: String) -> String { run?.options[id] ?? "" }
    return [
      .init(
        id: "layers",
        label: "layers",
        help: "widths, as in 64,64,64; leave width empty",
        value: own("layers")
      ),
      .init(
        id: "activation",
        label: "activation",
        help: "empty: the method's",
        kind: .choice([""] + Activation.allCases.map(\.rawValue)),
        value: own("activation")
      ),
      .init(
        id: "norm",
        label: "norm",
        help: "behind each layer; empty: the usual",
        kind: .choice([""] + Normalisation.allCases.map(\.rawValue)),
        value: own("norm")
      ),
      .init(
        id: "head-bias",
        label: "head bias",
        help: "empty: the method's",
        kind: .choice(["", "on", "off"]),
        value: own("head-bias")
      ),
    ]
  }

  /// The fields that hold sizes, counts and values.
  private static func numbers(
    _ run: RunConfiguration?,
    settings: [String]
  ) -> [ComparisonField] {
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
  package static func sweep(_ runs: [RunConfiguration]) -> ComparisonFields {
    // As the runs themselves would be made again.
    var own = runs.first?.options ?? [:]
    own["initial"] = runs.first?.initial?.path
    let methods = runs.map(\.method.descriptor.id)
    let shown: Set<String> = ["methods", "steps", "threads"]
    return ComparisonFields(
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
          details: details
        ),
        .init(id: "seeds", label: "seeds", help: "of every combination", value: "3"),
        .init(id: "steps", label: "outer steps", help: "of each run", value: own["steps"] ?? ""),
        .init(id: "set", label: "hyperparameters", help: "that all runs have", value: ""),
      ],
      hidden: own.filter { !shown.contains($0.key) }
    )
  }

  /// What may go on beside a branch.
  private enum Beside: String {
    case all = "all runs"
    case parent = "its parent"
    case nobody = "nothing"
  }

  /// The form for a branch of a recorded run, with the runs that may go on beside it.
  package static func branch(
    of directory: RunDirectory,
    steps: Int,
    beside runs: [RunDirectory] = []
  ) -> ComparisonFields {
    let choices = (runs.count > 1 ? [Beside.all] : []) + [.parent, .nobody]
    let beside = ComparisonField(
      id: "beside",
      label: "beside it",
      help: "what goes on with it from where it is",
      kind: .choice(choices.map(\.rawValue)),
      value: choices[0].rawValue
    )
    return ComparisonFields(
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
      ] + (runs.isEmpty ? [] : [beside]),
      hidden: runs.isEmpty ? [:] : ["runs": runs.map(\.path).joined(separator: "\n")]
    )
  }

  /// The runs that go on beside a branch.
  private static func resumed(_ values: [String: String]) -> [String] {
    switch values["beside"].flatMap(Beside.init(rawValue:)) {
    case .all: (values["runs"] ?? "").split(separator: "\n").map(String.init)
    case .parent: [values["branch"] ?? ""]
    case .nobody, nil: []
    }
  }

  /// The same values without the runs that go on beside it, which are being trained and need no check.
  package static func alone(_ values: [String: String]) -> [String: String] {
    values.filter { $0.key != "beside" }
  }

  // MARK: - What they become

  /// The command line's arguments that the values stand for, the program's name left out.
  ///
  /// A recipe's stand in the place of all others; `recipe` gives them by its name.
  package static func arguments(
    _ values: [String: String],
    kept: [String],
    recipe: (String) -> [String] = { _ in [] }
  ) -> [String] {
    if let name = values["recipe"], !name.isEmpty { return recipe(name) + kept }
    var arguments = values["grid"] == nil ? [] : ["sweep", "--live"]
    let runs = values["branch"] == nil ? [] : resumed(values)
    if !runs.isEmpty { arguments += ["--resume"] + runs }
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

  /// What the task and the rest came to where fields were empty.
  package static func filled(_ runs: [RunConfiguration]) -> [String: String] {
    guard let run = runs.first else { return [:] }
    let numbers: [(String, Int?)] = [
      ("way", run.description(id: .init(0)).task.way), ("shot", run.shot), ("query", run.queryShot),
      ("meta-batch", run.metaBatchSize), ("steps", run.totalSteps),
    ]
    return Dictionary(
      uniqueKeysWithValues: numbers.compactMap { id, number in number.map { (id, String($0)) } }
    )
  }

  // MARK: - Earlier ones

  /// Earlier comparisons, newest first; a file that cannot be understood counts as none.
  package static func recent(_ file: String?) -> [[String: String]] {
    guard let text = UserFiles.text(file) else { return [] }
    return (try? YAMLDecoder().decode([[String: String]].self, from: text)) ?? []
  }

  package static func remember(_ values: [String: String], in file: String?) {
    guard values["branch"] == nil, values["grid"] == nil else { return }
    let all = [values] + recent(file).filter { $0 != values }
    guard let text = try? YAMLEncoder().encode(Array(all.prefix(recentLimit))) else { return }
    UserFiles.keep(text, in: file)
  }
}
