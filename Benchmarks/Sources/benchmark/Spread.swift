import Glibc

/// Several measurements of one quantity.
struct Spread {
  private let sorted: [Double]

  init(_ values: [Double]) { sorted = values.sorted() }

  var minimum: Double { sorted.first ?? .nan }
  var maximum: Double { sorted.last ?? .nan }

  var median: Double {
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// Rows of a Markdown table whose columns line up as they are printed, one row at a time.
struct Table {
  private let widths: [Int]

  /// The first column is text; the others are numbers, so they stand on the right.
  init(_ titles: [(name: String, width: Int)]) {
    widths = titles.map { max($0.width, $0.name.count) }
    row(titles.map(\.name))
    let rules = widths.enumerated().map { index, width in
      index == 0
        ? String(repeating: "-", count: width) : String(repeating: "-", count: width - 1) + ":"
    }
    row(rules)
  }

  func row(_ cells: [String]) {
    let padded = zip(cells, widths).enumerated().map { index, cell in
      let space = String(repeating: " ", count: max(cell.1 - cell.0.count, 0))
      return index == 0 ? cell.0 + space : space + cell.0
    }
    print("| " + padded.joined(separator: " | ") + " |")
    fflush(nil)
  }
}

/// A number with as many decimals.
func fixed(_ value: Double, _ decimals: Int = 0) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let digits = String(Int((value.magnitude * scale).rounded()))
  let padded = String(repeating: "0", count: max(decimals + 1 - digits.count, 0)) + digits
  let sign = value < 0 ? "-" : ""
  guard decimals > 0 else { return sign + padded }
  return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// What else the machine was doing: the load average over the last minute, of how many cores.
var loadDescription: String {
  var load = [0.0]
  getloadavg(&load, 1)
  return "load \(fixed(load[0], 2)) on \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores"
}
