/// Pictures that a set holds more than once, pixel for pixel as they are stored.
package struct PictureCopies: Sendable, Equatable {
  /// What is done about copies of a picture within its class.
  package enum Treatment: Sendable, Equatable {
    /// They count as one, so that no episode has it twice.
    case countedOnce
    /// A published set stays what it is, so that its numbers can be compared with others'.
    case published
    /// No class has two different pictures, so counting would leave nothing to draw.
    case nothingElse
  }

  /// Pictures that equal another one of their class, beyond the first of each.
  package var withinClasses = 0
  /// A copy and its original, by name.
  package var example: (copy: String, original: String)?
  package var treatment = Treatment.countedOnce
  /// For each picture that stands in several classes, those classes.
  var classesOfShared: [[Int]] = []
  /// Of these, pictures in classes of different splits.
  package var acrossSplits = 0
  /// Whether a stored class may be a part of a class.
  private var hasParts = false
  /// One of them in both its places, by name.
  var sharedExample: (first: String, second: String)?

  package init() {}

  /// Pictures that stand in several classes.
  package var acrossClasses: Int { classesOfShared.count }

  package static func == (left: Self, right: Self) -> Bool {
    left.withinSentences == right.withinSentences && left.acrossSentences == right.acrossSentences
  }

  /// What a person should know of copies within a class; nothing where there are none.
  package var withinSentences: [String] {
    guard let example else { return [] }
    let count = counted(withinClasses)
    let places = "(\(example.copy) is \(example.original))"
    return switch treatment {
    case .countedOnce:
      [
        "\(count) the same as another of the class and left out, so that no episode has it twice "
          + places
      ]
    case .published:
      [
        "\(count) the same as another of the class and kept, as everybody's copy of this set has "
          + "them \(places)"
      ]
    case .nothingElse:
      [
        "every class has copies of one picture only, so support and query show the same pictures "
          + "and accuracies mean nothing \(places)"
      ]
    }
  }

  /// The same of pictures in several classes.
  package var acrossSentences: [String] {
    guard let sharedExample else { return [] }
    let stand = acrossClasses == 1 ? "1 picture stands" : "\(acrossClasses) pictures stand"
    let across = acrossSplits == 0 ? "" : ", \(acrossSplits) of them in classes of several splits"
    let partly = acrossSplits == 0 ? "" : ", \(acrossSplits) of them in several splits"
    let places = hasParts ? "class or part\(partly)" : "class\(across)"
    return [
      "\(stand) in more than one \(places) (\(sharedExample.first) is \(sharedExample.second))"
    ]
  }

  private func counted(_ count: Int) -> String {
    count == 1 ? "1 picture is" : "\(count) pictures are"
  }

  /// Counts the shared pictures whose parts of the set are in different splits, where examples are
  /// parted instead of classes; `parts` are by the stored classes.
  mutating func compare(withParts parts: [MetaSplit?]) {
    hasParts = true
    acrossSplits = classesOfShared.count { classes in
      Set(classes.compactMap { parts[$0] }).count > 1
    }
  }

  /// Counts the shared pictures whose classes lie in different splits.
  mutating func compare(with splits: ClassSplits) {
    guard !classesOfShared.isEmpty, !hasParts else { return }
    var splitsOfClass: [Int: Set<MetaSplit>] = [:]
    for split in MetaSplit.allCases {
      for member in splits[split] { splitsOfClass[member.index, default: []].insert(split) }
    }
    acrossSplits =
      classesOfShared.filter { classes in
        classes.reduce(into: Set<MetaSplit>()) { $0.formUnion(splitsOfClass[$1] ?? []) }.count > 1
      }.count
  }
}
