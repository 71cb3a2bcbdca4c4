import Events
import Files
import Recording

/// The meta-validations of a sweep's runs by time, read a few runs at a look: a sweep may have
/// thousands, with megabytes each.
struct SweepCurves {
  /// Bytes that one look reads at most, some of one run beyond; and what opening a file counts for.
  private static let (appetite, opening) = (1 << 20, 16 << 10)

  private struct Curve {
    var values: [Float] = []
    var size = 0
    var isWhole = false
  }

  private var curves: [Int: Curve] = [:]

  /// Reads on in the runs that have begun; `isEnded` tells those that write no more.
  mutating func read(_ runs: [(index: Int, directory: RunDirectory, isEnded: Bool)]) -> Bool {
    var (hungry, hasNews) = (Self.appetite, false)
    for run in runs where hungry > 0 {
      var curve = curves[run.index] ?? Curve()
      guard !curve.isWhole else { continue }
      let bytes = (try? SystemFile.read(run.directory.metrics, from: curve.size)) ?? []
      let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      hungry -= bytes.count + Self.opening
      let values = Self.validations(bytes[..<end])
      curve.values += values
      curve.size += end
      curve.isWhole = run.isEnded
      curves[run.index] = curve
      if !values.isEmpty { hasNews = true }
    }
    return hasNews
  }

  /// The mean over runs, as far as all of them have come; at most so many values.
  func mean(_ runs: [Int]) -> [Float] {
    let all = runs.compactMap { curves[$0]?.values }.filter { !$0.isEmpty }
    let count = all.map(\.count).min() ?? 0
    let group = max(1, (count + SweepSnapshot.curveLength - 1) / SweepSnapshot.curveLength)
    return stride(from: 0, to: count, by: group).map { start in
      let end = min(start + group, count)
      let sum = all.reduce(Float(0)) { $0 + $1[start..<end].reduce(0, +) }
      return sum / Float(all.count * (end - start))
    }
  }

  /// Accuracies where there are any, else losses; only lines that have one are taken apart.
  private static func validations(_ bytes: ArraySlice<UInt8>) -> [Float] {
    lines(of: bytes, with: "\"validation_loss\"").compactMap { line in
      guard let value = try? JSONView(line) else { return nil }
      let score = value["validation_accuracy"]?.double ?? value["validation_loss"]?.double
      return score.flatMap { $0.isFinite ? Float($0) : nil }
    }
  }

  private static func lines(of bytes: ArraySlice<UInt8>, with key: String) -> [ArraySlice<UInt8>] {
    let newline = UInt8(ascii: "\n")
    var found: [ArraySlice<UInt8>] = []
    var rest = bytes
    while let offset = offset(of: key, in: rest) {
      let place = rest.startIndex + offset
      let start = rest[..<place].lastIndex(of: newline).map { $0 + 1 } ?? rest.startIndex
      let end = rest[place...].firstIndex(of: newline) ?? rest.endIndex
      found.append(bytes[start..<end])
      rest = rest[end...]
    }
    return found
  }

  /// Where a text begins, found by its first eight bytes: a megabyte takes half a millisecond.
  private static func offset(of key: String, in bytes: ArraySlice<UInt8>) -> Int? {
    let key = Array(key.utf8)
    return bytes.withUnsafeBytes { area in
      key.withUnsafeBytes { key in
        let begin = key.loadUnaligned(as: UInt64.self)
        return (0..<max(area.count - key.count + 1, 0)).first { offset in
          area.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == begin
            && area[offset..<offset + key.count].elementsEqual(key)
        }
      }
    }
  }
}
