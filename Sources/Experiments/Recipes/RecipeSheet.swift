import Recording

extension Recipe {
  /// What `recipe show` tells.
  package var sheet: String {
    var lines = [row("recipe", name), row("", title)]
    lines.append(row("paper", paper ?? "none: a comparison of ours"))
    lines.append(
      row(
        "runs",
        "\(rows.count) \(rows.count == 1 ? "row" : "rows") × \(seeds) \(seeds == 1 ? "seed" : "seeds")"
      )
    )
    for option in options { lines.append(row("--\(option.name)", option.value)) }
    for setting in settings { lines.append(row("--set", "\(setting.name)=\(setting.value)")) }
    lines.append(row("precision", precision))
    if let rates { lines.append(row("rates", rates)) }
    lines.append(
      row(
        "test",
        "\(test.episodes) episodes, \(test.innerSteps.map { "\($0) inner steps" } ?? "the run's inner steps"), "
          + "\(test.checkpoint) checkpoint"
      )
    )
    for own in rows {
      let settings = own.settings.map { " \($0.name)=\($0.value)" }.joined()
      lines.append(row(own.name, "--methods \(own.method)\(settings)"))
      guard let published = own.published else {
        if paper != nil { lines.append(row("", "nothing is published")) }
        continue
      }
      let half = published.interval.map { " ± \(text($0))" } ?? ""
      lines.append(
        row(
          "",
          "published: \(text(published.value))\(half) (\(published.kind ?? "no kind of interval said")), \(published.from)"
        )
      )
    }
    for difference in differs { lines.append(row("otherwise", difference)) }
    lines.append(
      row(
        "time here",
        time ?? "not measured; `metatop recipe run \(name) --plan` measures a few steps"
      )
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(_ number: Double) -> String {
    fixed(number, (number * 100).rounded() == number * 100 ? 2 : 3)
  }

  private func row(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(18 - name.count, 2)) + text
  }

  /// Its line in `recipe list`.
  package func line(_ width: Int) -> String {
    let published = rows.compactMap(\.published)
    let what =
      paper == nil
      ? "ours" : published.isEmpty ? "nothing published" : "\(published.count) published"
    return name + String(repeating: " ", count: width - name.count + 2) + title + " (\(what))"
  }
}
