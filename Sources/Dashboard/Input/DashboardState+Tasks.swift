import CellGrid
import Events

/// Which of the held-out tasks the inner loop and the episode show.
extension DashboardState {
  /// Why no other task can be shown; nil where one can.
  func reasonAgainst(_ choice: TaskChoice) -> String? {
    if replay != nil { return "a recording has the tasks that were looked at when it was made" }
    guard runs.contains(where: { $0.fit != nil || $0.episode != nil }) else {
      return runs.contains { $0.isAdapting || $0.hasPictures }
        ? "no task yet; --evaluate-every says when" : "no method here shows a task"
    }
    return taskCount == 0 ? "there was no meta-validation yet" : nil
  }

  /// Tasks to choose from: those that the newest meta-validation has scored.
  private var taskCount: Int { focused?.taskScores.count ?? 0 }

  /// The task that is shown, as the focused run tells it.
  private var shownTask: Int { focused?.fit?.task ?? focused?.episode?.task ?? 0 }

  mutating func chooseTask(_ choice: TaskChoice) -> [DashboardEffect] {
    let count = taskCount
    guard count > 0, let run = focused else { return [] }
    let task: Int
    switch choice {
    case .next: (task, taskPlace) = ((shownTask + 1) % count, nil)
    case .previous: (task, taskPlace) = ((shownTask + count - 1) % count, nil)
    case .byDifficulty:
      // The hardest, three between, and the easiest; then the one that is shown unasked.
      let place = taskPlace.map { $0 + 1 } ?? 0
      taskPlace = place <= 4 ? place : nil
      task = taskPlace.map { run.tasksByDifficulty[$0 * (count - 1) / 4] } ?? 0
    }
    if !isShown(.innerLoop), !isShown(.episode) {
      focus(run.episode == nil ? .innerLoop : .episode)
    }
    say("task \(Numbers.grouped(task + 1)): \(run.difficulty(of: task) ?? "not scored yet")")
    return [.send(.showTask(task))]
  }
}

extension RunState {
  /// Held-out tasks from the hardest to the easiest; what is no number is harder than anything.
  var tasksByDifficulty: [Int] {
    func isHarder(_ first: Float, _ second: Float) -> Bool {
      guard first.isFinite, second.isFinite else { return second.isFinite }
      return isClassification ? first < second : first > second
    }
    return taskScores.indices.sorted { isHarder(taskScores[$0], taskScores[$1]) }
  }

  /// `the hardest of 200`, `harder than 83 % of 200`; nil for what was not scored.
  func difficulty(of task: Int) -> String? {
    guard let score = taskScores.at(task) else { return nil }
    let count = Numbers.grouped(taskScores.count)
    let easier = taskScores.count { other in
      isClassification ? other > score : other < score
    }
    let harder = taskScores.count { other in
      isClassification ? other < score : other > score
    }
    if harder == 0 { return "the hardest of \(count)" }
    if easier == 0 { return "the easiest of \(count)" }
    let share = Double(easier) / Double(max(taskScores.count - 1, 1)) * 100
    return "harder than \(Numbers.fixed(share, 0)) % of \(count)"
  }

  /// A task by its number, with how hard it is where there is room for that.
  func taskWords(_ task: Int) -> String {
    let number = "task \(Numbers.grouped(task + 1))"
    return difficulty(of: task).map { "\(number), \($0)" } ?? number
  }
}
