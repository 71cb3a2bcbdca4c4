import Files
import Foundation
import Kernels
import Testing

@testable import Tasks

@Suite struct LandscapeTests {
  /// Himmelblau's function is 0 at (3, 2) and three other points.
  @Test(arguments: Landscape.published.indices)
  func surfaceIsZeroWhereHimmelblausIs(_ index: Int) {
    let surface = Landscape.published[index]
    for (u, v) in [
      (3, 2), (-2.805118086952745, 3.131312518250573), (-3.779310253377747, -3.283185991286170),
      (3.584428340330492, -1.848126526964404),
    ] {
      // Turned back.
      let x = surface.centre.x + 3 * (cos(surface.angle) * u + sin(surface.angle) * v)
      let y = surface.centre.y + 3 * (cos(surface.angle) * v - sin(surface.angle) * u)
      #expect(surface.height(x, y) < 1e-20)
      #expect(surface.height(x + 0.1, y) > 1e-3)
    }
    let centre = surface.height(surface.centre.x, surface.centre.y)
    #expect(abs(centre - surface.coefficients.0 * 121 - surface.coefficients.1 * 49) < 1e-9)
  }

  /// The manifest says the numbers that the program has.
  @Test func manifestHasTheProgramsNumbers() throws {
    let file = URL(fileURLWithPath: #filePath)
      .appendingPathComponent("../../../../Datasets/landscape/dataset.yaml").standardized
    let text = try String(contentsOf: file, encoding: .utf8)
    for surface in Landscape.published { #expect(text.contains("    - \(surface.angle)\n")) }
    let first = Landscape.published[0]
    #expect(text.contains("coefficients: [\(first.coefficients.0), \(first.coefficients.1)]"))
    #expect(abs(first.centre.x - 5) < 1e-12 && first.centre.y == 12)
    #expect(abs(Landscape.published[2].centre.x - 12) < 1e-12)
    #expect(try TaskCatalog.make(name: "landscape", way: 5, roots: []).taskCount == 8)
  }

  @Test func episodeIsASurfaceForEachPointAndExample() {
    let task = Landscape(points: 3)
    let layout = task.layout(shot: 2, queryShot: 1)
    #expect(layout.supportCount == 6 && layout.queryCount == 3)
    let buffer = AlignedBuffer([Float](repeating: .nan, count: layout.count))
    for index in [0, 5] {
      task.write(task: index, layout, into: buffer, at: 0)
      let example = task.surfaces[index].example
      for start in (0..<6).map({ layout.supportInputs + 6 * $0 })
        + (0..<3).map({ layout.queryInputs + 6 * $0 })
      {
        #expect(buffer.values(start..<start + 6) == example)
      }
      let targets = layout.supportTargets..<layout.supportTargets + 12
      #expect(buffer.values(targets) == [Float](repeating: 0, count: 12))
    }
  }

  @Test func surfacesAreReadFromAFileOrRefused() throws {
    func file(_ change: (inout TensorFile) -> Void) -> TensorFile {
      var file = TensorFile(metadata: [:])
      change(&file)
      return file
    }
    func complete(_ file: inout TensorFile, angles: [Float] = [0, 1], scale: Float = 1) {
      file.append("toy.targets", shape: [2, 2], floats: [1, 2, 3, 4])
      file.append("toy.angles", shape: [angles.count], floats: angles)
      file.append("toy.coefficients", shape: [2], floats: [0.5, scale])
    }
    let surfaces = try Landscape.surfaces(of: file { complete(&$0) })
    #expect(
      surfaces == [
        .init(centre: (1, 2), angle: 0, coefficients: (0.5, 1)),
        .init(centre: (3, 4), angle: 1, coefficients: (0.5, 1)),
      ]
    )
    for (damaged, words) in [
      (file { _ in }, "no tensor toy.targets"),
      (file { complete(&$0, angles: [0]) }, "toy.targets has shape [2, 2]; for 1 surfaces"),
      (file { complete(&$0, angles: [0, .nan]) }, "a value that is not a number"),
      (file { complete(&$0, scale: -1) }, "a coefficient below 0"),
    ] {
      do {
        _ = try Landscape.surfaces(of: damaged)
        Issue.record("\(words): not refused")
      } catch {
        #expect("\(error)".contains(words), "\(error)")
      }
    }
  }
}
