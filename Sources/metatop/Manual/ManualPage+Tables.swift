import Events
import Experiments
import Files
import MetaLearning
import Models

/// What a page says beside its command's own options.
extension ManualPage {
  /// Commands that take a method's hyperparameters list them.
  var hyperparameters: [String] {
    let takesMethods = command.entries.contains { $0.names == ["--methods"] }
    guard takesMethods else { return [] }
    let intro =
      "What `--set` takes. Where a method's default differs on images, both are given."
    return [Roff.prose(intro)] + Self.shared.flatMap(row)
      + MethodCatalog.all.flatMap { method in
        Self.both { method.ownHyperparameters(for: $0) }.flatMap { row($0, of: method.descriptor) }
      }
  }

  /// A hyperparameter with its default on numbers and on images, as far as it has them.
  private typealias Pair = (dense: HyperparameterDescriptor?, images: HyperparameterDescriptor?)

  private static var shared: [Pair] {
    both { StandardHyperparameters.all(for: $0) } + ConvolutionHyperparameters.all.map { (nil, $0) }
  }

  private static func both(_ list: (ModelFamily) -> [HyperparameterDescriptor]) -> [Pair] {
    let (dense, images) = (list(.dense), list(.convolutional))
    let pairs: [Pair] = dense.map { one in (one, images.first { $0.id == one.id }) }
    let others = images.filter { one in !dense.contains { $0.id == one.id } }
    return pairs + others.map { (nil, $0) }
  }

  private func row(_ pair: Pair) -> [String] { row(pair, of: nil) }

  private func row(_ pair: Pair, of method: MethodDescriptor?) -> [String] {
    guard let one = pair.dense ?? pair.images else { return [] }
    let usual = one.format(one.defaultValue)
    let images = pair.images.map { $0.format($0.defaultValue) } ?? usual
    let scope = (pair.dense == nil ? "on images" : "") + (method.map { "\($0.name) alone" } ?? "")
    let head =
      Roff.bold(one.id) + " (" + Roff.escaped(one.symbol)
      + (scope.isEmpty ? "" : ", " + Roff.escaped(scope)) + ")"
    let values = one.allowed + ", default " + usual + (images == usual ? "" : ", images \(images)")
    return [".TP", head, Roff.prose("\(one.help); \(values).")]
  }

  // MARK: Surroundings

  private func list(_ rows: [(String, String)]) -> [String] {
    rows.flatMap { name, text in [".TP", Roff.bold(name), Roff.prose(text)] }
  }

  var files: [String] {
    guard command.path.count == 1 else { return [] }
    let rows = [
      ("~/.config/metatop/keys.yaml", "Keys of one's own."),
      ("~/.config/metatop/themes/NAME.yaml", "Themes of one's own."),
      ("~/.config/metatop/Datasets/NAME/dataset.yaml", "Data sets of one's own."),
      (
        "~/.local/state/metatop/view.yaml", "The dashboard's layout and theme, kept between starts."
      ),
      ("~/.local/state/metatop/recent.yaml", "The newest comparisons of the form."),
      ("runs/", "Run directories, in the working directory unless `--out` says otherwise."),
    ]
    let rule = """
      Themes and data sets are looked for in this order: METATOP_DATA and METATOP_HOME, the folders \
      named metatop in XDG_CONFIG_HOME and XDG_DATA_HOME, beside the program, in share/metatop of the \
      prefix that it is installed in, in the source tree that it was built in, in XDG_DATA_DIRS, in \
      the working directory, in the program itself. `metatop doctor` shows each.
      """
    return list(rows) + [".PP", Roff.prose(rule)]
  }

  var environment: [String] {
    guard command.path.count == 1 else { return [] }
    return list([
      ("METATOP_HOME", "A folder with themes/ and Datasets/ of one's own."),
      ("METATOP_DATA", "Folders that hold data sets, with colons between them."),
      (
        "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME, XDG_DATA_DIRS",
        "Where files are by the XDG rules; relative paths are passed over."
      ),
      ("NO_COLOR", "Draw without colours."),
      ("TERM, COLORTERM, LANG, LC_ALL", "What the terminal can show; see `metatop doctor`."),
    ])
  }

  var exitStatus: [String] {
    list([
      ("0", "Done."),
      (
        "\(Failure.usage)",
        "The command line asks for something impossible, or there is no terminal."
      ),
      ("\(Failure.badData)", "A file is missing, damaged, or asks for something impossible."),
      ("\(Failure.inputOutput)", "A run directory cannot be made or written."),
      ("129, 130, 131, 143", "Ended by SIGHUP, SIGINT, SIGQUIT or SIGTERM, after a checkpoint."),
    ])
  }
}
