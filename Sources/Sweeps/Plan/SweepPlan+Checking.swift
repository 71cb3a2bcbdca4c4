import Experiments
import Files
import Recording
import Tasks
import Training

/// What cannot be swept over, said before anything is written.
extension SweepPlan {
  // MARK: Checking

  static func checkAxes(_ options: SweepOptions) throws(ConfigurationError) {
    guard !options.axes.isEmpty else {
      throw ConfigurationError(
        .usage,
        "--grid: there is nothing to sweep over; give one, as in --grid inner-lr=0.1,0.4"
      )
    }
    for (index, axis) in options.axes.enumerated() {
      let earlier = options.axes[..<index].first { other in
        other.id == axis.id
          && (other.method == nil || axis.method == nil || other.method == axis.method)
      }
      if let earlier {
        throw axis.problem(
          earlier.name == axis.name
            ? "\(axis.name): is given twice; write all its values into one"
            : "\(axis.name): overlaps with \(earlier.name); give one of them"
        )
      }
      let setting = options.training.set.first { setting in
        setting.id == axis.id
          && (setting.method == nil || axis.method == nil || setting.method == axis.method)
      }
      if let setting {
        throw axis.problem(
          "\(axis.name): is set as well (\(setting.origin)); leave one of them out"
        )
      }
    }
  }

  /// The swept hyperparameters that each method has.
  static func axes(
    of bases: [RunConfiguration],
    _ options: SweepOptions
  ) throws(ConfigurationError) -> [[SweepAxis]] {
    let axes = bases.map { base in
      options.axes.filter { axis in
        [nil, base.method.descriptor.id].contains(axis.method)
          && base.values.descriptor(axis.id) != nil
      }
    }
    for axis in options.axes where !axes.contains(where: { $0.contains(axis) }) {
      let ids = bases.map(\.method.descriptor.id)
      if let method = axis.method, !ids.contains(method) {
        throw axis.problem(
          "\(axis.name): \(method) is not among the methods being trained "
            + "(\(ids.joined(separator: ", ")))"
        )
      }
      let known = bases.flatMap { $0.values.descriptors.map(\.id) }
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      throw axis.problem(
        "\(axis.name): there is no such hyperparameter; use \(known.joined(separator: ", "))"
      )
    }
    return axes
  }

  /// Refuses more than anybody can train, before the combinations are made.
  static func checkCount(
    _ axes: [[SweepAxis]],
    _ options: SweepOptions
  ) throws(ConfigurationError) {
    var count = 0.0
    for own in axes {
      let grid = own.reduce(1.0) { product, axis in
        if case .values(let values) = axis.choice {
          product * Double(values.count)
        } else {
          product
        }
      }
      count += own.isEmpty ? 1 : options.random.map(Double.init) ?? grid
    }
    let runs = count * Double(options.seeds)
    guard runs <= Double(mostRuns) else {
      let seeds = options.seeds == 1 ? "1 seed" : "\(options.seeds) seeds"
      let text = runs < 1e15 ? grouped(Int(runs)) : "\(runs)"
      throw ConfigurationError(
        .usage,
        "--grid: \(text) runs are too many, with \(seeds) of each combination; use at "
          + "most \(grouped(mostRuns)) (fewer values, or --random N to draw some)"
      )
    }
  }

  /// Plans one run of every kind, so that what cannot be trained is said before anything is.
  package static func check(
    _ combinations: [Combination],
    _ resolver: RunResolver,
    _ bases: [RunConfiguration]
  ) throws(ConfigurationError) {
    var seen: Set<Combination> = []
    for combination in combinations {
      guard let base = bases.first(where: { $0.method.descriptor.id == combination.method }) else {
        continue
      }
      // Numbers that are inputs of the graph change nothing about its size.
      let structural = combination.values.filter {
        base.values.descriptor($0.id).map { $0.isStructural || $0.isFixed } ?? false
      }
      guard !structural.isEmpty,
        seen.insert(Combination(method: combination.method, values: structural)).inserted
      else { continue }
      var resolver = resolver
      resolver.options.methods = [combination.method]
      resolver.known[resolver.options.task ?? TaskCatalog.builtIn[0]] = base.distribution
      for value in structural {
        resolver.options.set.append(
          .init(method: nil, id: value.id, text: value.text, origin: "--grid")
        )
      }
      _ = try resolver.configurations()
    }
  }
}
