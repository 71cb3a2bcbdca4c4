import Files
import Kernels

/// Which classes of a graph are in which split: as they are listed, or by lot.
struct NodeSplit {
  private let stored: StoredGraph
  private let options: NodeOptions

  init(_ stored: StoredGraph, _ options: NodeOptions) {
    (self.stored, self.options) = (stored, options)
  }

  private var parts: [(split: MetaSplit, part: NodeOptions.Part?)] {
    [
      (.metaTest, options.test), (.metaValidation, options.validation),
      (.metaTrain, options.train),
    ]
  }

  var isByLot: Bool {
    parts.contains { _, part in
      if case .listed = part { false } else { true }
    }
  }

  /// Lists first; then lots, those of meta-test first, then of meta-validation, as TLP-FSNC draws them.
  func classes() throws(DatasetError) -> [MetaSplit: [Int]] {
    var found: [MetaSplit: [Int]] = [:]
    var taken: [Int: MetaSplit] = [:]
    for (split, part) in parts {
      guard case .listed(let names) = part else { continue }
      for name in names {
        let label = try label(name, split)
        if let other = taken[label] {
          throw problem(
            "\(stored.called(label)) is listed for \(other.title) and \(split.title); a "
              + "class may be in one split alone"
          )
        }
        taken[label] = split
        found[split, default: []].append(label)
      }
    }
    let sizes = stored.graph.nodesByClass().map(\.count)
    var rest =
      stored.graph.classCount == 0
      ? []
      : sizes.indices.filter {
        taken[$0] == nil && sizes[$0] > 0
      }
    var draws = RandomDraws(RandomStream(seed: options.seed))
    rest = draws.sample(rest.count, below: rest.count).map { rest[$0] }
    for (split, part) in parts where found[split] == nil {
      let count = count(part, of: split, rest.count)
      guard count <= rest.count else {
        throw problem(
          "has \(plural(stored.graph.classCount, "class")), too few for \(count) more of \(split.title); "
            + "list or count fewer in its split"
        )
      }
      found[split] = rest.prefix(count).sorted()
      rest.removeFirst(count)
    }
    return found.mapValues { $0.sorted() }
  }

  /// Where nothing is said, a quarter each for meta-validation and meta-test, at least the way.
  private func count(_ part: NodeOptions.Part?, of split: MetaSplit, _ rest: Int) -> Int {
    if case .count(let count) = part { return count }
    guard split != .metaTrain else { return rest }
    return max(stored.graph.classCount / 4, options.way)
  }

  private func label(_ name: String, _ split: MetaSplit) throws(DatasetError) -> Int {
    if let place = stored.classNames.firstIndex(of: name) { return place }
    if let number = Int(name), stored.classNames.indices.contains(number) { return number }
    throw problem(
      "there is no class \"\(name)\", listed for \(split.title); there are "
        + stored.classNames.prefix(20).joined(separator: ", ")
    )
  }

  private func problem(_ reason: String) -> DatasetError {
    DatasetError(path: stored.path, reason: reason)
  }
}
