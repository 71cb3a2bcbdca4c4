import CellGrid

extension KeyBinding {
  /// On the screen of a sweep.
  static let table: [Self] =
    [
      Self(
        [.down, .character("j")],
        "↓",
        "the next combination (also j)",
        hint: "select",
        footer: "↑↓",
        .table(.move(1))
      ),
      Self([.up, .character("k")], "↑", "the previous combination (also k)", .table(.move(-1))),
      Self([.pageDown], "page ↓", "ten combinations on", .table(.move(10))),
      Self([.pageUp], "page ↑", "ten combinations back", .table(.move(-10))),
      Self([.home], "home", "the first combination", .table(.first)),
      Self([.end], "end", "the last combination", .table(.last)),
      Self(
        [.enter],
        "Enter",
        "open its runs, or all marked rows', side by side",
        hint: "open",
        .table(.open)
      ),
    ].holding(.table) + layouts + steering + rows

  private static let layouts: [Self] =
    (Preset.onKeys.enumerated().map { index, preset in
      Self(
        [.character(Character(String(index + 1)))],
        String(index + 1),
        "the same, in the layout \(preset.title)",
        .choosePreset(preset)
      )
    } + [
      Self([.character("6")], "6", "this table; in the runs' screen, back to it", .leagueTable),
      Self(
        [.character("b")],
        "b",
        "branch from its first run, with other values",
        hint: "branch",
        .branch
      ),
      Self(
        [.character("a")],
        "a",
        "train it beside each other method's best combination",
        hint: "adopt",
        .table(.adopt)
      ),
    ]).holding(.table)

  private static let steering: [Self] = [
    Self(
      [.character(" ")],
      "space",
      "let all runs wait, or go on",
      hint: "pause",
      .togglePause
    ),
    Self(
      [.character("s")],
      "s",
      "stop this combination's runs, or let them go on",
      hint: "stop row",
      .table(.stopRow)
    ),
    Self(
      [.character("f")],
      "f",
      "make this combination's runs next",
      hint: "first",
      .table(.makeFirst)
    ),
    Self(
      [.character("h")],
      "h",
      "successive halving: stop the losing half at each rung",
      hint: "halving",
      .table(.toggleHalving)
    ),
  ].holding(.table)

  private static let rows: [Self] = [
    Self(
      [.right],
      "→",
      "order by the next column",
      hint: "order",
      footer: "←→",
      .table(.nextOrder)
    ),
    Self([.left], "←", "order by the previous column", .table(.previousOrder)),
    Self([.character("r")], "r", "the other way around", hint: "reverse", .table(.reverse)),
    Self(
      [.character("/")],
      "/",
      "show rows with these words, as in maml inner-lr=0.5",
      hint: "filter",
      .openSearch
    ),
    Self(
      [.character("p")],
      "p",
      "pin the row to the top (^ before it)",
      hint: "pin",
      .table(.togglePin)
    ),
    Self(
      [.character("m")],
      "m",
      "mark the row (* before it; # where it is pinned, too)",
      hint: "mark",
      .table(.toggleMark)
    ),
    Self([.character("M")], "M", "show marked rows only, or all", .table(.showMarked)),
    Self([.character("x")], "x", "hide the row", hint: "hide", .table(.hide)),
    Self([.character("X")], "X", "show hidden rows again", .table(.showHidden)),
    Self(
      [.character("y")],
      "y",
      "copy the command that goes on with it",
      hint: "copy command",
      .copyCommandLine
    ),
    Self([.character("o")], "o", "write the table as CSV", hint: "table", .saveChart),
  ].holding(.table)
}
