/// The characters that graphics are made of: one set for UTF-8 terminals, one for all others.
package struct Glyphs: Sendable {
  package let isUnicode: Bool
  /// Curves are made of braille patterns, else of half blocks.
  package private(set) var hasBraille = true
  package let horizontal: Unicode.Scalar
  package let vertical: Unicode.Scalar
  /// Top left, top right, bottom left, bottom right.
  package let corners: [Unicode.Scalar]
  /// Where an axis meets a tick.
  package let verticalTick: Unicode.Scalar
  package let horizontalTick: Unicode.Scalar
  package let origin: Unicode.Scalar
  package let changeMark: Unicode.Scalar
  /// The top of a chart hides higher values here.
  package let above: Unicode.Scalar
  /// The bottom of a chart hides lower values here.
  package let below: Unicode.Scalar
  /// From the thinnest to the full column, left aligned.
  package private(set) var leftBlocks: [Unicode.Scalar]
  /// From the lowest to the full block, growing upwards.
  package private(set) var lowerBlocks: [Unicode.Scalar]
  package let track: Unicode.Scalar
  package let lampOn: Unicode.Scalar
  package let lampOff: Unicode.Scalar
  package let pointer: Unicode.Scalar
  /// The two ends of an interval.
  package let intervalEnds: [Unicode.Scalar]
  package let cursor: Unicode.Scalar
  /// What a prediction is.
  package let right: Unicode.Scalar
  package let wrong: Unicode.Scalar
  package let ellipsis: String

  package static let unicode = Self(
    isUnicode: true,
    horizontal: "─",
    vertical: "│",
    corners: ["╭", "╮", "╰", "╯"],
    verticalTick: "┤",
    horizontalTick: "┬",
    origin: "└",
    changeMark: "┊",
    above: "▴",
    below: "▾",
    leftBlocks: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    lowerBlocks: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    track: "·",
    lampOn: "●",
    lampOff: "○",
    pointer: "▸",
    intervalEnds: ["├", "┤"],
    cursor: "▏",
    right: "✓",
    wrong: "✗",
    ellipsis: "…"
  )

  /// For fonts with block elements and no braille patterns.
  package static let blocks: Self = {
    var glyphs = unicode
    glyphs.hasBraille = false
    glyphs.leftBlocks = ["▌", "█"]
    glyphs.lowerBlocks = ["_", "_", "▄", "▄", "▄", "█", "█", "█"]
    return glyphs
  }()

  package static let ascii = Self(
    isUnicode: false,
    horizontal: "-",
    vertical: "|",
    corners: ["+", "+", "+", "+"],
    verticalTick: "+",
    horizontalTick: "+",
    origin: "+",
    changeMark: ":",
    above: "^",
    below: "v",
    leftBlocks: ["#"],
    lowerBlocks: ["_", ".", "-", "=", "+", "*", "%", "#"],
    track: ".",
    lampOn: "*",
    lampOff: "o",
    pointer: ">",
    intervalEnds: ["[", "]"],
    cursor: "_",
    right: "+",
    wrong: "x",
    ellipsis: ".."
  )

  /// The text in this set's characters: itself, or its spelling in ASCII.
  package func text(_ text: String) -> String {
    isUnicode || text.utf8.allSatisfy { $0 < 0x80 } ? text : text.asciiSpelling
  }
}

extension String {
  /// The text with mathematical and typographic characters spelled out and all others as `?`.
  package var asciiSpelling: String {
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else if let spelling = Self.spellings[scalar] {
        result += spelling
      } else if scalar.displayed != nil {
        result += scalar.columns == 2 ? "??" : "?"
      }
    }
    return result
  }

  private static let spellings: [Unicode.Scalar: String] = [
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta",
    "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "phi", "ψ": "psi", "ω": "omega", "Δ": "Delta", "Σ": "Sigma", "Φ": "Phi",
    "±": "+-", "×": "x", "·": "-", "…": "..", "→": "->", "←": "<-", "↑": "up", "↓": "down",
    "−": "-", "–": "-", "—": "-", "‖": "|", "⟨": "<", "⟩": ">", "∇": "grad ", "′": "'", "∞": "inf",
    "≤": "<=", "≥": ">=", "≈": "~", "√": "sqrt ", "∗": "*", "†": "+", "∈": "in", "≠": "!=",
    "’": "'", "“": "\"",
    "”": "\"", "●": "*", "○": "o", "▸": ">", "▏": "|", "\u{fffd}": "?", "\u{a0}": " ",
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8",
    "₉": "9", "ₖ": "k", "Π": "product ", "²": "2", "ℓ": "l",
  ]
}
