import Autodiff
import Tasks

/// How the numbers of a draw are distributed.
package enum Distribution: Sendable, Hashable {
  case normal
  /// In [0, 1).
  case uniform
  /// 1 with a probability, else 0.
  case bernoulli(DrawParameter)
  /// 0 with a probability, else 1; many at a time.
  case kept(DrawParameter)
  case beta(DrawParameter, DrawParameter)
  /// In each row a single 1, all places alike likely: which of several things is taken.
  case choice
  /// A square matrix with a single 1 in each row and each column; `Tensor.chosen(by:)` applies it.
  case permutation
}

/// A parameter of a distribution.
package enum DrawParameter: Sendable, Hashable {
  case number(Double)
  /// A hyperparameter, as it is at the step.
  case setting(String)
}

/// Random numbers of one site of an episode, and where they lie among all.
package struct EpisodeDraw: Sendable, Hashable {
  /// What a draw is called: the same name, pass and sample are the same numbers in all graphs of a run.
  package struct Key: Sendable, Hashable {
    package let name: String
    package let pass: Pass
    package let sample: Int
  }

  /// A parameter with a hyperparameter's place among the settings.
  enum Parameter: Sendable, Hashable {
    case number(Double)
    case setting(offset: Int)
  }

  package let key: Key
  /// Whether a file of episodes may hold it, as `draws.NAME`.
  package let isNamed: Bool
  package let distribution: Distribution
  let parameters: [Parameter]
  package let shape: Shape
  package let offset: Int

  /// Labels of the draw's stream within its episode's, the same for a name for ever.
  package var labels: [UInt64] {
    // FNV-1a.
    let name = key.name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let pass: UInt64 =
      switch key.pass {
      case .query: 1
      case .support(let step): 2 + 2 * UInt64(step)
      case .evaluation(let sample): 3 + 2 * UInt64(sample)
      }
    return [name, pass, UInt64(key.sample)]
  }

  /// The first parameter, of the settings space where it is one of them.
  package func share(_ setting: (_ offset: Int) -> Float) -> Float {
    switch parameters.first {
    case .number(let number): Float(number)
    case .setting(let place): setting(place)
    case nil: 0
    }
  }

  /// Makes the numbers and hands each to `write` with its place; `setting` gives the settings space.
  package func make(
    _ draws: inout RandomDraws,
    setting: (_ offset: Int) -> Float,
    write: (_ place: Int, _ number: Float) -> Void
  ) {
    let numbers = parameters.map { parameter in
      switch parameter {
      case .number(let number): number
      case .setting(let place): Double(setting(place))
      }
    }
    let (count, columns) = (shape.count, shape.columns)
    switch distribution {
    case .normal: for place in 0..<count { write(offset + place, draws.normal()) }
    case .uniform: for place in 0..<count { write(offset + place, draws.uniform()) }
    case .bernoulli:
      for place in 0..<count {
        write(offset + place, Double(draws.uniform()) < numbers[0] ? 1 : 0)
      }
    case .kept:
      for place in 0..<count {
        write(offset + place, Double(draws.uniform()) < numbers[0] ? 0 : 1)
      }
    case .beta:
      // Parameters of 0 have no distribution; the smallest there are stand in their place.
      let (a, b) = (max(numbers[0], 1e-3), max(numbers[1], 1e-3))
      for place in 0..<count { write(offset + place, Float(draws.beta(a, b))) }
    case .choice:
      for row in 0..<shape.rows { mark(row, draws.index(below: columns), write) }
    case .permutation:
      let order = draws.sample(columns, below: columns)
      for (row, column) in order.enumerated() { mark(row, column, write) }
    }
  }

  /// A row with a single 1.
  private func mark(_ row: Int, _ one: Int, _ write: (Int, Float) -> Void) {
    for column in 0..<shape.columns {
      write(offset + row * shape.columns + column, column == one ? 1 : 0)
    }
  }

  // MARK: In files

  /// Its shape in a file, without steps and episodes: of choices and permutations the places of the
  /// ones, of maps channels first, and of a support pass the inner step in front.
  package var storedShape: [Int] {
    var own = shape.dimensions
    switch distribution {
    case .choice, .permutation: own.removeLast()
    default: if own.count == 4 { own = [own[0], own[3], own[1], own[2]] }
    }
    return own
  }

  /// The inner step that a file tells apart; nil where there is none.
  package var innerStep: Int? {
    if case .support(let step) = key.pass { step } else { nil }
  }

  /// Takes the numbers from a file, where maps lie channels last by now.
  package func take(
    _ stored: (_ index: Int) -> Float,
    write: (_ place: Int, _ number: Float) -> Void
  ) {
    switch distribution {
    case .choice, .permutation: for row in 0..<shape.rows { mark(row, Int(stored(row)), write) }
    default: for place in 0..<shape.count { write(offset + place, stored(place)) }
    }
  }

  /// What a file's numbers must be; nil where everything goes.
  package var wanted: String? {
    switch distribution {
    case .choice: "whole numbers from 0 to \(shape.columns - 1)"
    case .permutation: "permutations of 0 to \(shape.columns - 1)"
    case .beta, .uniform: "numbers from 0 to 1"
    case .bernoulli, .kept: "zeros and ones"
    case .normal: nil
    }
  }

  /// Whether the numbers of one such draw, as a file has them, are what they must be.
  package func accepts(_ stored: ArraySlice<Float>) -> Bool {
    switch distribution {
    case .choice: stored.allSatisfy { isPlace($0) }
    case .permutation: stored.allSatisfy { isPlace($0) } && Set(stored).count == stored.count
    case .beta, .uniform: stored.allSatisfy { (0...1).contains($0) }
    case .bernoulli, .kept: stored.allSatisfy { $0 == 0 || $0 == 1 }
    case .normal: stored.allSatisfy(\.isFinite)
    }
  }

  private func isPlace(_ number: Float) -> Bool {
    number >= 0 && number < Float(shape.columns) && number == number.rounded()
  }
}

