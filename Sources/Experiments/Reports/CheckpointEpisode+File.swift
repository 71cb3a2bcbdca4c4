import Files
import Recording
import Training

extension CheckpointEpisode {
  /// Writes one meta-test episode of a recorded run with the logits of its last checkpoint.
  package static func write(
    _ path: String,
    policy: DataPolicy,
    into folder: String
  ) throws(ConfigurationError) {
    let stored = StoredRun(path: path, origin: "export", cores: 1, policy: policy)
    let (run, point) = try stored.read(.last)
    run.notes.forEach(complain)
    guard run.distribution.isSampled else {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable): its episodes are already a file's, and no other can be drawn; give "
          + "a run on images"
      )
    }
    guard run.batches == nil else {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable): \(run.method.descriptor.name) answers by several networks, which have "
          + "no logits in common; use --format scores"
      )
    }
    guard run.way != nil else {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable): \(run.distribution.name) has no classes, and so no logits; give a "
          + "run on images"
      )
    }
    guard run.distribution.kind == .pictures else {
      throw ConfigurationError(
        .badData,
        "export: \(path.printable): \(run.distribution.name) has no images; give a run on images"
      )
    }
    let episode: TensorFile
    do throws(SafetensorsError) {
      episode = try file(run, point.checkpoint, seed: 0)
    } catch {
      throw ConfigurationError(.badData, "export: \(error)")
    }
    var target = try ExportFile("\(folder)/\(stored.directory.name).safetensors")
    try target.append(episode.encoded())
    try target.finish()
    complain("metatop: written \(target.path.printable)")
  }
}
