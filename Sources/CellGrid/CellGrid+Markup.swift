extension CellGrid {
  private static let ownForeground = "#d0d0d0"
  private static let ownBackground = "#101010"

  /// The grid as a picture of its own: an SVG file, 8.4 × 17 pixels a cell.
  package func svg(title: String) -> String {
    let (width, height) = (8.4, 17.0)
    let (all, tall) = (Double(size.columns) * width, Double(size.rows) * height)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Numbers.fixed(all, 1)) \
      \(Numbers.fixed(tall, 1))" font-family="monospace" font-size="14">
      <title>\(title.escapedMarkup)</title>
      <rect width="100%" height="100%" fill="\(Self.ownBackground)"/>

      """
    for row in 0..<size.rows {
      let y = Double(row) * height
      for run in runs(row) {
        let colors = run.style.colors(Self.ownForeground, Self.ownBackground)
        let (x, span) = (Double(run.column) * width, Double(run.columns) * width)
        if colors.background != Self.ownBackground {
          text += """
            <rect x="\(Numbers.fixed(x, 1))" y="\(Numbers.fixed(y, 1))" \
            width="\(Numbers.fixed(span, 1))" height="\(Numbers.fixed(height, 1))" \
            fill="\(colors.background)"/>

            """
        }
        guard !run.text.allSatisfy({ $0 == " " }) else { continue }
        text += """
          <text x="\(Numbers.fixed(x, 1))" y="\(Numbers.fixed(y + 13, 1))" \
          textLength="\(Numbers.fixed(span, 1))" lengthAdjust="spacingAndGlyphs" \
          xml:space="preserve" fill="\(colors.foreground)"\(run.style.svgAttributes)>\
          \(run.text.escapedMarkup)</text>

          """
      }
    }
    return text + "</svg>\n"
  }

  /// The grid as a page of its own.
  package func html(title: String) -> String {
    var text = """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="utf-8"><title>\(title.escapedMarkup)</title></head>
      <body style="background:\(Self.ownBackground)">
      <pre style="color:\(Self.ownForeground);line-height:1.2;font-family:monospace">

      """
    for row in 0..<size.rows {
      for run in runs(row) {
        let colors = run.style.colors(Self.ownForeground, Self.ownBackground)
        let style = "color:\(colors.foreground);background:\(colors.background)\(run.style.css)"
        text += "<span style=\"\(style)\">\(run.text.escapedMarkup)</span>"
      }
      text += "\n"
    }
    return text + "</pre>\n</body>\n</html>\n"
  }
}

extension Style {
  fileprivate func colors(
    _ foreground: String,
    _ background: String
  ) -> (
    foreground: String, background: String
  ) {
    let own = self.foreground.hexadecimal(orElse: foreground)
    let behind = self.background.hexadecimal(orElse: background)
    return attributes.contains(.reverse) ? (behind, own) : (own, behind)
  }

  fileprivate var svgAttributes: String {
    (attributes.contains(.bold) ? " font-weight=\"bold\"" : "")
      + (attributes.contains(.dim) ? " opacity=\"0.6\"" : "")
      + (attributes.contains(.underline) ? " text-decoration=\"underline\"" : "")
  }

  fileprivate var css: String {
    (attributes.contains(.bold) ? ";font-weight:bold" : "")
      + (attributes.contains(.dim) ? ";opacity:0.6" : "")
      + (attributes.contains(.underline) ? ";text-decoration:underline" : "")
  }
}

extension String {
  /// Text that is nothing but text in XML and HTML.
  package var escapedMarkup: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.unicodeScalars.append(scalar.displayed ?? "\u{fffd}")
      }
    }
  }
}
