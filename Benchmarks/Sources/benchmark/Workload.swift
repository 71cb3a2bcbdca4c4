import MetaLearning
import Models
import Tasks
import Training

/// A shape of episodes and an inner loop; the peers run the same (peers/workload.py).
struct Workload {
  let name: String
  let shot: Int
  let innerSteps: Int

  static let all = [
    Workload(name: "W1", shot: 10, innerSteps: 1), Workload(name: "W1b", shot: 5, innerSteps: 5),
  ]
}

/// What trains in a measurement.
struct Contender {
  let name: String
  let method: any Method
  var isFirstOrder = false

  static let maml = Contender(name: "MAML", method: MAML())
  static let cml = Contender(name: "CML", method: CML())
  static let all = [
    maml, Contender(name: "MAML, first order", method: MAML(), isFirstOrder: true), cml,
    Contender(name: "MetaPerturb", method: MetaPerturb()),
  ]

  /// MLP 1-40-40-1, B = 25, α = 0.01, Adam 1e-3; no meta-validation, the least of a meta-test.
  func configuration(
    _ workload: Workload,
    threads: Int,
    steps: Int,
    probeEvery: Int
  ) throws -> RunConfiguration {
    let model = MLP(inputs: 1, hidden: [40, 40], outputs: 1)
    var values = HyperparameterValues(method.hyperparameters(for: model))
    try values.set(StandardHyperparameters.innerSteps.id, to: Double(workload.innerSteps))
    try values.set(StandardHyperparameters.firstOrder.id, to: isFirstOrder ? 1 : 0)
    return RunConfiguration(
      method: method,
      model: model,
      distribution: Sinusoid(),
      values: values,
      shot: workload.shot,
      queryShot: workload.shot,
      totalSteps: steps,
      metaBatchSize: 25,
      seed: 0,
      threads: threads,
      evaluateEvery: 0,
      evaluationEpisodes: 2,
      testEpisodes: 2,
      probeEvery: probeEvery
    )
  }
}
