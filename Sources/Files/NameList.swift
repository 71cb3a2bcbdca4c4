/// Names for a sentence: the first three, and how many there are besides.
package struct NameList: Sendable, Equatable {
  package private(set) var first: [String] = []
  package private(set) var count = 0

  private static let most = 3

  package init() {}

  package init(_ names: some Sequence<String>) {
    for name in names { add(name) }
  }

  package mutating func add(_ name: String) {
    if first.count < Self.most { first.append(name) }
    count += 1
  }

  package var isEmpty: Bool { count == 0 }

  /// `a, b, c and 4 more`.
  package var text: String {
    let rest = count - first.count
    return first.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
