extension String {
  /// Letters to be changed, put in or taken out to make another text of it (Levenshtein).
  func distance(to other: String) -> Int {
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
