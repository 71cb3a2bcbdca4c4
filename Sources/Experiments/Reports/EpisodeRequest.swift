import Files
import MetaLearning
import Models
import Recording
import Tasks
import Training

/// Which episodes a checkpoint is put to: so many that a seed names, or those of a file.
package struct EpisodeRequest {
  package let checkpoint: CheckpointKind
  /// Nil for as many as usual.
  package let count: Int?
  /// The file in their place.
  package let file: TensorFile?
  package let seed: UInt64
  package let workers: Int

  /// As many episodes as usual of the first seed.
  init(checkpoint: CheckpointKind, workers: Int) {
    (self.checkpoint, self.workers) = (checkpoint, workers)
    (count, file, seed) = (nil, nil, 0)
  }

  /// From options as they were written; a number of episodes is a whole number, a file anything else.
  package init(
    checkpoint: String,
    episodes: String?,
    seed: String?,
    threads: String?
  ) throws(ConfigurationError) {
    guard let kind = CheckpointKind(checkpoint) else {
      throw ConfigurationError(
        .usage,
        "--checkpoint: \"\(checkpoint.printable)\" is not allowed; use best, last, or an outer step as "
          + "in 500"
      )
    }
    self.checkpoint = kind
    self.seed = try UInt64(Self.whole("seed", seed, 0...Int.max) ?? 0)
    workers = try Self.whole("threads", threads, 1...1_024) ?? availableCores()
    let path = episodes.flatMap { Self.isPath($0) ? SystemFile.expanded($0) : nil }
    count = try path == nil ? Self.whole("episodes", episodes, 2...1_000_000) : nil
    guard let path else {
      file = nil
      return
    }
    do throws(SafetensorsError) {
      file = try TensorFile(reading: path)
    } catch {
      throw ConfigurationError(.badData, "--episodes: \(error)")
    }
  }

  /// What has a letter, a point or a slash in it is no number that was mistyped.
  private static func isPath(_ text: String) -> Bool {
    text.contains("/") || text.contains(".") && text.contains(where: \.isLetter)
      || text.contains(where: \.isLetter) && Double(text) == nil
  }

  /// A whole number that an option has, nil where it was not given.
  package static func whole(
    _ option: String,
    _ text: String?,
    _ range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int? {
    guard let text else { return nil }
    do {
      return try wholeNumber(text, range)
    } catch {
      throw ConfigurationError(.usage, "--\(option): \(error.reason)")
    }
  }
}

extension RunConfiguration {
  /// Puts a file's episodes in the place of those that are held out.
  mutating func takeHeldOut(_ file: TensorFile) throws(ConfigurationError) {
    func refused(_ reason: String) -> ConfigurationError {
      let error = SafetensorsError(path: file.path, reason: reason)
      return ConfigurationError(.badData, "--episodes: \(error)")
    }
    let episodes: RecordedEpisodes
    do throws(SafetensorsError) {
      episodes = try RecordedEpisodes(file, for: distribution)
    } catch {
      throw ConfigurationError(.badData, "--episodes: \(error)")
    }
    let (layout, classes) = (episodes.layout, distribution.isClassification ? model.outputCount : 1)
    guard layout.targetCount == model.outputCount else {
      throw refused(
        "tells \(layout.targetCount) classes apart, and the run's network \(model.outputCount); give "
          + "episodes of as many"
      )
    }
    let own = method.metaParameters(for: model, shot: supportShot, values)
    let asked = method.metaParameters(for: model, shot: layout.supportCount / classes, values)
    guard own == asked else {
      throw refused(
        "has \(layout.supportCount / classes)-shot episodes, and \(method.descriptor.name) was made for "
          + "\(supportShot)-shot ones; give episodes of as many"
      )
    }
    if let refusal = method.refusal(
      supportCount: layout.supportCount,
      queryCount: layout.queryCount
    ) {
      throw refused(refusal)
    }
    heldOut = episodes
    (shot, queryShot) = (layout.supportCount / classes, layout.queryCount / classes)
  }
}
