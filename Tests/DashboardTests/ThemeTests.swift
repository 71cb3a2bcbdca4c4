import CellGrid
import Foundation
import Testing

@testable import Dashboard

/// A theme of this repository.
func themePath(_ name: String, file: String = #filePath) -> String {
  let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
  return "/\(root)/themes/\(name).yaml"
}

@Suite struct ThemeTests {
  static let names = own + ["terminal"]
  /// Those whose colours are written in their files.
  static let own = [
    "daylight", "dusk", "high-contrast", "metatop-dark", "metatop-light", "monochrome", "okabe-ito",
  ]

  static let complete = """
    roles:
      background: "#101418"
      text: 252
      dim: "ansi:8"
      border: "ansi:8"
      title: default
      accent: "#8fb8ff"
      good: "ansi:2"
      warning: "ansi:3"
      bad: "ansi:1"
    series:
      - { color: "#6cb6ff", marker: "●" }
      - { color: "ansi:3", marker: "■" }
      - { color: 5, marker: "▲" }
    gradient: { start: "ansi:2", mid: "ansi:3", end: "ansi:1" }
    """

  private func problem(_ text: String) -> String {
    do throws(ThemeError) {
      _ = try Theme.parse(text, name: "themes/mine.yaml")
      return "no problem"
    } catch {
      return error.description
    }
  }

  private func problem(replacing old: String, with new: String) -> String {
    #expect(Self.complete.contains(old))
    return problem(Self.complete.split(separator: old).joined(separator: new))
  }

  @Test func everyNotationIsRead() throws {
    let theme = try Theme.parse(Self.complete, name: "themes/mine.yaml")
    #expect(theme.name == "mine")
    #expect(theme[.background] == .rgb(0x10, 0x14, 0x18))
    #expect(theme[.text] == .indexed(252))
    #expect(theme[.title] == .terminal)
    #expect(theme.series.map(\.marker) == ["●", "■", "▲"])
    #expect(theme.series.map(\.color) == [.rgb(0x6c, 0xb6, 0xff), .ansi(3), .indexed(5)])
    #expect(theme.gradient.end == .ansi(1))
  }

  @Test func theFilesOfTheRepositoryAreRead() throws {
    for name in Self.names {
      let theme = try Theme.load(file: themePath(name))
      #expect(theme.name == name)
      #expect(theme.series.count == 8)
    }
  }

