import Autodiff
import Kernels
import MetaLearning
import Models
import Tasks

/// What an episode of training, of its probes and of evaluation takes, by method, on one core.
///
/// Five inner steps on Conv4-32; methods take turns, and the best of their rounds counts.
enum EpisodesBenchmark: Benchmark {
  static let name = "episodes"
  private static let innerSteps = 5
  private static let rounds = 15

  private struct Case {
    let name: String
    let method: any Method
    var steps = innerSteps
    var stage = 0

    static let all = [
      Case(name: "MAML", method: MAML()), Case(name: "ANIL", method: ANIL()),
      Case(name: "BOIL", method: BOIL()), Case(name: "Meta-SGD", method: MetaSGD()),
      Case(name: "MAML++ behind its multi-step epochs", method: MAMLPlusPlus()),
      Case(name: "MAML++ within them", method: MAMLPlusPlus(), stage: 1),
      Case(name: "MAML, query loss after every step", method: EveryStep()),
      Case(name: "MAML, one inner step", method: MAML(), steps: 1),
    ]
  }

  private struct Measured {
    let plan: EpisodePlan
    let workspace: Workspace
    var seconds = Double.infinity

    var operations: Double { Double(plan.plan.program.floatingPointOperations) * 1e-6 }
  }

  static func run() throws {
    for shot in [1, 5] {
      print(
        "\nepisodes: Conv4-32, 28×28, 5-way \(shot)-shot, 15 query a class; \(loadDescription)\n"
      )
      let table = Table([
        ("method", 36), ("operations, M", 13), ("training, ms", 12), ("of MAML's", 9),
        ("probes", 6), ("0 to 1", 6), ("0 to 3", 6), ("0 to 5", 6),
      ])
      var all = try Case.all.map { try plans($0, shot: shot) }
      for _ in 0..<rounds {
        for one in all.indices {
          for plan in all[one].indices {
            let began = StepProfile.seconds()
            all[one][plan].plan.plan.program.replay(in: all[one][plan].workspace)
            let spent = StepProfile.seconds() - began
            all[one][plan].seconds = min(all[one][plan].seconds, spent)
          }
        }
      }
      for (one, plans) in zip(Case.all, all) {
        let training = plans[0].seconds
        table.row(
          [
            one.name, fixed(plans[0].operations), fixed(training * 1000, 1),
            fixed(training / all[0][0].seconds, 2),
          ] + plans.dropFirst().map { fixed($0.seconds / training, 2) }
        )
      }
    }
  }

  /// Training, probes, and evaluations of one, three and five inner steps.
  private static func plans(_ one: Case, shot: Int) throws -> [Measured] {
    let model = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 32, outputs: 5)
    var values = HyperparameterValues(one.method.hyperparameters(for: model))
    try values.set(StandardHyperparameters.innerSteps.id, to: Double(one.steps))
    let setup = EpisodeSetup(
      method: one.method,
      model: model,
      layout: EpisodeLayout(
        supportCount: 5 * shot,
        queryCount: 75,
        inputShape: [28, 28, 1],
        targetCount: 5
      ),
      values: values,
      isClassification: true
    )
    let evaluations = [1, 3, 5].map { setup.evaluationPlan(values, steps: $0) }
    let plans = [
      setup.trainingPlan(values, stage: one.stage), setup.probePlan(values, stage: one.stage),
    ]
    return (plans + evaluations).map {
      Measured(plan: $0, workspace: StepProfile.workspace(setup, $0, values))
    }
  }
}

/// MAML whose objective has the query loss after every inner step, as MAML++'s has at first.
private struct EveryStep: Method {
  let descriptor = MAML().descriptor

  func queryWeights(_ trace: EpisodeTrace, points: Int) -> [Tensor?] {
    [nil] + (1..<points).map { _ in trace.graph.constant(1 / Double(points - 1)) }
  }
}
