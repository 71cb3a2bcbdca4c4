import Events

/// What the numbers are that stand above every layout: the head line, the cards, the verdict.
extension DashboardState {
  /// The cards' numbers, which stand above every layout.
  static func cards(_ run: RunState?) -> [Explanation] {
    let isEpisodic = run?.isEpisodic ?? true
    var all = [
      Explanation(
        name: "outer",
        text:
          "outer steps made, of all: each is one update of what the method learns, over a meta-batch"
      ),
      Explanation(
        name: "inner",
        text:
          "inner steps of one episode, and of all episodes so far: how the method adapts to a task"
      ),
    ]
    all.append(
      Explanation(
        name: run?.lossName ?? "query loss",
        equation: isEpisodic ? "L_Q(θ′)" : "",
        text: isEpisodic
          ? "loss on the query examples after adaptation, smoothed; beside it the loss before: the gap is "
            + "what adaptation gains"
          : "loss of the task networks, smoothed; beside it that of the other half of the images"
      )
    )
    if run?.isClassification == true {
      all.append(
        Explanation(
          name: "accuracy",
          text:
            "query examples told right after adaptation, smoothed; chance is what guessing reaches"
        )
      )
    }
    return all + [
      Explanation(
        name: "validation",
        text:
          "the same on held-out tasks with its 95 % interval over episodes: what to choose by; after the "
          + "last step the meta-test, which is what to report"
      ),
      Explanation(
        name: "gradient",
        equation: "‖∇_θ L_Q‖",
        text: "norm of the meta-gradient, smoothed; on wide cards it is called meta-gradient",
        healthy:
          "while it falls or stands; a jump by powers of ten is an alarm, and comes before divergence"
      ),
      Explanation(
        name: "steps/s",
        text:
          "outer steps a second of computing time, this run's own; the head line has all runs' together"
      ),
    ]
  }

  /// The head line's.
  static let header = [
    Explanation(
      name: "outer steps/s",
      text: "outer steps a second of all runs together, over the last seconds"
    ),
    Explanation(
      name: "ETA",
      text: "until the last run has made its steps at the present speed; meta-tests come after it"
    ),
    Explanation(
      name: "elapsed",
      text: "what has run since the screen opened; it stands still in a pause"
    ),
    Explanation(
      name: "MiB estimated",
      text: "memory that all runs were expected to take before the first began"
    ),
    Explanation(
      name: "events dropped",
      text: "steps that the screen was too slow to hear of; the recording has them all"
    ),
  ]

  /// Who is ahead, where that is said.
  var verdictExplanation: [Explanation] {
    guard let verdict = shownVerdict else { return [] }
    return [
      Explanation(
        name: "A − B x ± y",
        text:
          "the line under the cards: on the same held-out episodes, what the leader scored less what the "
          + "other did, with half the interval of the mean difference; less than 0 is better of a loss, "
          + "more than 0 of an accuracy"
      ),
      Explanation(
        name: "told apart since step N",
        text:
          "from that meta-validation on the interval has not held 0, although it is widened for every "
          + "pair and every look so far (\(verdict.basis)); not told apart may still become so with more "
          + "steps, or more --evaluation-episodes"
      ),
    ]
  }
}