  @Test func everyFileOfTheFolderIsTested() throws {
    let folder = String(themePath("x").dropLast("/x.yaml".count))
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(files) == Set(Self.names.map { $0 + ".yaml" }))
  }

  @Test func checkingATheme() throws {
    let check = ThemeCheck(try Theme.load(file: themePath("okabe-ito")))
    #expect(check.contrasts.map(\.name).prefix(3) == ["text", "dim", "title"])
    #expect(
      check.contrasts.allSatisfy { $0.isEnough } && check.distances.allSatisfy { $0.isEnough }
    )
    let eyes = ["normal", "deuteranopia", "protanopia", "tritanopia"]
    #expect(check.distances.map(\.name) == eyes + eyes.map { "\($0), all eight" })
    // Three series are no eight.
    let few = ThemeCheck(try Theme.parse(Self.eightless, name: "mine.yaml"))
    #expect(few.distances.suffix(4).allSatisfy { !$0.isEnough && $0.value == 0 })
    let weak = Self.complete.replacing("text: 252", with: "text: \"#303438\"")
    let bad = ThemeCheck(try Theme.parse(weak, name: "mine.yaml"))
    #expect(bad.contrasts.first { $0.name == "text" }?.isEnough == false)
    // What the terminal's own colours look like nobody knows.
    let terminal = ThemeCheck(.terminal)
    #expect(terminal.contrasts.allSatisfy { $0.value == nil && $0.isEnough })
  }

  /// The complete theme in colours that are known.
  private static let eightless =
    complete.replacing("ansi:3", with: "#ffc985").replacing("color: 5", with: "color: \"#b668a2\"")

  /// All eight series: markers that differ, and colours that do for all eyes; greys have less room.
  @Test(arguments: own)
  func eightCurvesStayApart(name: String) throws {
    let theme = try Theme.load(file: themePath(name))
    #expect(theme.series.count == ThemeCheck.curves)
    #expect(Set(theme.series.map(\.marker)).count == ThemeCheck.curves)
    let least = name == "monochrome" ? 7.0 : 15
    for measure in ThemeCheck(theme).distances {
      #expect((measure.value ?? 0) >= least, "\(name): \(measure.name)")
    }
  }

  @Test func theBuiltInThemeIsTheOneInTheFile() throws {
    #expect(try Theme.load(file: themePath("terminal")) == .terminal)
  }

  /// 4.5:1 is WCAG's limit for text, 3:1 for graphics.
  @Test(arguments: own)
  func contrastIsHighEnough(name: String) throws {
    let theme = try Theme.load(file: themePath(name))
    let background = theme[.background]
    for role in [Theme.Role.text, .dim, .title, .accent, .good, .warning, .bad] {
      let contrast = try #require(theme[role].contrast(with: background))
      #expect(contrast >= 4.5, "\(name): \(role) has \(contrast)")
    }
    for series in theme.series {
      let contrast = try #require(series.color.contrast(with: background))
      #expect(contrast >= 3, "\(name): series \(series.marker) has \(contrast)")
    }
  }

  /// The first three methods' colours as eyes without one kind of cone see them.
  @Test(arguments: own)
  func curvesStayApartForColourBlindEyes(name: String) throws {
    let colors = try Theme.load(file: themePath(name)).series.prefix(3).map(\.color)
    for (eyes, matrix) in ColorVision.matrices {
      for (first, second) in [(0, 1), (0, 2), (1, 2)] {
        let distance = ColorVision.distance(colors[first], colors[second], matrix)
        #expect(distance >= 20, "\(name): \(first) and \(second) for \(eyes)")
      }
    }
  }

  // MARK: - Errors

  @Test func aMissingFile() {
    do throws(ThemeError) {
      _ = try Theme.load(file: "/nowhere/mine.yaml")
      Issue.record("a file that is not there was read")
    } catch {
      #expect(error.description == "/nowhere/mine.yaml: cannot be read (No such file or directory)")
    }
  }

  @Test func colorsThatAreNone() {
    let notation = "\"#rrggbb\", \"ansi:0\" to \"ansi:15\", a number from 0 to 255, or default"
    for wrong in ["#12345", "#12345g", "ansi:16", "256", "-1", "red", "#+12345", ""] {
      #expect(
        problem(replacing: "\"#8fb8ff\"", with: "\"\(wrong)\"")
          == "themes/mine.yaml:7: accent: \"\(wrong)\" is not a colour; use \(notation)"
      )
    }
    #expect(
      problem(replacing: "default", with: "[1, 2]")
        == "themes/mine.yaml:6: title: this is not a colour; use \(notation)"
    )
  }

  @Test func unknownAndMissingNames() {
    let roles = "background, text, dim, border, title, accent, good, warning, bad"
    #expect(
      problem(replacing: "  accent:", with: "  acent:")
        == "themes/mine.yaml:7: unknown role \"acent\"; use \(roles)"
    )
    #expect(
      problem(replacing: "  accent: \"#8fb8ff\"\n", with: "")
        == "themes/mine.yaml:2: role accent is missing in roles"
    )
    #expect(
      problem(replacing: "gradient:", with: "gradients:")
        == "themes/mine.yaml:15: unknown section \"gradients\"; use roles, series, gradient"
    )
    #expect(
      problem(replacing: "mid: \"ansi:3\", ", with: "")
        == "themes/mine.yaml:15: stop mid is missing in gradient"
    )
  }

  @Test func seriesNeedDistinctMarkersOfOneColumn() {
    #expect(
      problem(replacing: "■", with: "●")
        == "themes/mine.yaml:13: marker ● is used twice; series differ by marker too"
    )
    for wrong in ["漢", "", "ab", " ", "\u{301}"] {
      #expect(
        problem(replacing: "■", with: wrong)
          == "themes/mine.yaml:13: a marker must be one character of one column, for example \"●\""
      )
    }
    #expect(
      problem(replacing: "  - { color: 5, marker: \"▲\" }\n", with: "")
        == "themes/mine.yaml:12: series must be a list of at least three colours with markers"
    )
  }

  @Test func textThatIsNoTheme() {
    #expect(
      problem("") == "themes/mine.yaml: the file is empty; a theme has roles, series, gradient"
    )
    #expect(
      problem("- 1\n- 2")
        == "themes/mine.yaml:1: the file must be a list of names with their values"
    )
    #expect(problem("roles: {").hasPrefix("themes/mine.yaml:2: is not YAML: "))
    #expect(problem("a: 1\na: 2").hasPrefix("themes/mine.yaml:1: \"a\" is given twice"))
    #expect(problem("\t").hasPrefix("themes/mine.yaml"))
  }
}

@Suite struct LookTests {
  private func look(_ colors: Int, isUnicode: Bool = true) throws -> Look {
    Look(
      theme: try Theme.load(file: themePath("metatop-dark")),
      capabilities: TerminalCapabilities(colors: colors, isUnicode: isUnicode)
    )
  }

  @Test func withoutColorsRolesDifferByAttributes() throws {
    let look = try look(0)
    for style in [look.text, look.dim, look.accent, look.bad, look.series(1)] {
      #expect(style.foreground == .terminal && style.background == .terminal)
    }
    #expect(look.bad.attributes == [.bold, .underline])
    #expect(look.dim.attributes == .dim)
    #expect(look.accent.attributes == .bold)
  }

  @Test func withColorsTheThemeDecides() throws {
    let look = try look(256)
    #expect(look.text.foreground == .rgb(0xd5, 0xda, 0xe6))
    #expect(look.series(0) != look.series(1))
    #expect(look.faintSeries(0) != look.series(0))
    #expect(look.series(8) == look.series(0))
  }

  @Test func markersStayApartInAscii() throws {
    let look = try look(0, isUnicode: false)
    let markers = (0..<8).map(look.marker)
    #expect(Set(markers).count == 8 && markers.allSatisfy(\.isASCII))
  }

  @Test func gradientsRunFromStartToEnd() throws {
    let theme = try Theme.load(file: themePath("metatop-dark"))
    let look = try look(16_777_216)
    #expect(look.gradient(0).foreground == theme.gradient.start)
    #expect(look.gradient(0.5).foreground == theme.gradient.mid)
    #expect(look.gradient(9).foreground == theme.gradient.end)
    #expect(look.gradient(.nan).foreground == theme.gradient.start)
  }
}
