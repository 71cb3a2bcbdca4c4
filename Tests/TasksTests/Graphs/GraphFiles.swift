import Foundation
import TestSupport

/// A small graph in files: six nodes in three classes, as gnn-benchmark stores it.
struct GraphFiles {
  var arrays: [String: [UInt8]] = [
    "adj_indptr": Self.whole([7], [0, 2, 3, 4, 5, 6, 6]),
    "adj_indices": Self.whole([6], [1, 2, 0, 3, 2, 5], "<i8"),
    "adj_data": Self.numbers([6], [1, 1, 1, 1, 1, 1]),
    "adj_shape": Self.whole([2], [6, 6], "<i8"),
    "attr_indptr": Self.whole([7], [0, 1, 2, 3, 4, 5, 6]),
    "attr_indices": Self.whole([6], [0, 1, 2, 3, 0, 1]),
    "attr_data": Self.numbers([6], [1, 1, 1, 1, 1, 1]),
    "attr_shape": Self.whole([2], [6, 4]),
    "labels": Self.whole([6], [0, 0, 1, 1, 2, 2]),
  ]

  static func whole(_ shape: [Int], _ values: [Double], _ type: String = "<i4") -> [UInt8] {
    TestArray.npy(type, shape, TestArray.numbers(type, values))
  }

  static func numbers(_ shape: [Int], _ values: [Double]) -> [UInt8] {
    TestArray.npy("<f4", shape, TestArray.numbers("<f4", values))
  }

  func write(_ folder: TemporaryFolder, _ name: String = "graph.npz") throws -> String {
    let entries = arrays.sorted { $0.key < $1.key }.map { TestZip.Entry($0.key + ".npy", $0.value) }
    let path = folder / name
    try Data(TestZip(entries: entries).bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}