/// All random numbers that a plan asks of one episode.
package struct EpisodeDraws: Sendable {
  /// Floats they take.
  package fileprivate(set) var count = 0
  /// Floats from the start that are filled with normal numbers, before the others take their places.
  package fileprivate(set) var normalCount = 0
  /// Those that a file may hold, or that are not normal.
  package fileprivate(set) var items: [EpisodeDraw] = []
  /// The normal numbers of the sites, in the order in which they were asked for.
  package fileprivate(set) var sites: [NoiseDraw] = []
}

/// Gives draws their places while graphs are traced; graphs that share one have the same numbers under
/// the same names, in whatever order they ask.
package final class DrawLayout {
  package private(set) var draws = EpisodeDraws()
  private var known: [EpisodeDraw.Key: EpisodeDraw] = [:]

  package init() {}

  /// Standard normal numbers of one site of a pass.
  func placeSite(_ site: Int, _ pass: Pass, _ shape: Shape) -> EpisodeDraw {
    let key = EpisodeDraw.Key(name: "site \(site)", pass: pass, sample: 0)
    let isNew = known[key] == nil
    let draw = place(key, isNamed: false, .normal, [], shape)
    if isNew {
      draws.sites.append(NoiseDraw(pass: pass, site: site, offset: draw.offset, shape: shape))
    }
    return draw
  }

  func place(
    _ key: EpisodeDraw.Key,
    isNamed: Bool,
    _ distribution: Distribution,
    _ parameters: [EpisodeDraw.Parameter],
    _ shape: Shape
  ) -> EpisodeDraw {
    if let draw = known[key] {
      precondition(draw.shape == shape, "\(key) has drawn \(draw.shape), not \(shape)")
      return draw
    }
    let draw = EpisodeDraw(
      key: key,
      isNamed: isNamed,
      distribution: distribution,
      parameters: parameters,
      shape: shape,
      offset: draws.count
    )
    known[key] = draw
    draws.count += shape.paddedCount
    if distribution == .normal { draws.normalCount = draws.count }
    if isNamed { draws.items.append(draw) }
    return draw
  }
}

extension Tensor {
  /// The examples that a matrix of zeros and ones names, one for each of its rows.
  package func chosen(by matrix: Tensor) -> Tensor {
    let (examples, rest) = (shape.dimensions[0], shape.dimensions.dropFirst())
    let rows = reshaped(to: [examples, shape.count / examples])
    return matrix.matmul(rows).reshaped(to: Shape([matrix.shape.rows] + rest))
  }
}
