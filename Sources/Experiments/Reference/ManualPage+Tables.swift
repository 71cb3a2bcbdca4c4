import Events
import Files
import MetaLearning

/// What a page says beside its command's own options.
extension ManualPage {
  /// Commands that take a method's hyperparameters list them: what most methods have, then what each
  /// has otherwise.
  var hyperparameters: [String] {
    let takesMethods = command.entries.contains { $0.names == ["--methods"] }
    guard takesMethods else { return [] }
    let intro =
      "What `--set` takes. Where a method's default differs on pictures, both are given."
    return [Roff.prose(intro)] + HyperparameterRow.common.flatMap { entry($0, of: nil) }
      + MethodCatalog.all.flatMap(own)
  }

  private func own(_ method: any Method) -> [String] {
    let name = method.descriptor.name
    let rows = HyperparameterRow.rows(of: method).filter { !HyperparameterRow.common.contains($0) }
    return rows.flatMap { entry($0, of: "\(name) alone") }
      + method.forms.flatMap { form in
        HyperparameterRow.rows(of: form.method)
          .filter { !HyperparameterRow.common.contains($0) && !rows.contains($0) }
          .flatMap { entry($0, of: "\(name) with \(form.setting)") }
      }
  }

  private func entry(_ row: HyperparameterRow, of scope: String?) -> [String] {
    let one = row.descriptor
    let head =
      Roff.bold(one.id) + " (" + Roff.escaped(one.symbol)
      + (scope.map { ", " + Roff.escaped($0) } ?? "") + ")"
    let text = "\(row.help); \(one.allowed), default \(row.defaults)."
    return [".TP", head, Roff.prose(text)]
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
      (
        "METATOP_MATRIX_ENGINE",
        "`off` leaves the processor's matrix engine unused; the numbers are the same."
      ),
      ("NO_COLOR, CLICOLOR", "Draw without colours: the first with any value, the second with 0."),
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
