import Events

/// What the numbers of a sweep's screen are.
extension SweepState {
  /// The panel with the focus, or the table where that has no room.
  var shownPanel: SweepLayout.Panel {
    SweepLayout(snapshot, in: size).places[panel] == nil ? .table : panel
  }

  var explained: [Explanation] {
    switch shownPanel {
    case .table: table(snapshot) + verdictExplanation + Self.head
    case .map: map + verdictExplanation + Self.head
    case .importance: Self.importance + verdictExplanation + Self.head
    }
  }

  var explainedName: String {
    switch shownPanel {
    case .table: "league table"
    case .map: "map"
    case .importance: "importance"
    }
  }

  var explainedFirst: Int { 0 }

  // MARK: The league table

  private func table(_ snapshot: SweepSnapshot?) -> [Explanation] {
    let score = snapshot?.isAccuracy == true ? "accuracy in %" : "loss"
    let over = (snapshot?.seeds ?? 1) > 1 ? "seeds" : "episodes"
    let axes = (snapshot?.axes ?? []).map {
      Explanation(name: $0, text: "the hyperparameter's value; – where the method has none")
    }
    return [Explanation(name: "method", text: "what is trained with a row's values")] + axes + [
      Explanation(
        name: "seeds",
        text: "runs that came to their end, of all with these values; the bar is their outer steps"
      ),
      Explanation(
        name: "validation",
        text:
          "\(score) on held-out episodes with half its 95 % interval over \(over): rows are ranked by it, "
          + "and it is what one chooses by"
      ),
      Explanation(
        name: "test",
        text:
          "\(score) of the meta-test with half its 95 % interval over \(over): what one reports of the row "
          + "that was chosen, never what one chooses by"
      ),
      Explanation(
        name: "difference",
        text:
          "test less the baseline's with the same seeds, with half its 95 % interval; coloured where an "
          + "interval that holds for all comparisons together does not hold 0"
      ),
      Explanation(
        name: "curve",
        text: "the meta-validations of its runs, oldest first, mean over seeds, in its own scale"
      ),
      Explanation(
        name: "remarks",
        text:
          "what is under way, stopped, in a queue, or diverged: a loss or gradient that was no finite number"
      ),
    ]
  }

  // MARK: The others

  private var map: [Explanation] {
    let by = snapshot?.chosenBy ?? "validation"
    return [
      Explanation(
        name: "map of the \(by)",
        text:
          "mean \(by) over two hyperparameters at the selected row's other values, in colours between best "
          + "and worst of the method; the pointer stands at the best"
      ),
      Explanation(
        name: "lines of the \(by)",
        text:
          "with more than two: an upright axis for each and one for the \(by), and each combination a line "
          + "across them; where good lines meet on an axis its value matters"
      ),
    ]
  }

  private static let importance = [
    Explanation(
      name: "importance",
      equation: "η²",
      text:
        "the share of the scores' variance that one hyperparameter explains alone, with its 95 % interval; "
        + "an interval that begins at 0 says that it may not matter at all"
    ),
    Explanation(
      name: "seed",
      text: "the share of the seeds: what no choice of values could have changed"
    ),
  ]

  private var verdictExplanation: [Explanation] {
    guard snapshot?.verdict.isEmpty == false else { return [] }
    return [
      Explanation(
        name: "± y over n comparisons",
        text:
          "the line under the head: the best row against the baseline; with many comparisons one is good "
          + "by chance, so the interval is widened for their number (Bonferroni); told apart where it "
          + "does not hold 0"
      )
    ]
  }

  private static let head = [
    Explanation(
      name: "n of m runs",
      text: "runs that ended, of all; then those that run, wait in a queue, or were stopped"
    ),
    Explanation(
      name: "about … left",
      text: "the rest of the outer steps at the speed since this screen opened"
    ),
    Explanation(name: "elapsed", text: "since this screen opened; it stands still in a pause"),
  ]
}
