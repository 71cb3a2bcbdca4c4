import Events
import Files
import Kernels
import MetaLearning

/// What a session trains: parameters, the plans that change them, and how they are scored.
///
/// A session owns one, counts its steps and talks about them; a trainee knows no clock and no
/// event but the reports it is asked for. `Sendable`, because the team's workers enter it.
protocol Trainee: AnyObject, Sendable {
  /// The hyperparameters as they are now; the run has no other copy.
  var values: HyperparameterValues { get }
  /// Hyperparameters that are inputs, one to a cache line; written between steps.
  var settings: AlignedBuffer { get }
  /// Updates of the optimizer so far.
  var updates: Int { get }
  /// Floating-point operations of an outer step's plans, without averages, updates and probes.
  var operationsPerStep: Int { get }

  /// Takes what a file of parameters has; returns what it had not, and what it has besides.
  func load(_ file: TensorFile, _ rules: InitialRules) throws(SafetensorsError) -> InitialReport

  /// Takes back all that `tensorFile` wrote, after so many updates of the optimizer.
  func restore(_ file: TensorFile, updates: Int) throws(SafetensorsError)

  /// Everything that is learned and the optimizer's state.
  func tensorFile(metadata: [String: String]) -> TensorFile

  /// Takes the team's workspaces for the next turn: other runs, and evaluations, had them.
  func takeWorkspaces()

  /// Outer step number `step` (0, 1, …); called by the leader. Nil where it was given up because
  /// somebody asked to stop: then everything is as it was before.
  ///
  /// Parameters move only when everything found is a number.
  func makeStep(_ step: Int, withProbes: Bool, team: WorkerTeam) -> StepOutcome?

  /// What the last step measured with probes.
  func probes(settings: [String: Double]) -> StepProbes

  /// Measures a step once more whose numbers were not all finite, and whose update was not made; nil
  /// where that cannot be. Called by the leader.
  func diagnose(_ step: Int, settings: [String: Double], team: WorkerTeam) -> StepDiagnosis?

  /// The meta-gradient of an outer step whose update is not made; nil where that cannot be, or somebody asked to
  /// stop. Called by the leader.
  func gradient(_ step: Int, team: WorkerTeam) -> [Double]?

  /// Whether every parameter and every moment of the optimizer is a finite number.
  var isFinite: Bool { get }

  /// Back to the parameters of the last step whose numbers were all finite.
  func restoreLastGood()

  /// Other values from the next step on; `isRetraced` when the graphs depend on what changed.
  func change(_ values: HyperparameterValues, isRetraced: Bool)

  /// Scores the parameters as they are on held-out data; nil when `shouldStop` said so meanwhile.
  ///
  /// Whose report it is, and of which step, the session fills in.
  func evaluate(isMetaTest: Bool, shouldStop: @Sendable () -> Bool) -> ValidationReport?

  /// What is done when all steps are made, before a meta-test; `tell` takes sentences about it for people.
  func conclude(shouldStop: @Sendable () -> Bool, tell: (String) -> Void)

  /// What a person should know of how a meta-test is made; nil where it is as usual.
  var testNote: String? { get }

  /// What the model as it is makes of one held-out episode, 0 the first; nil where there is none to be shown.
  func snapshot(run: RunID, step: Int, task: Int) -> RunEvent?
}

extension Trainee {
  func diagnose(_: Int, settings _: [String: Double], team _: WorkerTeam) -> StepDiagnosis? { nil }
  func gradient(_: Int, team _: WorkerTeam) -> [Double]? { nil }
  var testNote: String? { nil }
  func conclude(shouldStop _: @Sendable () -> Bool, tell _: (String) -> Void) {}
}

/// What one outer step found, before its update.
struct StepOutcome {
  var queryLoss: Float
  var supportLoss: Float
  var queryAccuracy: Float?
  var metaGradientNorm: Float
  var isFinite: Bool
}
