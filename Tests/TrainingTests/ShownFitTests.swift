import Events
import MetaLearning
import Testing

@testable import Training

@Suite struct ShownFitTests {
  private func log(_ method: any Method, _ settings: [String: Double] = [:]) throws -> EventLog {
    var run = try smallRun(method, steps: 4, evaluateEvery: 2, settings)
    run.evaluationEpisodes = 1
    let log = EventLog()
    try Comparison([run], log: log).run()
    return log
  }

  /// Every method shows the same episode, and its losses are those of the validation.
  @Test(arguments: CatalogEntry.all.filter { $0.method.tasks.contains(.regression) })
  func curvesAreThoseOfTheValidation(_ entry: CatalogEntry) throws {
    let log = try log(entry.method, ["inner-steps": 3])
    let fits = log.fits
    #expect(fits.map(\.step) == [0, 2, 4])
    let first = try #require(fits.first)
    #expect(first.support.count == 4 && first.target.count == FitSnapshot.pointCount)
    #expect(first.target.map(\.x) == first.target.map(\.x).sorted())
    #expect(first.innerSteps > 0 && first.supportLosses.count == first.innerSteps + 1)
    for fit in fits {
      #expect(fit.support == first.support && fit.target == first.target)
      // Before the first step nothing is validated.
      guard fit.step > 0 else { continue }
      let report = try #require(log.validations.first { $0.step == fit.step && !$0.isMetaTest })
      #expect(report.lossByInnerStep.count > first.innerSteps)
      for step in 0...first.innerSteps {
        let (shown, scored) = (fit.queryLoss(after: step), report.lossByInnerStep[step])
        // A plan of another size draws other noise.
        let tolerance: Float = entry.method is MetaPerturb ? 0.2 : 1e-5
        #expect(abs(shown - scored) <= tolerance * scored, "\(entry) after \(step)")
      }
    }
    #expect(fits[2].fits != first.fits, "outer steps move the curves")
  }

  /// Another task is shown as meta-validation scored it, from then on, and no further than there are.
  @Test func anotherTask() throws {
    var run = try smallRun(MethodCatalog.all[0], steps: 4, evaluateEvery: 2)
    run.evaluationEpisodes = 3
    let log = EventLog()
    let comparison = try Comparison([run], log: log)
    comparison.sessions[0].begin()
    comparison.sessions[0].show(task: 1)
    comparison.run()
    #expect(log.fits.map(\.task) == [0, 1, 1, 1, 1])
    for fit in log.fits where fit.step > 0 {
      let report = try #require(log.validations.first { $0.step == fit.step && !$0.isMetaTest })
      let (shown, scored) = (fit.queryLoss(after: fit.innerSteps), report.scores[1])
      #expect(abs(shown - scored) <= 1e-4 * scored)
    }
    comparison.sessions[0].show(task: 99)
    #expect(log.fits.last?.task == 2)
  }

  /// Showing an episode alters nothing: with and without it a run has the same bits.
  @Test func watchingChangesNothing() throws {
    let method = MethodCatalog.all[1]
    let shown = EventLog()
    try Comparison([smallRun(method, steps: 20, evaluateEvery: 2)], log: shown).run()
    let plain = EventLog()
    try Comparison([smallRun(method, steps: 20)], log: plain).run()
    #expect(shown.fits.count == 11 && plain.fits.count <= 2)
    #expect(shown.steps.map(\.queryLoss) == plain.steps.map(\.queryLoss))
  }
}

extension EventLog {
  var fits: [FitSnapshot] {
    all.compactMap { event in
      if case .fit(let snapshot) = event { return snapshot }
      return nil
    }
  }
}
