import Files
import Kernels
import Tasks
import Testing

@Suite("Glyphs")
struct GlyphsTests {
  private static let seed: UInt64 = 2015

  @Test("Episodes keep the image contract", arguments: [(5, 1, 15), (20, 1, 2), (2, 5, 3)])
  func contract(way: Int, shot: Int, queryShot: Int) async throws {
    let task = try ImageTask(glyphs: GlyphParameters(), way: way)
    await expectContract(task, shot: shot, queryShot: queryShot, seed: 7)
    #expect(task.obstacle(shot: shot, queryShot: queryShot) == nil)
    #expect(task.defaults.way == 5 && task.defaults.queryShot == 15 && task.isClassification)
  }

  @Test("Splits are whole alphabets: 32, 5 and 13 of 50")
  func splits() throws {
    let task = try ImageTask(glyphs: GlyphParameters(), way: 5)
    #expect(MetaSplit.allCases.map { task.splits[$0].count } == [1039, 163, 421])
    let groups = MetaSplit.allCases.map { split in
      Set(task.splits[split].map { task.collection.classes[$0.index].group })
    }
    #expect(groups.map(\.count) == [32, 5, 13])
    #expect(groups[0].union(groups[1]).union(groups[2]).count == 50)
    #expect(Set(task.collection.classes.map(\.name)).count == 1623)
  }

  @Test("A picture depends on its own numbers alone, whatever is drawn before it")
  func onDemand() throws {
    let glyphs = try Glyphs()
    let buffer = AlignedBuffer(count: 3 * glyphs.shape.count)
    let wanted = ImageReference(classIndex: 1600, example: 19)
    glyphs.write([wanted], into: buffer, at: 0)
    glyphs.write([ImageReference(classIndex: 3, example: 4), wanted], into: buffer, at: 784)
    #expect(buffer.values(0..<784) == buffer.values(1568..<2352))
    #expect(buffer.values(0..<784) != buffer.values(784..<1568))
    #expect(glyphs.name(of: wanted) == "alphabet50/character10/20")
  }

  @Test("Within an alphabet, an episode's classes share it")
  func withinAlphabet() throws {
    var parameters = GlyphParameters()
    parameters.withinAlphabet = true
    let task = try ImageTask(glyphs: parameters, way: 10)
    let layout = task.layout(shot: 1, queryShot: 1)
    for number in UInt64(0)..<20 {
      let names = task.episodeImages(.metaTest, layout, stream: RandomStream(seed: number))
      #expect(Set(names.classNames.map { $0.prefix(10) }).count == 1)
    }
    #expect(throws: DatasetError.self) { try ImageTask(glyphs: parameters, way: 40) }
  }

  @Test("Ink and difficulty are those of the calibrated prototype")
  func statistics() throws {
    let seed = Self.seed
    var parameters = GlyphParameters()
    parameters.seed = seed
    let task = try ImageTask(glyphs: parameters, way: 5)
    let (ink, accuracy) = nearestNeighbour(task, episodes: 250, seed: seed)
    print("glyphs: ink \(ink), pixel 1-NN 5-way 1-shot \(accuracy), seed \(seed)")
    #expect(abs(ink - 0.066) < 0.008, "ink fraction \(ink); seed \(seed)")
    #expect(abs(accuracy - 0.485) < 0.03, "pixel 1-NN \(accuracy); seed \(seed)")
  }

  @Test("Jitter is a knob for hardness", arguments: [(Float(0.6), 0.685), (1.5, 0.344)])
  func jitter(amount: Float, expected: Double) throws {
    let seed = Self.seed
    var parameters = GlyphParameters()
    (parameters.seed, parameters.jitter) = (seed, amount)
    let task = try ImageTask(glyphs: parameters, way: 5)
    let accuracy = nearestNeighbour(task, episodes: 200, seed: seed).accuracy
    print("glyphs, jitter \(amount): pixel 1-NN \(accuracy), seed \(seed)")
    #expect(abs(accuracy - expected) < 0.05, "pixel 1-NN \(accuracy); seed \(seed)")
  }

  @Test("Impossible parameters are refused with a sentence")
  func refusals() {
    var parameters = GlyphParameters()
    parameters.examples = 1
    #expect(throws: DatasetError.self) { try Glyphs(parameters) }
    parameters = GlyphParameters()
    parameters.jitter = .nan
    let error = #expect(throws: DatasetError.self) { try Glyphs(parameters) }
    #expect(error?.description == "glyphs: jitter nan; use 0 to 10")
    #expect(throws: DatasetError.self) { try ImageTask(glyphs: GlyphParameters(), way: 200) }
    #expect(throws: DatasetError.self) { try ImageTask(glyphs: GlyphParameters(), way: 1) }
  }

  @Test("More images than a class has are refused before an episode is drawn")
  func obstacle() throws {
    let task = try ImageTask(glyphs: GlyphParameters(), way: 5)
    let obstacle = try #require(task.obstacle(shot: 10, queryShot: 11))
    #expect(obstacle.description.contains("has 20 usable images"))
    #expect(obstacle.description.contains("need 21"))
  }

  /// The share of ink, and how often the support picture with the largest cosine has the query's class.
  private func nearestNeighbour(
    _ task: ImageTask,
    episodes: Int,
    seed: UInt64
  ) -> (ink: Double, accuracy: Double) {
    var (ink, hits, queries) = (0.0, 0, 0)
    for number in 0..<episodes {
      let stream = RandomStream(seed: seed).split(UInt64(number))
      let episode = SampledEpisode(task, .metaTrain, shot: 1, queryShot: 5, stream: stream)
      for position in 0..<episode.layout.queryCount {
        let query = Array(episode.query(position))
        let likenesses = (0..<task.way).map { cosine(query, Array(episode.support($0))) }
        let nearest = likenesses.indices.max { likenesses[$0] < likenesses[$1] }
        if nearest == position / 5 { hits += 1 }
        ink += Double(query.reduce(0, +)) / Double(query.count)
        queries += 1
      }
    }
    return (ink / Double(queries), Double(hits) / Double(queries))
  }

  /// The cosine of two binary pictures, but for the query's length, which all comparisons share.
  private func cosine(_ query: [Float], _ support: [Float]) -> Float {
    var (both, ink): (Float, Float) = (0, 0)
    for index in 0..<query.count {
      both += query[index] * support[index]
      ink += support[index]
    }
    return both / max(ink, 1).squareRoot()
  }
}
