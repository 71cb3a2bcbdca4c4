import Files
import MetaLearning

/// Random numbers of a file of episodes, which training takes instead of the seed's.
///
/// They are called `draws.NAME` and have the shape `[steps, episodes, …]`, for a support pass `[steps,
/// episodes, inner steps, …]`; maps lie channels first. Held-out episodes have draws of their own.
package struct RecordedDraws: Sendable {
  /// One tensor of the file.
  private struct Numbers {
    /// Without steps and episodes.
    let shape: [Int]
    /// Maps channels last.
    let values: [Float]
  }

  /// The draws of one episode.
  package struct Episode {
    fileprivate let draws: RecordedDraws
    fileprivate let index: Int

    /// Everything under a name, in the order of the file; nil where it has none.
    func numbers(named name: String) -> ArraySlice<Float>? {
      guard let numbers = draws.named[name] else { return nil }
      let size = numbers.shape.reduce(1, *)
      return numbers.values[index * size..<(index + 1) * size]
    }

    /// The numbers of a draw; nil where the file leaves them to the seed.
    func numbers(of draw: EpisodeDraw) -> ArraySlice<Float>? {
      guard draw.key.sample == 0, let numbers = draws.named[draw.key.name] else { return nil }
      let count = draw.storedShape.reduce(1, *)
      let size = numbers.shape.reduce(1, *)
      let start = (draw.innerStep ?? 0) * count
      guard start + count <= size else { return nil }
      return numbers.values[index * size + start..<index * size + start + count]
    }
  }

  private static let prefix = "draws."
  private var named: [String: Numbers]
  private let episodes: Int
  private let count: Int

  var isEmpty: Bool { named.isEmpty }

  /// Reads every tensor of draws but minibatches.
  ///
  /// - Throws: where one has not as many steps and episodes as the episodes.
  init(_ file: TensorFile, steps: Int, episodes: Int) throws(SafetensorsError) {
    var named: [String: Numbers] = [:]
    for tensor in file.tensors
    where tensor.name.hasPrefix(Self.prefix) && !RecordedMinibatches.names.contains(tensor.name) {
      guard Array(tensor.shape.prefix(2)) == [steps, episodes] else {
        throw SafetensorsError(
          path: file.path,
          reason: "\(tensor.name) has shape \(tensor.shape); it must begin with [\(steps), "
            + "\(episodes)], the steps and episodes"
        )
      }
      let shape = Array(tensor.shape.dropFirst(2))
      let values = try Self.values(tensor, file)
      named[String(tensor.name.dropFirst(Self.prefix.count))] = Numbers(
        shape: shape,
        values: shape.count < 4 ? values : Self.channelsLast(values, shape.suffix(3))
      )
    }
    (self.named, self.episodes, count) = (named, episodes, steps * episodes)
  }

  private static func values(
    _ tensor: TensorFile.Tensor,
    _ file: TensorFile
  ) throws(SafetensorsError) -> [Float] {
    switch tensor.dtype {
    case .f32, .f64, .f16, .bf16: try file.floats(named: tensor.name)
    default: try file.integers(named: tensor.name).map { Float($0) }
    }
  }

  /// Numbers of maps `[channels, height, width]`, pixel by pixel.
  private static func channelsLast(_ values: [Float], _ map: ArraySlice<Int>) -> [Float] {
    let (channels, pixels) = (map.first ?? 1, map.dropFirst().reduce(1, *))
    return values.indices.map { index in
      let (image, place) = index.quotientAndRemainder(dividingBy: channels * pixels)
      return values[(image * channels + place % channels) * pixels + place / channels]
    }
  }

  /// The same with other rows of the masks `[inner steps, rows, numbers]` under a name: `order` says of an
  /// episode from which row each comes, nil for one that stays; behind them others that stay.
  func placingRows(
    of name: String,
    rows: Int,
    count: Int,
    _ order: (_ episode: Int) -> [Int?]
  ) -> Self {
    guard let numbers = named[name], numbers.shape.count == 3, numbers.shape[1] == rows else {
      return self
    }
    let (steps, width) = (numbers.shape[0], numbers.shape[2])
    var values = [Float](repeating: 1, count: self.count * steps * count * width)
    for episode in 0..<self.count {
      let sources = order(episode)
      for step in 0..<steps {
        for (row, source) in sources.enumerated() {
          guard let source else { continue }
          let from = ((episode * steps + step) * rows + source) * width
          let to = ((episode * steps + step) * count + row) * width
          values.replaceSubrange(to..<to + width, with: numbers.values[from..<from + width])
        }
      }
    }
    var copy = self
    copy.named[name] = Numbers(shape: [steps, count, width], values: values)
    return copy
  }

  func episode(step: Int, _ episode: Int) -> Episode? {
    named.isEmpty ? nil : Episode(draws: self, index: step * episodes + episode)
  }

  /// Why the file's numbers cannot be what a run asks for, or nil.
  func refusal(_ draws: EpisodeDraws) -> String? {
    let first = draws.items.filter { $0.key.sample == 0 }
    let byName = Dictionary(grouping: first, by: \.key.name)
    for (name, own) in byName.sorted(by: { $0.key < $1.key }) {
      guard let numbers = named[name] else { continue }
      let steps = own.compactMap(\.innerStep).max().map { $0 + 1 }
      let wanted = (steps.map { [$0] } ?? []) + own[0].storedShape
      let isLonger = steps.map { numbers.shape.first ?? 0 >= $0 } ?? true
      let rest = steps == nil ? numbers.shape : Array(numbers.shape.dropFirst())
      guard isLonger, rest == own[0].storedShape else {
        let shape = ["steps", "episodes"] + wanted.map(String.init)
        return "\(Self.prefix)\(name) of the file of episodes has shape "
          + "\([count / max(episodes, 1), episodes] + numbers.shape); the run needs ["
          + shape.joined(separator: ", ") + "]"
      }
      for draw in own {
        let isRight = (0..<count).allSatisfy { index in
          Episode(draws: self, index: index).numbers(of: draw).map(draw.accepts) ?? true
        }
        if !isRight {
          return "\(Self.prefix)\(name) of the file of episodes must hold "
            + (draw.wanted ?? "finite numbers")
        }
      }
    }
    return nil
  }
}
