import Files
import Kernels
import Tasks
import Testing
import Training

@Suite("Episodes from a file")
struct RecordedEpisodeTests {
  /// Two steps of two 2-way episodes, 2 pictures a class in the support set and 1 in the query set,
  /// each picture of a brightness of its own unless `change` gives it another's.
  private func file(
    _ change: (inout [[Float]], inout [[Float]]) -> Void = { _, _ in }
  ) -> TensorFile {
    var support = (0..<16).map { [Float](repeating: Float($0) / 100, count: 784) }
    var query = (0..<8).map { [Float](repeating: 0.5 + Float($0) / 100, count: 784) }
    change(&support, &query)
    var file = TensorFile()
    file.append("support.inputs", shape: [2, 2, 4, 1, 28, 28], floats: support.flatMap { $0 })
    file.append("query.inputs", shape: [2, 2, 2, 1, 28, 28], floats: query.flatMap { $0 })
    file.append("support.targets", shape: [2, 2, 4], integers: (0..<16).map { $0 / 2 % 2 })
    file.append("query.targets", shape: [2, 2, 2], integers: (0..<8).map { $0 % 2 })
    return file
  }

  private func read(_ file: TensorFile) throws -> RecordedEpisodes {
    try RecordedEpisodes(file, for: try ImageTask(glyphs: GlyphParameters(), way: 2))
  }

  @Test("A picture in support and query is refused with step and episode")
  func leak() throws {
    #expect(try read(file()).stepLimit == 2)
    let error = #expect(throws: SafetensorsError.self) {
      // The third episode's is the first of step 2.
      try read(file { support, query in query[5] = support[10] })
    }
    #expect(
      error?.reason
        == "in step 2, episode 1, picture 2 of the query set is also picture 3 of the support set; "
        + "the sets must have no picture in common"
    )
  }

  @Test("Pictures that differ in one number, or come again in another episode, are none of it")
  func noLeak() throws {
    let almost = file { support, query in
      query[5] = support[10]
      query[5][783] += 0.001
    }
    #expect(try read(almost).stepLimit == 2)
    #expect(try read(file { support, query in query[2] = support[0] }).metaBatchSize == 2)
    #expect(try read(file { support, _ in support[1] = support[0] }).metaBatchSize == 2)
  }
}
