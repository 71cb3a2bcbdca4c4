import Events
import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

/// Training on nodes: what an episode computes is what the whole graph would give, in whatever shapes.
@Suite struct NodeTests {
  private func configuration(
    _ method: any Method = MAML(),
    threads: Int = 1,
    task: any TaskDistribution = Communities(),
    _ settings: [String: Double] = [:]
  ) throws -> RunConfiguration {
    let layout = task.layout(shot: 2, queryShot: 2)
    let model = GCN(inputs: layout.inputShape[0], width: 8, outputs: layout.targetCount)
    var values = HyperparameterValues(method.hyperparameters(for: model))
    let own = ["inner-steps": 2, "inner-lr": 0.1, "first-order": 1].merging(settings) { $1 }
    for (id, value) in own where values.descriptor(id) != nil { try values.set(id, to: value) }
    return RunConfiguration(
      method: method,
      model: model,
      distribution: task,
      values: values,
      shot: 2,
      queryShot: 2,
      totalSteps: 4,
      metaBatchSize: 3,
      seed: 71,
      threads: threads,
      evaluateEvery: 2,
      evaluationEpisodes: 4,
      testEpisodes: 3,
      probeEvery: 2
    )
  }

  private func trained(_ configuration: RunConfiguration) throws -> [UInt32] {
    let session = try TrainingSession(
      id: RunID(0),
      configuration: configuration,
      team: WorkerTeam(count: configuration.threads),
      save: { _, _, _ in },
      post: { _ in }
    )
    for _ in 0..<configuration.totalSteps { session.run(limit: 1) { false } }
    return session.episodicState.bits
  }

  @Test func anyNumberOfThreadsHasTheSameBits() throws {
    let one = try trained(try configuration(threads: 1))
    let two = try trained(try configuration(threads: 2))
    #expect(one == two)
  }

  /// Every method that says it learns nodes makes steps and scores episodes on them.
  @Test(arguments: CatalogEntry.all.filter { $0.method.tasks.contains(.nodes) })
  func methodTrainsOnNodes(_ entry: CatalogEntry) throws {
    var values: [String: Double] = [:]
    if entry.method is any TrajectoryMethod { values = ["horizon": 4] }
    let run = try configuration(entry.method, values)
    #expect(run.refusal == nil, "\(run.refusal ?? "")")
    let bits = try trained(run)
    #expect(bits.allSatisfy { Float(bitPattern: $0).isFinite })
    #expect(Set(bits).count > 8)
  }

  /// The smaller shapes are the larger ones without rows that nobody sees.
  @Test(arguments: [[], .neighbours, .subgraphs, [.neighbours, .subgraphs]] as [GraphRequest])
  func shapesDoNotChangeNumbers(_ request: GraphRequest) throws {
    let task = Communities().reading(GraphReading(parts: request))
    let layouts = task.layouts(shot: 2, queryShot: 2)
    #expect(layouts.count > 1)
    #expect(Set(layouts.map(\.count)).count == 1)
    let run = try configuration()
    var outputs: [[Float]] = []
    for layout in [layouts[0], layouts[layouts.count - 1]] {
      let plan = run.setup(layout).predictionPlan(run.values)
      outputs.append(try predicted(plan, task, layouts, run))
    }
    let areFinite = outputs[0].allSatisfy { $0.isFinite }
    #expect(areFinite)
    for (small, large) in zip(outputs[0], outputs[1]) {
      #expect(abs(small - large) < 1e-5 * max(1, abs(large)))
    }
  }

