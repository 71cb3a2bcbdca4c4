/// What a terminal has said of itself, having been asked.
enum TerminalAnswer: Equatable {
  /// The numbers of its primary attributes, which every emulator tells: the last answer of all.
  case attributes([Int])
  /// A cell's height and width in pixels.
  case cell(height: Int, width: Int)
  /// It knows kitty's graphics.
  case kittyGraphics
  case background(isLight: Bool)

  /// The number that our question for kitty's graphics bears.
  static let question = 31

  /// Asks for everything; a multiplexer takes kitty's question for a title, so it is spared that.
  static func questions(asksForKitty: Bool) -> String {
    let kitty = "\u{1B}_Gi=\(question),s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"
    return "\u{1B}]11;?\u{1B}\\" + (asksForKitty ? kitty : "") + "\u{1B}[16t\u{1B}[c"
  }

  /// nil for a sequence that answers nothing of these.
  init?(_ sequence: [UInt8]) {
    let text = String(decoding: sequence, as: UTF8.self)
    let body = text.dropFirst(2)
    if text.hasPrefix("\u{1B}[?"), text.hasSuffix("c") {
      self = .attributes(body.dropFirst().dropLast().split(separator: ";").compactMap { Int($0) })
    } else if text.hasPrefix("\u{1B}[6;"), text.hasSuffix("t") {
      let numbers = body.dropLast().split(separator: ";").compactMap { Int($0) }
      guard numbers.count == 3, (1...1000).contains(numbers[1]), (1...1000).contains(numbers[2])
      else { return nil }
      self = .cell(height: numbers[1], width: numbers[2])
    } else if text.hasPrefix("\u{1B}_G") {
      guard body.contains("i=\(Self.question)"), body.contains(";OK") else { return nil }
      self = .kittyGraphics
    } else if text.hasPrefix("\u{1B}]11;rgb:") {
      let colors = body.dropFirst(7).split { !$0.isHexDigit }.prefix(3).compactMap { channel in
        Int(channel, radix: 16).map { Double($0) / Double((1 << (4 * min(channel.count, 8))) - 1) }
      }
      guard colors.count == 3 else { return nil }
      self = .background(isLight: 0.299 * colors[0] + 0.587 * colors[1] + 0.114 * colors[2] > 0.5)
    } else {
      return nil
    }
  }
}
