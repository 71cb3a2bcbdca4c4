import Autodiff
import AutodiffOracle
import Files
import Foundation
import Kernels
import MetaLearning
import Models
import Testing

/// The released weights, read where they lie and never copied: they have no licence.
private enum ReleasedWeights {
  static let path =
    (ProcessInfo.processInfo.environment["METATOP_SHARED"]
      ?? URL(filePath: #filePath).appending(path: "../../../../../shared").standardized.path)
    + "/data/metaperturb/perturb_750.safetensors"
  static let areThere = FileManager.default.fileExists(atPath: path)
}

@Suite struct PerturbationTests {
  /// The network of Documentation/Methods/MetaPerturb.md on 1×1 maps, written out.
  @Test(arguments: [0, 0.7, 1])
  func siteIsWhatThePaperSays(kappa: Double) {
    let (rows, columns) = (5, 3)
    var numbers = SeededNumbers(seed: 17)
    let graph = Graph()
    var inputs: [Address: [Double]] = [:]
    var nextOffset = 0
    func input(_ shape: Shape, scale: Double) -> (Tensor, [Double]) {
      let values = numbers.normal(shape.count).map { $0 * scale }
      let address = Address(.parameters, nextOffset)
      nextOffset += paddedCount(shape.count)
      inputs[address] = values
      return (graph.input(address, shape), values)
    }
    var tensors: [(name: String, value: Tensor)] = []
    var weights: [String: [Double]] = [:]
    for parameter in Perturbation().parameters {
      let (tensor, values) = input(parameter.shape, scale: 1)
      tensors.append((parameter.name, tensor))
      weights[String(parameter.name.dropFirst("perturbation.".count))] = values
    }
    // Large enough that some results exceed 100.
    let (x, xs) = input([rows, columns], scale: 90)
    let (noise, epsilon) = input([rows, columns], scale: 1)
    func tap(_ name: String, _ kernel: Int = 0) -> Double { weights[name]?[kernel * 9 + 4] ?? .nan }
    func equivariant(_ values: [Double], _ name: String) -> [Double] {
      values.indices.map { index in
        let row = values[index / columns * columns..<index / columns * columns + columns]
        let mean = row.reduce(0, +) / Double(columns)
        return tap(name + ".w_identity") * values[index] + tap(name + ".w_all") * mean
      }
    }
    let mean = equivariant(equivariant(xs, "phi_1").map { max($0, 0) }, "phi_2")
    let z = zip(mean, epsilon).map { ReferenceInterpreter.unary(.softplus, $0 + $1) }
    let fc = weights["fc.weight"] ?? []
    let scale = (0..<columns).map { channel -> Double in
      var score = fc[8] + fc[9]
      for kernel in 0..<4 {
        let responses = (0..<rows).map {
          max(xs[$0 * columns + channel] * tap("kernel", kernel), 0)
        }
        let m = responses.reduce(0, +) / Double(rows)
        let u = responses.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(rows - 1)
        score += fc[kernel] * m + fc[4 + kernel] * u
      }
      return ReferenceInterpreter.unary(.sigmoid, score)
    }
    let free = xs.indices.map { ((z[$0] * scale[$0 % columns] - 1) * kappa + 1) * xs[$0] }
    for isClamped in [true, false] {
      let site = Perturbation().apply(
        to: x,
        noise: noise,
        kappa: graph.constant(kappa),
        isClamped: isClamped,
        ParameterTree(tensors)
      )
      let expected = [isClamped ? free.map { min($0, 100) } : free, z, scale]
      let actual = ReferenceInterpreter(inputs: inputs)
        .values(of: [site.values, site.noise, site.scale])
      for (a, e) in zip(actual, expected) {
        #expect(zip(a, e).allSatisfy { abs($0 - $1) < 1e-9 * max(1, abs($1)) })
      }
    }
    #expect(free.contains { $0 > 100 }, "nothing to clamp")
  }

  /// x[b, c, i, j] = sin(k), k = 1 … 96 row by row; ε = 0, κ = 1, C_ref = 64, H_ref = 32
  /// (methods §iv; the expected numbers come from the published code in double precision).
  @Test(
    .enabled(
      if: ReleasedWeights.areThere,
      "needs the released weights; METATOP_SHARED says where data/metaperturb is"
    )
  )
  func releasedNetworkComputesWhatThePublishedCodeDoes() throws {
    let file = try TensorFile(reading: ReleasedWeights.path)
    let graph = Graph()
    var inputs: [Address: [Double]] = [:]
    var weights: [(name: String, value: Tensor)] = []
    for parameter in Perturbation(channels: 64, height: 32).parameters {
      let stored = parameter.name.dropFirst("perturbation.".count)
      let address = Address(.parameters, 64 * weights.count)
      inputs[address] = try file.floats(named: String(stored)).map(Double.init)
      weights.append((parameter.name, graph.input(address, parameter.shape)))
    }
    let size: (images: Int, channels: Int, side: Int) = (2, 3, 4)
    /// Of image, channel, row and column, where the number lies channels first and channels last.
    func places(_ b: Int, _ c: Int, _ i: Int, _ j: Int) -> (first: Int, last: Int) {
      (
        ((b * size.channels + c) * size.side + i) * size.side + j,
        ((b * size.side + i) * size.side + j) * size.channels + c
      )
    }
    var values = [Double](repeating: 0, count: 96)
    for index in 0..<96 {
      let place = places(index / 48, index / 16 % 3, index / 4 % 4, index % 4)
      values[place.last] = sin(Double(place.first + 1))
    }
    inputs[Address(.episode, 0)] = values
    let x = graph.input(Address(.episode, 0), [2, 4, 4, 3])
    let parameters = ParameterTree(weights)
    let site = Perturbation(channels: 64, height: 32).apply(
      to: x,
      noise: graph.constant(0, x.shape),
      kappa: graph.constant(1),
      isClamped: false,
      parameters
    )
    let responses = x.meanResponses(parameters["perturbation.kernel"])
    let outputs = [site.values, site.noise, site.scale] + responses
    let exact = ReferenceInterpreter(inputs: inputs).values(of: outputs)
    let planned = replay(outputs, inputs: inputs).map { $0.map(Double.init) }
    for results in [exact, planned] {
      let (y, s) = (results[0], results[2])
      // z = softplus(a)
      let a = results[1].map { log(exp($0) - 1) }
      func row(_ values: [Double], _ b: Int, _ c: Int, _ i: Int) -> [Double] {
        (0..<4).map { values[places(b, c, i, $0).last] }
      }
      let compared: [(String, [Double], [Double])] = [
        ("a", row(a, 0, 0, 0), [0.0119092067, 0.0217334562, 0.0263820142, 0.0195752450]),
        ("sum of a", [a.reduce(0, +)], [3.2324087428]),
        (
          "h", results[3...].map { $0[0] },
          [0.0419420182, 0.0415368304, 0.0414245641, 0.1345100053]
        ),
        ("s", s, [0.5199011453, 0.5312351112, 0.5193412511]),
        ("sum of y", [y.reduce(0, +)], [0.6727183064]),
        ("y", row(y, 1, 2, 3), [-0.3443253743, -0.0910258396, 0.2587315430, 0.3706819819]),
      ]
      for (name, actual, expected) in compared {
        let error = zip(actual, expected).map { abs($0 - $1) }.max() ?? .nan
        #expect(actual.count == expected.count && error < 1e-5, "\(name): \(error)")
      }
    }
  }
}
