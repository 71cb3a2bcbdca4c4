import Files
import Glibc
import Kernels

/// Surfaces over a plane, on which a point is trained and no network (Shin et al., ICML 2021, figure 3).
///
/// A surface is Himmelblau's function, moved to a centre, turned and stretched by three:
/// c₁ (u² + v − 11)² + c₂ (u + v² − 7)² with (u, v) = R(angle) (x − centre) / 3. An example is a
/// surface as six numbers, its target two zeros: the outputs are the roots of the two terms.
package struct Landscape: TaskDistribution {
  package struct Surface: Sendable, Equatable {
    package var centre: (x: Double, y: Double)
    package var angle: Double
    package var coefficients: (Double, Double)

    package init(centre: (x: Double, y: Double), angle: Double, coefficients: (Double, Double)) {
      (self.centre, self.angle, self.coefficients) = (centre, angle, coefficients)
    }

    package static func == (a: Self, b: Self) -> Bool {
      a.centre == b.centre && a.angle == b.angle && a.coefficients == b.coefficients
    }

    /// Centre, cosine and sine of the angle, roots of the coefficients.
    package var example: [Float] {
      [
        centre.x, centre.y, cos(angle), sin(angle), coefficients.0.squareRoot(),
        coefficients.1.squareRoot(),
      ].map(Float.init)
    }

    /// The height over a point.
    package func height(_ x: Double, _ y: Double) -> Double {
      let (dx, dy) = (x - centre.x, y - centre.y)
      let u = (cos(angle) * dx - sin(angle) * dy) / Landscape.scale
      let v = (sin(angle) * dx + cos(angle) * dy) / Landscape.scale
      let (first, second) = (u * u + v - 11, u + v * v - 7)
      return coefficients.0 * first * first + coefficients.1 * second * second
    }
  }

  package static let scale = 3.0

  /// The eight of the released code.
  package static let published: [Surface] = {
    let angles: [Double] = [
      0.9192431569099426, 1.1150654554367065, 4.415228843688965, 5.990562915802002,
      3.9030251502990723, 4.017727375030518, 3.137284755706787, 0.2803031802177429,
    ]
    return angles.enumerated().map { index, angle in
      let turn = 2 * Double.pi * Double(index) / Double(angles.count)
      return Surface(
        centre: (5 + 7 * sin(turn), 5 + 7 * cos(turn)),
        angle: angle,
        coefficients: (0.7384511828422546, 0.9954125881195068)
      )
    }
  }()

  package let name = "landscape"
  package let kind = TaskKind.surface
  package let isClassification = false
  package let surfaces: [Surface]
  /// Points that are trained side by side; each sees every surface.
  package let points: Int
  package var taskCount: Int? { surfaces.count }

  package init(_ surfaces: [Surface] = Self.published, points: Int = 1) {
    precondition(!surfaces.isEmpty && points > 0, "no surface, or no point on it")
    self.surfaces = surfaces
    self.points = points
  }

  package var defaults: TaskDefaults {
    TaskDefaults(
      way: nil,
      shot: 1,
      queryShot: nil,
      steps: 1_000,
      metaBatchSize: surfaces.count,
      evaluateEvery: 100,
      evaluationEpisodes: surfaces.count,
      testEpisodes: surfaces.count,
      validationCurve: 5,
      testCurve: 10,
      probeEvery: 20,
      width: points
    )
  }

  package func layout(shot: Int, queryShot: Int) -> EpisodeLayout {
    EpisodeLayout(
      supportCount: points * shot,
      queryCount: points * queryShot,
      inputShape: [6],
      targetCount: 2
    )
  }

  /// A surface has one height, however often it is asked for.
  package func evaluationQuery(_ queryShot: Int) -> Int { queryShot }

  /// One of the surfaces by lot, for who does not take them in turn.
  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    var draws = RandomDraws(stream.split(split.rawValue))
    write(task: draws.sample(1, below: surfaces.count)[0], layout, into: buffer, at: offset)
  }

  package func write(
    task: Int,
    _ layout: EpisodeLayout,
    into buffer: AlignedBuffer,
    at offset: Int
  ) {
    let example = surfaces[task].example
    for (inputs, targets, count) in [
      (layout.supportInputs, layout.supportTargets, layout.supportCount),
      (layout.queryInputs, layout.queryTargets, layout.queryCount),
    ] {
      for index in 0..<count { buffer.write(example, at: offset + inputs + index * example.count) }
      buffer.write([Float](repeating: 0, count: 2 * count), at: offset + targets)
    }
  }
}

// MARK: - Files

extension Landscape {
  /// The parameter's name in files: where the points stand, `[points, 2]`.
  package static let position = "toy.position"

  /// The surfaces of a file: `toy.targets` `[surfaces, 2]`, `toy.angles` `[surfaces]`,
  /// `toy.coefficients` `[2]`.
  package static func surfaces(of file: TensorFile) throws(SafetensorsError) -> [Surface] {
    let count = file.shape(named: "toy.angles")?.first ?? 0
    for (name, shape) in [
      ("toy.targets", [count, 2]), ("toy.angles", [count]), ("toy.coefficients", [2]),
    ] {
      guard let own = file.shape(named: name) else {
        throw SafetensorsError(
          path: file.path,
          reason: "there is no tensor \(name); landscapes need toy.targets, toy.angles and "
            + "toy.coefficients"
        )
      }
      guard own == shape, count > 0 else {
        throw SafetensorsError(
          path: file.path,
          reason: "\(name) has shape \(own); for \(count) surfaces it must be \(shape), none 0"
        )
      }
    }
    let targets = try file.floats(named: "toy.targets").map(Double.init)
    let angles = try file.floats(named: "toy.angles").map(Double.init)
    let coefficients = try file.floats(named: "toy.coefficients").map(Double.init)
    guard (targets + angles + coefficients).allSatisfy(\.isFinite),
      coefficients.allSatisfy({ $0 >= 0 })
    else {
      throw SafetensorsError(
        path: file.path,
        reason:
          "a landscape has a value that is not a number or a coefficient below 0; use finite numbers "
          + "and coefficients from 0"
      )
    }
    return angles.indices.map { index in
      Surface(
        centre: (targets[2 * index], targets[2 * index + 1]),
        angle: angles[index],
        coefficients: (coefficients[0], coefficients[1])
      )
    }
  }
}
