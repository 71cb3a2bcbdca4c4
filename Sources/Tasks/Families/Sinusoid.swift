import Kernels

/// Sine waves y = A sin(x − p), A ~ U[0.1, 5], p ~ U[0, π], x ~ U[−5, 5] (Finn, ICML 2017).
///
/// The distribution has no classes to hold out: the splits differ in their random streams.
package struct Sinusoid: TaskDistribution {
  package let name = "sinusoid"
  package let kind = TaskKind.numbers
  package let isClassification = false
  // Finn et al. (2017) train 70,000 steps; the curves are flat from about 30,000.
  package let defaults = TaskDefaults(
    way: nil,
    shot: 10,
    queryShot: nil,
    steps: 30_000,
    metaBatchSize: 25,
    evaluateEvery: 1_000,
    evaluationEpisodes: 200,
    testEpisodes: 2_000,
    validationCurve: 5,
    testCurve: 10,
    probeEvery: 50,
    width: 40
  )

  package init() {}

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    EpisodeLayout(supportCount: shot, queryCount: queryShot, inputShape: [1], targetCount: 1)
  }

  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    // The wave comes first, so that it does not depend on how many examples are asked for.
    var stream = stream.split(split.rawValue)
    stream.fillUniform(buffer, at: offset + layout.supportTargets, count: 2)
    write(layout, points: stream, into: buffer, at: offset)
  }

  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    task: RandomStream,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var wave = task.split(split.rawValue)
    wave.fillUniform(buffer, at: offset + layout.supportTargets, count: 2)
    write(layout, points: stream.split(split.rawValue), into: buffer, at: offset)
  }

  /// Points of the wave whose two numbers lie where the targets begin; one draw fills both sets'
  /// inputs.
  private func write(
    _ layout: EpisodeLayout,
    points: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var points = points
    let inputs = layout.supportTargets
    points.fillUniform(buffer, at: offset, count: inputs)
    let amplitude = 0.1 + 4.9 * buffer[offset + inputs]
    let phase = Float.pi * buffer[offset + inputs + 1]
    buffer.rescale(at: offset, count: inputs, lower: -5, upper: 5)
    for (input, target, count) in [
      (layout.supportInputs, layout.supportTargets, layout.supportCount),
      (layout.queryInputs, layout.queryTargets, layout.queryCount),
    ] {
      buffer.fillSinusoid(
        at: offset + target,
        inputsAt: offset + input,
        count: count,
        amplitude: amplitude,
        phase: phase
      )
    }
  }
}
