/// What a run can tell.
///
/// The rare and large ones stand outside of the value: buffers and replays hold thousands of steps,
/// of which each would take the largest one's room.
package enum RunEvent: Sendable, Equatable {
  /// A run exists and is about to make its first step.
  indirect case started(RunDescription)
  /// One outer step is done.
  case step(StepReport)
  indirect case validation(ValidationReport)
  /// What the model says of one episode's pictures, with each meta-validation of a classification.
  indirect case episode(EpisodeSnapshot)
  /// What the model makes of one regression episode, with each meta-validation and single step.
  indirect case fit(FitSnapshot)
  /// What a task of two numbers looks like from above, with where the run stands on it.
  indirect case map(MapSnapshot)
  case statusChanged(RunID, RunStatus, step: Int)
  /// A quantity of a run is far out of its band, or no longer a number.
  indirect case diverging(DivergenceReport)
  case hyperparameterChanged(RunID, id: String, value: Double, step: Int)
  /// A command was not carried out; `reason` is one sentence for the person who gave it.
  case commandRefused(RunID?, reason: String, step: Int)
  case fairnessChanged(Fairness)
  /// The first steps have shown what probes cost, and how often they are measured from here on.
  indirect case probesPaced(RunID, ProbePace)
  /// The checkpoint after an outer step was written and stays, so that a branch can begin there.
  case checkpointKept(RunID, step: Int)
  /// The newest checkpoint that a stopped or killed run goes on from is that of an outer step.
  case checkpointWritten(RunID, step: Int)
  /// A file of the recording cannot be written, for a reason; nil once it can be again.
  case recordingFailed(RunID, file: String, reason: String?)
  /// The recorded past of a run that goes on is being read; nil once all pasts have been.
  case readingPast(RunID?)
  /// Where the recording is that is played.
  case replayed(ReplayStatus)
  /// Where a sweep stands.
  indirect case sweep(SweepSnapshot)
  /// Anything else worth a line in the log (resumed, an episode file exhausted, …).
  case note(RunID?, String)
}

package enum RunStatus: String, Sendable, Equatable {
  case running
  case paused
  /// All its steps are made.
  case finished
  /// A loss or gradient was not finite; the last good parameters are kept.
  case diverged
  /// Ended before its last step because somebody asked.
  case stopped
}

/// How runs of one comparison share the machine.
package enum Fairness: String, Sendable, Equatable, CaseIterable {
  /// Every run makes the same number of outer steps.
  case equalSteps = "steps"
  /// Every run gets the same computing time.
  case equalCompute = "compute"
}

/// One outer step of one run, reported after it.
package struct StepReport: Sendable, Equatable {
  package var run: RunID
  /// Number of outer steps made, this one included (the first report says 1).
  package var step: Int
  /// Seconds this run has spent computing, this step included.
  package var seconds: Double
  /// Floating-point operations of this run's training plans so far; 0 where nobody counted them.
  package var operations: Double
  /// Mean over the meta-batch of the adapted model's loss on the query set, before this step's
  /// outer update.
  package var queryLoss: Float
  /// Mean over the meta-batch of the support loss before adaptation (at inner step 0).
  package var supportLoss: Float
  /// 2-norm of the full outer objective's gradient over body and head.
  package var metaGradientNorm: Float
  /// Share of query examples classified correctly after adaptation; nil in regression.
  package var queryAccuracy: Float?
  /// Measured every few steps only; nil in between.
  package var probes: StepProbes?

  package init(
    run: RunID,
    step: Int,
    seconds: Double,
    operations: Double = 0,
    queryLoss: Float,
    supportLoss: Float,
    metaGradientNorm: Float,
    queryAccuracy: Float? = nil,
    probes: StepProbes? = nil
  ) {
    self.run = run
    self.step = step
    self.seconds = seconds
    self.operations = operations
    self.queryLoss = queryLoss
    self.supportLoss = supportLoss
    self.metaGradientNorm = metaGradientNorm
    self.queryAccuracy = queryAccuracy
    self.probes = probes
  }
}

/// The inner loop of one outer step, and the method's own quantities.
package struct StepProbes: Sendable, Equatable {
  /// Support loss at inner step 0, 1, …, M (mean over the meta-batch).
  package var supportLosses: [Float]
  /// Query loss at inner step 0, 1, …, M: the first is before adaptation, the last after.
  package var queryLosses: [Float]
  /// 2-norm of the first inner step's gradient, one a layer of `RunDescription.layers`.
  package var innerGradientNorms: [Float]
  /// The method's own values in the order of `RunDescription.probes`.
  package var values: [Float]

  package init(
    supportLosses: [Float],
    queryLosses: [Float],
    innerGradientNorms: [Float],
    values: [Float]
  ) {
    self.supportLosses = supportLosses
    self.queryLosses = queryLosses
    self.innerGradientNorms = innerGradientNorms
    self.values = values
  }
}

/// Meta-validation (or, after the last step, meta-test): held-out episodes, no outer update.
package struct ValidationReport: Sendable, Equatable {
  package var run: RunID
  package var step: Int
  /// Mean query loss after the method's inner steps.
  package var loss: Float
  /// Half width of the loss's 95 % interval over episodes: 1.96 · standard deviation / √episodes.
  package var lossConfidence95: Float
  /// Share of query examples classified correctly, 0…1; nil in regression.
  package var accuracy: Float?
  /// Half width of the accuracy's interval; nil in regression.
  package var accuracyConfidence95: Float?
  /// Mean query loss after 0, 1, 2, … inner steps: the adaptation curve.
  package var lossByInnerStep: [Float]
  /// Mean accuracy after 0, 1, 2, … inner steps; empty in regression.
  package var accuracyByInnerStep: [Float]
  /// Accuracy by the number of random draws that a prediction averages; empty where none are made.
  package var accuracyBySamples: [SampledAccuracy]
  /// Episodes scored; images, where a run does not train on episodes.
  package var episodes: Int
  /// What each episode scored, accuracy or loss, so that runs can be compared on the same; empty where
  /// nobody kept it.
  package var scores: [Float]
  /// The final evaluation on meta-test episodes rather than meta-validation.
  package var isMetaTest: Bool

  /// Of no run and step until somebody says which.
  package init(
    run: RunID = RunID(0),
    step: Int = 0,
    loss: Float,
    lossConfidence95: Float,
    accuracy: Float? = nil,
    accuracyConfidence95: Float? = nil,
    lossByInnerStep: [Float],
    accuracyByInnerStep: [Float] = [],
    accuracyBySamples: [SampledAccuracy] = [],
    episodes: Int,
    scores: [Float] = [],
    isMetaTest: Bool = false
  ) {
    self.run = run
    self.step = step
    self.loss = loss
    self.lossConfidence95 = lossConfidence95
    self.accuracy = accuracy
    self.accuracyConfidence95 = accuracyConfidence95
    self.lossByInnerStep = lossByInnerStep
    self.accuracyByInnerStep = accuracyByInnerStep
    self.accuracyBySamples = accuracyBySamples
    self.episodes = episodes
    self.scores = scores
    self.isMetaTest = isMetaTest
  }

  /// Half width of the score's interval: of the accuracy where there is one, else of the loss.
  ///
  /// Files call it `ci95`.
  package var confidence95: Float { accuracyConfidence95 ?? lossConfidence95 }
}

/// How accurate predictions are that average so many random draws.
package struct SampledAccuracy: Sendable, Equatable {
  package var samples: Int
  package var accuracy: Float

  package init(samples: Int, accuracy: Float) {
    self.samples = samples
    self.accuracy = accuracy
  }
}
