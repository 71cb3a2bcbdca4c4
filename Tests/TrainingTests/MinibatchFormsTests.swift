import Events
import Kernels
import MetaLearning
import Synchronization
import Testing

@testable import Training

/// Where an inner step's minibatch comes from, told by the meta-gradients that follow.
@Suite struct MinibatchFormsTests {
  private static let forms = CatalogEntry.all.filter { entry in
    entry.method.ownHyperparameters(for: .dense).contains { $0.id == "tail" }
  }

  /// The norm of the first outer step's meta-gradient.
  private func norm(_ method: any Method, _ settings: [String: Double]) throws -> Float {
    let norms = Mutex<[Float]>([])
    let session = try TrainingSession(
      id: RunID(0),
      configuration: try smallRun(method, steps: 1, settings),
      team: WorkerTeam(count: 1),
      save: { _, _, _ in },
      post: { event in
        if case .step(let report) = event { norms.withLock { $0.append(report.metaGradientNorm) } }
      }
    )
    session.run(limit: 1) { false }
    return try #require(norms.withLock { $0.first })
  }

  private static let last = ["inner-optimizer": 0.0, "inner-lr": 0.02, "last-step": 1]

  /// With the query set as the last minibatch, its difference is the inner rate times the gradient
  /// of
  /// first-order MAML after the steps before.
  @Test(arguments: forms, [1.0, 2, 3])
  func theTailIsFirstOrderMAMLs(_ entry: CatalogEntry, steps: Double) throws {
    let whole = Self.last.merging(["tail": 1, "inner-batch": 4, "inner-steps": steps]) { $1 }
    let tail = try norm(entry.method, whole)
    let maml = try norm(
      MAML(),
      steps == 1
        ? ["inner-lr": 0, "first-order": 1]
        : ["inner-lr": 0.02, "inner-steps": steps - 1, "first-order": 1]
    )
    #expect(abs(tail - 0.02 * maml) < 1e-4 * tail, "\(tail) and \(0.02 * maml)")
  }

  /// A minibatch of the whole pool is the pool, however it is drawn; a smaller one is another.
  @Test(arguments: forms)
  func replacementDrawsAnew(_ entry: CatalogEntry) throws {
    func norms(_ batch: Double) throws -> [Float] {
      try [0.0, 1].map { replacement in
        try norm(
          entry.method,
          [
            "inner-optimizer": 0, "inner-steps": 4, "inner-batch": batch, "inner-data": 0,
            "replacement": replacement,
          ]
        )
      }
    }
    let (whole, part) = (try norms(4), try norms(2))
    #expect(abs(whole[0] - whole[1]) < 1e-4 * whole[0])
    #expect(abs(part[0] - part[1]) > 1e-4 * part[0])
  }

  @Test(arguments: forms)
  func heldOutEpisodesMayHaveStepsOfTheirOwn(_ entry: CatalogEntry) throws {
    let run = try smallRun(entry.method, ["inner-steps": 3, "test-steps": 50])
    let method = try #require(entry.method as? any TrajectoryMethod)
    let trajectory = method.trajectory(for: run.model, run.values)
    #expect(trajectory.steps == 3 && trajectory.evaluationSteps == 50)
  }
}
