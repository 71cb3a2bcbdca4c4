import Events
import Models
import Testing

@testable import MetaLearning

/// What the methods of function space say of settings and networks that they cannot have.
@Suite struct FunctionSpaceTests {
  private static let model = MLP(inputs: 1, hidden: [6, 5], outputs: 1)

  private func settings(
    _ method: any Method,
    _ chosen: [String: Double]
  ) throws
    -> HyperparameterValues
  {
    var values = HyperparameterValues(method.hyperparameters(for: Self.model))
    for (id, value) in chosen { try values.set(id, to: value) }
    return values
  }

  @Test func tooFewDoublingsAreToldWithTheNumber() throws {
    let method = MetaRKHSII()
    let values = try settings(method, ["doublings": 16, "flow-time": 1_000])
    #expect(method.advice(["doublings_needed": 16], values) == nil)
    let few = try #require(method.advice(["doublings_needed": 18], values))
    #expect(few.contains("16 are too few") && few.contains("--set doublings=18"))
    // No number is enough: the time is offered.
    let none = try #require(method.advice(["doublings_needed": 33], values))
    #expect(none.contains("flow-time of at most 125") && none.contains("too large"))
  }

  /// A stage with a spectrum that four doublings do not reach measures that more are needed.
  @Test func neededDoublingsAreMeasured() throws {
    let method = MetaRKHSII()
    let stage = try MethodStage(
      method,
      model: Self.model,
      ["doublings": 4, "flow-time": 1_000]
    )
    let keys = method.declaredProbes(for: Self.model, stage.values).map(\.key)
    let measured = Dictionary(uniqueKeysWithValues: zip(keys, stage.probes().values))
    let needed = try #require(measured["doublings_needed"])
    #expect(needed > 4 && needed < 30)
    #expect(method.advice(measured, stage.values)?.contains("doublings=\(Int(needed))") == true)
  }

  /// The learned time of a flow may outgrow its doublings, too.
  @Test func neededDoublingsOfALearnedTimeAreMeasured() throws {
    let method = COMLN()
    let stage = try MethodStage(
      method,
      model: Self.model,
      ["doublings": 4, "initial-time": 100]
    )
    let keys = method.declaredProbes(for: Self.model, stage.values).map(\.key)
    var measured = Dictionary(uniqueKeysWithValues: zip(keys, stage.probes().values))
    let needed = try #require(measured["doublings_needed"])
    #expect(needed >= 0 && needed < 30)
    measured["doublings_needed"] = 9
    #expect(
      method.advice(measured, stage.values)?.contains("use --set doublings=9 or more") == true
    )
    measured["doublings_needed"] = 33
    #expect(method.advice(measured, stage.values)?.contains("so that T stays shorter") == true)
    measured["doublings_needed"] = 4
    #expect(method.advice(measured, stage.values) == nil)
  }

  /// A period that no cycle reaches is told with the number that would do.
  @Test func aPeriodBeyondTheCycleIsTold() throws {
    let method = ContinualTrajectoryShifting()
    let long = try settings(method, ["horizon": 10, "shift-period": 11])
    #expect(method.advice([:], long)?.contains("--set shift-period=10 or fewer") == true)
    #expect(method.advice([:], try settings(method, ["horizon": 10, "shift-period": 10])) == nil)
  }

  /// The bound's own value or the word.
  @Test func aSwitchIsSetOffByTheWord() throws {
    let descriptor = MetaRKHSI.bound
    #expect(try descriptor.parse("off") == descriptor.offValue)
    #expect(try descriptor.parse("0.3") == 0.3)
    #expect(throws: HyperparameterError.self) { try MetaRKHSI.steepness.parse("off") }
  }

  @Test(arguments: [MetaRKHSI() as any Method, MetaRKHSII(), AMFS()])
  func picturesAreRefused(_ method: any Method) throws {
    let pictures = ConvNet(height: 28, width: 28, inputChannels: 1, channels: 8, outputs: 5)
    let refusal = try #require(method.refusal(of: pictures))
    #expect(refusal.contains("--model mlp") && refusal.contains(pictures.name))
    #expect(method.refusal(of: Self.model) == nil)
    #expect(!method.tasks.contains(.classification))
  }
}

@Suite struct GradientQualityTests {
  @Test func cosineAndRatioAreThoseOfTheVectors() {
    let quality = GradientQuality(own: [3, 0, 4], exact: [0, 0, 2])
    #expect(abs(quality.cosine - 0.8) < 1e-12 && abs(quality.normRatio - 2.5) < 1e-12)
    let none = GradientQuality(own: [0, 0], exact: [1, 2])
    #expect(none.cosine == 0 && none.normRatio == 0)
  }

  /// It is measured where a method says that it approximates, on small perceptrons, and nowhere else.
  @Test(arguments: CatalogEntry.all)
  func approximationsAloneAreMeasured(_ entry: CatalogEntry) throws {
    let model = MLP(inputs: 1, hidden: [6, 5], outputs: 1)
    let values = HyperparameterValues(entry.method.hyperparameters(for: model))
    let isMeasured = GradientQuality.isMeasured(entry.method, model, values)
    #expect(!isMeasured || !entry.method.isMetaGradientExact(values))
    let large = MLP(inputs: 1, hidden: [300, 300], outputs: 1)
    #expect(!GradientQuality.isMeasured(entry.method, large, values))
    let count = entry.method.declaredProbes(for: model, values).count
    let own = entry.method.probes(for: model, values).count
    #expect(count == own + (isMeasured ? GradientQuality.probes.count : 0))
  }
}
