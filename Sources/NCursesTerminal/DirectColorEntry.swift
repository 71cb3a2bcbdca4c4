import CNCurses

/// A terminal description like the current one, except that it shows any colour.
///
/// The database describes no terminal that people set TERM to with its 16 million colours. So the
/// description in use is written out again in the compiled format of term(5) with other colour
/// strings, and handed to newterm() in the TERMINFO variable: no file, no compiler to run.
enum DirectColorEntry {
  static let colors = 1 << 24

  /// A color number as the strings below read it; the first 256 are the palette.
  static func number(red: Int, green: Int, blue: Int) -> Int {
    let number = red << 16 | green << 8 | blue
    return number < 256 ? number | 1 << 8 : number
  }

  /// The value of TERMINFO that makes newterm() find the description; needs setupterm().
  static func terminfo(named name: String) -> String {
    let digits = Array("0123456789abcdef")
    return compiled(named: name).reduce(into: "hex:") { text, byte in
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }

  private static func setColor(_ first: String, _ bright: String, _ extended: String) -> String {
    let palette = "%p1%{8}%<%t\(first)%p1%d%e%p1%{16}%<%t\(bright)%p1%{8}%-%d"
    let indexed = "%e%p1%{256}%<%t\(extended);5;%p1%d"
    let direct =
      "%e\(extended);2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d"
    return "\u{1B}[%?\(palette)\(indexed)\(direct)%;m"
  }

  private static func string(_ name: String) -> String? {
    switch name {
    case "setaf": setColor("3", "9", "38")
    case "setab": setColor("4", "10", "48")
    case "initc", "initp", "oc", "scp": nil  // nobody's palette is changed
    default: nc_string(name).map { String(cString: $0) }
    }
  }

  private static func compiled(named name: String) -> [UInt8] {
    let flags = names(nc_flag_name).map { $0 != "ccc" && nc_flag($0) ? UInt8(1) : 0 }
    let numbers = names(nc_number_name).map { $0 == "colors" ? Int32(colors) : nc_number($0) }
    let strings = names(nc_string_name).map(string)
    var entry = Writer()
    let table = StringTable(strings)
    let sizes = [
      name.utf8.count + 1, flags.count, numbers.count, strings.count, table.bytes.count,
    ]
    entry.write(shorts: [0o1036] + sizes)  // the format with 32-bit numbers
    entry.bytes += Array(name.utf8) + [0] + flags
    entry.align()
    entry.write(numbers)
    entry.write(shorts: table.offsets)
    entry.bytes += table.bytes
    entry.align()
    writeExtension(to: &entry)
    return entry.bytes
  }

  /// Two flags beyond the standard ones: default colours exist, and numbers are red, green, blue.
  private static func writeExtension(to entry: inout Writer) {
    let names = StringTable(["AX", "RGB"])
    entry.write(shorts: [2, 0, 0, 2, names.bytes.count])
    entry.bytes += [1, 1]
    entry.write(shorts: names.offsets)
    entry.bytes += names.bytes
  }

  private static func names(_ name: (Int32) -> UnsafePointer<CChar>?) -> [String] {
    var names: [String] = []
    while let next = name(Int32(names.count)) { names.append(String(cString: next)) }
    return names
  }

  private struct StringTable {
    private(set) var offsets: [Int] = []
    private(set) var bytes: [UInt8] = []

    init(_ strings: [String?]) {
      for string in strings {
        offsets.append(string == nil ? -1 : bytes.count)
        if let string { bytes += Array(string.utf8) + [0] }
      }
    }
  }

  private struct Writer {
    var bytes: [UInt8] = []

    mutating func write(shorts: [Int]) {
      for value in shorts { bytes += [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    }

    mutating func write(_ numbers: [Int32]) {
      for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
    }

    mutating func align() { if bytes.count % 2 == 1 { bytes.append(0) } }
  }
}
