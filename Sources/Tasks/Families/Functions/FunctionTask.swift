import Kernels

/// One function of a family: what the numbers drawn for it became.
///
/// It is a sum over the inputs: f(x) = Σᵢ term(xᵢ, i).
package protocol TaskFunction: Sendable {
  /// The family's name on the command line.
  static var taskName: String { get }
  static var inputCount: Int { get }
  static var defaults: TaskDefaults { get }

  init(_ draws: inout RandomDraws)
  /// One number of an example's input.
  func input(_ axis: Int, _ draws: inout RandomDraws) -> Float
  func term(_ x: Float, _ axis: Int) -> Float
}

/// Regression on a family of functions, each of them a task, drawn as they are needed.
///
/// There are no classes to hold out: the splits differ in their random streams.
package struct FunctionTask<Function: TaskFunction>: TaskDistribution {
  package let kind = TaskKind.numbers
  package let isClassification = false
  package var name: String { Function.taskName }
  package var defaults: TaskDefaults { Function.defaults }

  package init() {}

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: shot,
      queryCount: queryShot,
      inputShape: [Function.inputCount],
      targetCount: 1
    )
  }

  /// Function, support set and query set have streams of their own, so that none depends on how many
  /// examples another has.
  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    task: RandomStream,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var draws = RandomDraws(task.split(split.rawValue).split(0))
    let function = Function(&draws)
    let points = stream.split(split.rawValue)
    for (part, inputs, targets, count) in [
      (1 as UInt64, layout.supportInputs, layout.supportTargets, layout.supportCount),
      (2, layout.queryInputs, layout.queryTargets, layout.queryCount),
    ] {
      var draws = RandomDraws(points.split(part))
      for example in 0..<count {
        var value: Float = 0
        for axis in 0..<Function.inputCount {
          let x = function.input(axis, &draws)
          buffer[offset + inputs + example * Function.inputCount + axis] = x
          value += function.term(x, axis)
        }
        buffer[offset + targets + example] = value
      }
    }
  }
}

extension TaskDefaults {
  /// Regression of one number: as sinusoids are trained, but for what is given.
  static func functions(
    shot: Int = 10,
    query: Int? = nil,
    steps: Int,
    metaBatch: Int,
    evaluateEvery: Int,
    width: Int
  ) -> Self {
    Self(
      way: nil,
      shot: shot,
      queryShot: query,
      steps: steps,
      metaBatchSize: metaBatch,
      evaluateEvery: evaluateEvery,
      evaluationEpisodes: 200,
      testEpisodes: 2_000,
      validationCurve: 5,
      testCurve: 10,
      probeEvery: 50,
      width: width
    )
  }
}
