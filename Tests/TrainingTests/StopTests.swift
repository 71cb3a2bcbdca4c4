import Events
import MetaLearning
import Models
import Synchronization
import Tasks
import Testing
import Training

@Suite("Stopping")
struct StopTests {
  @Test("Whoever stops a finished run does not wait for its meta-test", arguments: [false, true])
  func stopEndsMetaTest(isStopped: Bool) throws {
    let events = Mutex<[RunEvent]>([])
    let mailbox = Mailbox()
    let comparison = try Comparison([try configuration()], mailbox: mailbox) { event in
      events.withLock { $0.append(event) }
      if isStopped, case .statusChanged(_, .finished, _) = event { mailbox.post(.stop) }
    }
    comparison.run()
    let reports = events.withLock { events in
      events.compactMap { if case .validation(let report) = $0 { report } else { nil } }
    }
    #expect(reports.map(\.isMetaTest) == (isStopped ? [] : [true]))
  }

  private func configuration() throws -> RunConfiguration {
    let method = try #require(MethodCatalog.method("maml"))
    let model = MLP(inputs: 1, hidden: [4], outputs: 1)
    return RunConfiguration(
      method: method,
      model: model,
      distribution: Sinusoid(),
      values: HyperparameterValues(method.hyperparameters(for: model)),
      shot: 3,
      queryShot: 3,
      totalSteps: 2,
      metaBatchSize: 2,
      seed: 0,
      threads: 1,
      evaluateEvery: 0,
      evaluationEpisodes: 1,
      probeEvery: 1
    )
  }
}