  private func predicted(
    _ plan: EpisodePlan,
    _ task: any TaskDistribution,
    _ layouts: [EpisodeLayout],
    _ run: RunConfiguration
  ) throws -> [Float] {
    let setup = run.setup(layouts[0])
    let parameters = AlignedBuffer(count: setup.parameters.count)
    setup.parameters.initialise(parameters, stream: RandomStream(seed: 5))
    let settings = AlignedBuffer(count: setup.settingCount(run.values))
    for (index, descriptor) in run.values.descriptors.enumerated() {
      settings[run.values.settingOffset(index)] = Float(run.values.number(descriptor.id))
    }
    let episode = AlignedBuffer(count: layouts[0].count)
    // An episode that the smallest shapes hold.
    let stream = try #require(
      (0..<200 as Range<UInt64>).lazy.map { RandomStream(seed: 9).split($0) }.first { stream in
        task.sample(.metaTrain, layouts[0], stream: stream, into: episode, at: 0)
        return layouts[0].holds(episode)
      }
    )
    task.sample(.metaTrain, layouts[0], stream: stream, into: episode, at: 0)
    let workspace = Workspace()
    let results = AlignedBuffer(count: plan.resultCount)
    workspace.bind(.parameters, to: parameters)
    workspace.bind(.settings, to: settings)
    workspace.bind(.episode, to: episode)
    workspace.bind(.results, to: results)
    plan.plan.program.replay(in: workspace)
    return plan.outputs.flatMap { results.values($0) }
  }

  /// Logits of the rows seen against the whole graph in plain loops.
  @Test(arguments: [false, true])
  func rowsSeenAreExact(isSymmetric: Bool) throws {
    let graph = Communities.graph(RandomStream(seed: 3))
    let view = NodeView(graph, GraphReading(isSymmetric: isSymmetric))
    let layout = view.layout(way: 2, shot: 1, queryShot: 2)
    let nodes = [5, 100, 200, 300]
    let forms = try #require(layout.nodes)
    let episode = AlignedBuffer(count: layout.count)
    view.write([1, 70], as: forms.support, into: episode, at: layout.supportInputs)
    view.write(nodes, as: forms.query, into: episode, at: layout.queryInputs)
    let run = try configuration()
    let setup = run.setup(layout)
    let (logits, parameter) = try outputs(setup, run, episode)
    let wanted = WholeGraph(graph, isSymmetric: isSymmetric).logits(parameter)
    for (place, node) in nodes.enumerated() {
      for label in 0..<2 {
        let own = Double(logits[place * 2 + label])
        #expect(abs(own - wanted[node * 2 + label]) < 1e-5, "node \(node)")
      }
    }
  }
}

extension NodeTests {
  /// A node's own graph is what is left of the whole when all else is cut off.
  ///
  /// Outputs are compared with plain loops; the set has a node of many neighbours, and one twice.
  @Test(arguments: [false, true], [false, true])
  func cutsAreExact(isSymmetric: Bool, isSparse: Bool) throws {
    let dense = Communities.graph(RandomStream(seed: 3))
    guard case .dense(let numbers) = dense.features else { return }
    let rows = SparseRows(
      starts: (0...Int32(dense.nodeCount)).map { $0 * Int32(dense.featureCount) },
      columns: numbers.indices.map { Int32($0 % dense.featureCount) },
      values: numbers
    )
    var edges: (from: [Int32], to: [Int32]) = ([], [])
    for node in 0..<dense.nodeCount {
      for place in dense.range(node) where dense.neighbours[place] > node {
        edges.from.append(Int32(node))
        edges.to.append(dense.neighbours[place])
      }
    }
    let graph = FeatureGraph(
      edges: edges,
      features: isSparse ? .sparse(rows) : dense.features,
      featureCount: dense.featureCount,
      labels: dense.labels
    )
    let view = NodeView(graph, GraphReading(isSymmetric: isSymmetric, parts: .subgraphs))
    let layout = view.layout(way: 2, shot: 1, queryShot: 2)
    let nodes = [5, 100, 100, 300]
    let forms = try #require(layout.nodes)
    let episode = AlignedBuffer(count: layout.count)
    view.write([1, 70], as: forms.support, into: episode, at: layout.supportInputs)
    view.write(nodes, as: forms.query, into: episode, at: layout.queryInputs)
    let run = try configuration()
    let setup = run.setup(layout)
    let (outputs, parameter) = try outputs(setup, run, episode)
    for (place, node) in nodes.enumerated() {
      let wanted = WholeGraph(dense, isSymmetric: isSymmetric).ownLogits(node, parameter)
      for label in 0..<2 {
        let own = Double(outputs[place * 2 + label])
        #expect(abs(own - wanted[label]) < 1e-5, "node \(node): \(own), wanted \(wanted[label])")
      }
    }
  }

  /// The query set's logits before adaptation, and the network's parameters by name.
  private func outputs(
    _ setup: EpisodeSetup,
    _ run: RunConfiguration,
    _ episode: AlignedBuffer
  ) throws -> ([Float], (String) -> [Double]) {
    let plan = setup.predictionPlan(run.values)
    let parameters = AlignedBuffer(count: setup.parameters.count)
    setup.parameters.initialise(parameters, stream: RandomStream(seed: 5))
    let workspace = Workspace()
    let results = AlignedBuffer(count: plan.resultCount)
    workspace.bind(.parameters, to: parameters)
    workspace.bind(.settings, to: AlignedBuffer(count: setup.settingCount(run.values)))
    workspace.bind(.episode, to: episode)
    workspace.bind(.results, to: results)
    plan.plan.program.replay(in: workspace)
    return (
      results.values(plan.outputs[0]),
      { name in
        let index = setup.parameters.specifications.firstIndex { $0.name == name } ?? 0
        return parameters.values(setup.parameters.range(index)).map(Double.init)
      }
    )
  }

