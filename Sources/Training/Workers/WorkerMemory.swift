import Kernels
import MetaLearning
import Tasks

/// One worker's episode and its random numbers for one run, and the workspace it shares with other
/// runs.
///
/// `@unchecked Sendable`: used by the worker whose number it has, by nobody else.
final class WorkerMemory: @unchecked Sendable {
  let workspace: Workspace
  private(set) var episode: AlignedBuffer
  private let noise: AlignedBuffer
  private var settings: AlignedBuffer?

  init(_ workspace: Workspace, episodeCount: Int, noiseCount: Int) {
    self.workspace = workspace
    episode = AlignedBuffer(count: episodeCount)
    noise = AlignedBuffer(count: max(noiseCount, 1))
  }

  /// Makes the workspace this run's until another takes it.
  func take(parameters: AlignedBuffer, settings: AlignedBuffer) {
    self.settings = settings
    workspace.bind(.parameters, to: parameters)
    workspace.bind(.settings, to: settings)
    workspace.bind(.episode, to: episode)
    workspace.bind(.noise, to: noise)
  }

  /// Makes an episode that lies elsewhere this worker's.
  func enter(_ episode: AlignedBuffer) {
    self.episode = episode
    workspace.bind(.episode, to: episode)
  }

  /// Lets somebody write the random numbers who has them already.
  func write(_ numbers: (AlignedBuffer) -> Void) { numbers(noise) }

  /// Draws an episode's random numbers: normal ones in one go, the others each from a stream of its name
  /// within `stream`; those that the file of episodes has are read there instead.
  ///
  /// A longer draw begins with the same numbers, so probes change no run.
  func draw(_ draws: EpisodeDraws, _ stream: RandomStream, recorded: RecordedDraws.Episode? = nil) {
    if draws.normalCount > 0 {
      var stream = stream
      stream.fillNormal(noise, at: 0, count: draws.normalCount, in: workspace)
    }
    for draw in draws.items {
      if case .kept = draw.distribution, draw.share({ settings?[$0] ?? 0 }) <= 0 {
        // Nothing is left out, whatever masks a file has for runs that do.
        for place in draw.offset..<draw.offset + draw.shape.count { noise[place] = 1 }
      } else if let stored = recorded?.numbers(of: draw) {
        draw.take({ stored[stored.startIndex + $0] }, write: { noise[$0] = $1 })
      } else if case .kept = draw.distribution {
        draw.fill(noise, stream) { settings?[$0] ?? 0 }
      } else if draw.distribution != .normal {
        var numbers = RandomDraws(draw.labels.reduce(stream) { $0.split($1) })
        draw.make(&numbers, setting: { settings?[$0] ?? 0 }, write: { noise[$0] = $1 })
      }
    }
  }
}

extension EpisodeDraw {
  /// Draws the numbers of a mask all at once.
  fileprivate func fill(_ noise: AlignedBuffer, _ stream: RandomStream, _ setting: (Int) -> Float) {
    var own = labels.reduce(stream) { $0.split($1) }
    own.fillUniform(noise, at: offset, count: shape.count)
    noise.keep(offset..<offset + shape.count, above: share(setting))
  }
}
