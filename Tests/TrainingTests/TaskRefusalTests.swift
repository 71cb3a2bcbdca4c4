import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

/// A method that is asked for a task it cannot learn.
@Suite("Tasks that a method cannot learn")
struct TaskRefusalTests {
  /// MAML for some kinds of tasks only.
  private struct Choosy: Method {
    let descriptor = MethodDescriptor(id: "choosy", name: "Choosy", citation: "2020")
    let tasks: Set<TaskAbility>
  }

  @Test(
    "One sentence names the method, the task, and the tasks that it can learn",
    arguments: [
      (
        Set([TaskAbility.classification]),
        "Choosy cannot learn sinusoid; it learns classes (--task glyphs, omniglot or folder:PATH)"
      ),
      (
        Set([TaskAbility.classification, .surface]),
        "Choosy cannot learn sinusoid; it learns classes (--task glyphs, omniglot or folder:PATH) "
          + "and surfaces (--task landscape)"
      ),
    ]
  )
  func refused(tasks: Set<TaskAbility>, sentence: String) throws {
    var run = try smallRun(Choosy(tasks: tasks))
    run.distribution = Sinusoid()
    #expect(run.refusal == sentence)
  }

  @Test("A task that it can learn is not refused", arguments: [[TaskAbility.regression], nil])
  func accepted(tasks: [TaskAbility]?) throws {
    let tasks = tasks.map(Set.init) ?? Set(TaskAbility.allCases)
    #expect(try smallRun(Choosy(tasks: tasks)).refusal == nil)
  }
}