  /// What no memory can address is refused with a sentence instead of being laid out.
  @Test func neighbourhoodsThatNoMemoryHoldsAreRefused() throws {
    // A star: every node sees all others in two steps.
    let count: Int32 = 9_000
    let graph = FeatureGraph(
      edges: ([Int32](repeating: 0, count: Int(count) - 1), Array(1..<count)),
      features: .dense([Float](repeating: 1, count: Int(count) * 100)),
      featureCount: 100,
      labels: (0..<count).map { $0 % 6 }
    )
    let stored = StoredGraph(graph: graph, path: "star", classNames: (0..<6).map { "c\($0)" })
    var options = NodeOptions()
    (options.train, options.validation) = (.listed(["c0", "c1"]), .listed(["c2", "c3"]))
    options.test = .listed(["c4", "c5"])
    let task = try NodeTask(stored, name: "star", options: options)
    #expect(task.obstacle(shot: 2, queryShot: 2) == nil)
    let own = task.reading(GraphReading(parts: .subgraphs))
    let problem = own.obstacle(shot: 2, queryShot: 2)?.description ?? ""
    #expect(
      problem.contains("20 nodes of an episode see may take 18,000,000 numbers"),
      "\(problem)"
    )
    let refusal = try configuration(GMeta(), task: task).refusal
    #expect(refusal == problem)
  }
}

/// A two-layer network on a whole graph in double precision.
private struct WholeGraph {
  let graph: FeatureGraph
  let isSymmetric: Bool

  init(_ graph: FeatureGraph, isSymmetric: Bool) {
    (self.graph, self.isSymmetric) = (graph, isSymmetric)
  }

  private func propagated(_ x: [Double], _ width: Int) -> [Double] {
    var y = [Double](repeating: 0, count: x.count)
    for node in 0..<graph.nodeCount {
      let own = Double(graph.degree(node))
      for other in graph.neighbours[graph.range(node)].map({ Int($0) }) + [node] {
        let weight = isSymmetric ? 1 / (own * Double(graph.degree(other))).squareRoot() : 1 / own
        for column in 0..<width { y[node * width + column] += weight * x[other * width + column] }
      }
    }
    return y
  }

  private func linear(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
    let (outputs, inputs) = (bias.count, weight.count / bias.count)
    return (0..<x.count / inputs * outputs).map { place in
      let (row, column) = place.quotientAndRemainder(dividingBy: outputs)
      return (0..<inputs).reduce(bias[column]) {
        $0 + x[row * inputs + $1] * weight[$1 * outputs + column]
      }
    }
  }

  /// Of a node whose graph is what it sees in two steps.
  func ownLogits(_ node: Int, _ parameter: (String) -> [Double]) -> [Double] {
    var isIn = [Bool](repeating: false, count: graph.nodeCount)
    func near(_ node: Int) -> [Int] { graph.neighbours[graph.range(node)].map { Int($0) } + [node] }
    for other in near(node) { for far in near(other) { isIn[far] = true } }
    guard case .dense(let features) = graph.features else { return [] }
    func cut(_ x: [Double], _ width: Int) -> [Double] {
      x.enumerated().map { isIn[$0 / width] ? $1 : 0 }
    }
    func layer(_ x: [Double], _ name: String) -> [Double] {
      linear(x, parameter(name + ".weight"), parameter(name + ".bias"))
    }
    let width = parameter("body.layer1.bias").count
    let first = propagated(cut(features.map(Double.init), graph.featureCount), graph.featureCount)
    let hidden = cut(layer(first, "body.layer1").map { max($0, 0) }, width)
    let second = layer(propagated(hidden, width), "body.layer2")
    let count = Double(isIn.count { $0 })
    let mean = (0..<width).map { column in
      (0..<graph.nodeCount).reduce(0) { isIn[$1] ? $0 + second[$1 * width + column] / count : $0 }
    }
    return layer(mean, "head")
  }

  func logits(_ parameter: (String) -> [Double]) -> [Double] {
    guard case .dense(let features) = graph.features else { return [] }
    func layer(_ x: [Double], _ name: String) -> [Double] {
      linear(x, parameter(name + ".weight"), parameter(name + ".bias"))
    }
    let width = parameter("body.layer1.bias").count
    let first = propagated(features.map(Double.init), graph.featureCount)
    let hidden = layer(first, "body.layer1").map { max($0, 0) }
    return layer(layer(propagated(hidden, width), "body.layer2"), "head")
  }
}
