import Files

/// `draws.minibatches` of a file of episodes, `[steps, episodes, inner steps, examples]`: the rows of
/// the pool, support set and then query set, that each inner step learns from.
struct RecordedMinibatches: Sendable {
  static let name = "draws.minibatches"
  /// The singular is the same.
  static let names = [name, "draws.minibatch"]
  /// Inner steps an episode has minibatches for.
  let steps: Int
  /// Examples of a minibatch.
  let size: Int
  private let episodes: Int
  private let rows: [Int]

  /// Nil where the file has none.
  ///
  /// - Throws: where its shape is not the episodes', or a row is not in the pool.
  init?(
    _ file: TensorFile,
    steps: Int,
    episodes: Int,
    pool: Int
  ) throws(SafetensorsError) {
    guard let name = Self.names.first(where: { file.shape(named: $0) != nil }),
      let shape = file.shape(named: name)
    else { return nil }
    guard shape.count == 4, shape[0] == steps, shape[1] == episodes, shape[2] > 0, shape[3] > 0
    else {
      throw SafetensorsError(
        path: file.path,
        reason: "\(name) has shape \(shape); it must be [\(steps), \(episodes), inner steps, "
          + "examples], like the episodes, none 0"
      )
    }
    let rows = try file.integers(named: name)
    if let wrong = rows.first(where: { !(0..<pool).contains($0) }) {
      throw SafetensorsError(
        path: file.path,
        reason:
          "\(name) names row \(wrong) of an episode with \(pool) examples; rows go from 0 "
          + "to \(pool - 1), the support set first"
      )
    }
    (self.steps, size, self.episodes, self.rows) = (shape[2], shape[3], episodes, rows)
  }

  func rows(step: Int, episode: Int, _ innerStep: Int) -> [Int]? {
    guard innerStep < steps else { return nil }
    let start = ((step * episodes + episode) * steps + innerStep) * size
    return Array(rows[start..<start + size])
  }
}

extension RecordedEpisodes {
  package var minibatchSize: Int? { minibatches?.size }
  package var minibatchSteps: Int? { minibatches?.steps }
  package func minibatch(step: Int, episode: Int, _ innerStep: Int) -> [Int]? {
    minibatches?.rows(step: step, episode: episode, innerStep)
  }
}
