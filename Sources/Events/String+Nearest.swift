extension String {
  /// The name that is written most like this text; nil where more letters than its limit would have to be
  /// changed, put in or taken out.
  package func nearest(
    among names: some Sequence<String>,
    within limit: (String) -> Int
  ) -> String? {
    // What is very long is near nothing, and costs nothing.
    guard utf8.count <= 64 else { return nil }
    return names.map { (name: $0, distance: distance(to: $0)) }
      .filter { $0.distance <= limit($0.name) }
      .min { $0.distance < $1.distance }?.name
  }

  /// Levenshtein's.
  private func distance(to other: String) -> Int {
    let (first, second) = (Array(self), Array(other))
    var row = Array(0...second.count)
    for (place, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for (index, own) in second.enumerated() {
        let replaced = diagonal + (letter == own ? 0 : 1)
        diagonal = row[index + 1]
        row[index + 1] = Swift.min(replaced, row[index] + 1, diagonal + 1)
      }
    }
    return row[second.count]
  }
}
