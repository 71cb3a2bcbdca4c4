import Events
import Tasks
import Training

/// The meta-validations of a sweep's runs by time, read a few runs at a look: a sweep may have
/// thousands, with megabytes each.
struct SweepCurves {
  /// Bytes that one look reads at most, some of one run beyond.
  private static let appetite = 4 << 20

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
      hungry -= bytes.count
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
    let key = Array("\"validation_loss\"".utf8)
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.contains(key), let value = try? JSONReader.parse(line) else { return nil }
      let score = value["validation_accuracy"]?.double ?? value["validation_loss"]?.double
      return score.flatMap { $0.isFinite ? Float($0) : nil }
    }
  }
}
