import Files
import Models
import Training

/// A YAML file that makes the runs of a command again, with every default written out.
package struct PrintedConfiguration {
  package let options: TrainingOptions
  package let runs: [RunConfiguration]
  /// Options of the command that are no training options, as they were given.
  let others: [(name: String, value: String?)]

  package init(
    options: TrainingOptions,
    runs: [RunConfiguration],
    others: [(name: String, value: String?)]
  ) {
    self.options = options
    self.runs = runs
    self.others = others
  }

  package var text: String {
    var lines = ["# metatop \(version); the same runs again: --config with this file"]
    lines += OptionName.allCases.compactMap(line)
    for (name, value) in others {
      lines.append("\(name): \(value.map(Self.quoted) ?? "on")")
    }
    lines.append("set:")
    for run in series {
      for descriptor in run.values.descriptors {
        let value = descriptor.format(run.values.number(descriptor.id))
        lines.append("  \(run.method.descriptor.id).\(descriptor.id): \(Self.quoted(value))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One run of each method: those of other seeds are the same but for that.
  private var series: [RunConfiguration] {
    runs.enumerated().filter { index, run in
      !runs[..<index].contains { $0.method.descriptor.id == run.method.descriptor.id }
    }.map(\.element)
  }

  /// Values that change on the way, each as a line.
  private var changes: String? {
    let lines = series.flatMap { run in
      run.changes.map { change in
        Self.line(
          of: change.step,
          "\(run.method.descriptor.id).\(change.id)",
          run.values.descriptor(change.id)?.format(change.value) ?? "\(change.value)"
        )
      }
    }
    return lines.isEmpty ? nil : (["changes:"] + lines).joined(separator: "\n")
  }

  /// A line under `changes:`.
  static func line(of step: Int, _ name: String, _ value: String) -> String {
    "  - {step: \(step), set: {\(name): \(quoted(value))}}"
  }

  private func line(_ option: OptionName) -> String? {
    let name = option.rawValue
    switch option {
    case .methods:
      return "\(name): [\(series.map(\.method.descriptor.id).joined(separator: ", "))]"
    // Of the others --seeds tells.
    case .seed: return runs.first.map { "\(name): \($0.seed)" }
    case .changes: return changes
    case .threads where options.threads == nil:
      return "# \(name): all \(availableCores()) cores of this machine; results do not depend on it"
    default: break
    }
    let values = runs.map { value(option, $0) }
    guard let first = values.first, let first else { return nil }
    guard values.allSatisfy({ $0 == first }) else {
      let all = zip(runs, values).map { "\($0.method.descriptor.id) \($1 ?? "none")" }
      return "# \(name): each method's own (\(all.joined(separator: ", ")))"
    }
    return "\(name): \(Self.quoted(first))"
  }

  /// What an option came to in a run; nil where it has no meaning or something else decides it.
  private func value(_ option: OptionName, _ run: RunConfiguration) -> String? {
    switch option {
    case .model: run.model.option?.name
    case .width: options.layers == nil ? (run.model.option?.width).map(String.init) : nil
    case .activation: hasStyle(run) ? run.model.activation.rawValue : nil
    case .norm: hasStyle(run) ? run.model.normalisation.rawValue : nil
    case .headBias: hasStyle(run) ? (run.model.style.hasHeadBias ? "on" : "off") : nil
    case .way: options.episodes != nil ? nil : (run.way ?? options.way).map(String.init)
    case .out: options.out ?? "runs"
    case .initial: options.initial.map(RunResolver.absolute)
    case .initialMissing: options.initialMissing.map { $0 ? "draw" : "refuse" }
    case .initialHead: options.initialHead.map { $0 ? "new" : "file" }
    default: run.options[option.rawValue]
    }
  }

  private func hasStyle(_ run: RunConfiguration) -> Bool {
    run.model.option.flatMap { ModelCatalog.entry($0.name) }?.hasStyle == true
  }

  /// A text as a YAML scalar: as it is where nothing in it means something, else between quotes.
  package static func quoted(_ text: String) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
      let character = Character(UnicodeScalar(byte))
      return character.isASCII
        && (character.isLetter || character.isNumber || "_./:=+-,".contains(character))
    }
    if text.utf8.allSatisfy(isPlain), let first = text.first, !":=+-,".contains(first),
      text.last != ":"
    {
      return text
    }
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      // What steers a terminal, ends a line or is invisible is written by its number.
      case "\u{20}"..<"\u{7F}", "\u{A1}"..<"\u{2000}", "\u{2070}"..<"\u{D7FF}",
        "\u{1F300}"..<"\u{1FB00}":
        String(scalar)
      default: "\\U" + UInt32(scalar).hexadecimal
      }
    }
    return "\"\(escaped.joined())\""
  }
}
