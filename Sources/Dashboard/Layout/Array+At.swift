extension Array {
  func at(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension Array where Element: Equatable {
  /// The element after the first that equals `element`, around the end.
  func next(after element: Element) -> Element {
    guard let index = firstIndex(of: element) else { return first ?? element }
    return self[(index + 1) % count]
  }
}
