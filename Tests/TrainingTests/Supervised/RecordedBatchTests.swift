import Files
import Kernels
import MetaLearning
import Models
import Tasks
import Testing

@testable import Training

@Suite("Batches of joint training from a file")
struct RecordedBatchTests {
  private static let (steps, tasks, batch, side, width) = (2, 2, 3, 16, 4)

  /// Two tasks of two and three classes; every picture of a brightness of its own.
  private static func file(_ change: (inout TensorFile) -> Void = { _ in }) -> TensorFile {
    var file = TensorFile(path: "batches")
    let count = steps * tasks * batch
    for (number, half) in ["train", "valid"].enumerated() {
      file.append(
        "\(half).inputs",
        shape: [steps, tasks, batch, 1, side, side],
        floats: (0..<count).flatMap { picture -> [Float] in
          let ground = Float(picture * 2 + number) / 100
          return (0..<side * side).map { place -> Float in ground + Float(place % 7) / 10 }
        }
      )
      file.append(
        "\(half).targets",
        shape: [steps, tasks, batch],
        integers: (0..<count).map { place -> Int in place % 3 % (place / batch % tasks + 2) }
      )
      for site in 1...4 {
        file.append(noise(half, site), shape: noiseShape(site), floats: numbers(site, number))
      }
    }
    change(&file)
    return file
  }

  private static func noise(_ half: String, _ site: Int) -> String {
    "draws.noise.\(half).block\(site)"
  }

  private static func noiseShape(_ site: Int) -> [Int] {
    [steps, tasks, batch, width, side >> (site - 1), side >> (site - 1)]
  }

  private static func numbers(_ site: Int, _ half: Int) -> [Float] {
    (0..<noiseShape(site).reduce(1, *)).map { Float(($0 * 7 + site + half * 3) % 23) / 10 - 1 }
  }

  private static func training(_ file: TensorFile) throws -> SupervisedTraining {
    let batches = try RecordedBatches(file)
    let models = batches.classCounts.map { count in
      ConvNet(height: side, width: side, inputChannels: 1, channels: width, outputs: count)
    }
    var values = HyperparameterValues(SupervisedMethod.joint.hyperparameters(for: models[0]))
    try values.set("batch", to: Double(batches.batch))
    return try SupervisedTraining(.joint, batches, models: models, values, noise: file)
  }

  @Test func tasksHaveTheirClassesAndPictures() throws {
    let training = try Self.training(Self.file())
    #expect(training.tasks.map(\.model.outputCount) == [2, 3])
    #expect(training.setting == "2 tasks of 2 to 3 classes, 12 training images")
    let pictures = training.tasks[1].heldOut
    #expect(pictures.labels == [0, 1, 2, 0, 1, 2])
    let source = BatchSource(training.recorded, task: 1, seed: 0)
    let buffer = AlignedBuffer(count: 3 * 256)
    let batch = source.batch(of: pictures, count: 3, .heldOut, step: 1)
    pictures.write(batch, into: buffer, inputs: 0, targets: 3 * 256 - 9)
    // The tenth picture of the half.
    #expect(buffer[0] == Float(9 * 2 + 1) / 100)
  }

  @Test func noiseComesChannelsLastToWhereThePlanReadsIt() throws {
    let training = try Self.training(Self.file())
    var values = HyperparameterValues(
      SupervisedMethod.joint.hyperparameters(for: training.tasks[0].model)
    )
    try values.set("batch", to: 3)
    let plan = training.setup(training.tasks[0], values).sharedPlan()
    let sites = training.tasks[0].model.sites.map(\.name)
    let memory = WorkerMemory(Workspace(), episodeCount: 1, noiseCount: plan.noiseCount)
    let source = BatchSource(training.recorded, task: 1, seed: 0)
    source.draw(plan, sites: sites, .heldOut, step: 1, into: memory)
    var written: [Float] = []
    memory.write { buffer in written = (0..<buffer.count).map { buffer[$0] } }
    #expect(!plan.draws.sites.isEmpty)
    for (site, draw) in plan.draws.sites.enumerated() {
      #expect(draw.site == site)
      let stored = Self.numbers(site + 1, 1)
      let (size, start) = (draw.shape.count, 3 * draw.shape.count)
      let pixels = size / Self.batch / Self.width
      // Picture 2, channel 3, the last pixel.
      let place = start + (1 * Self.width + 2) * pixels + pixels - 1
      let own = draw.offset + (1 * pixels + pixels - 1) * Self.width + 2
      #expect(written[own] == stored[place])
    }
  }

  @Test func withoutNoiseItIsDrawnByTheSeed() throws {
    let bare = Self.file { file in
      file = file.renamed { $0.hasPrefix("draws.") ? nil : $0 }
    }
    let training = try Self.training(bare)
    #expect(training.recorded != nil && training.recorded?.noise == nil)
  }

  /// The file with another tensor in one's place.
  private static func replacing(_ name: String, _ shape: [Int], _ floats: [Float]) -> TensorFile {
    file { file in
      file = file.renamed { $0 == name ? nil : $0 }
      file.append(name, shape: shape, floats: floats)
    }
  }

  private static func labels(_ name: String, _ shape: [Int], _ labels: [Int]) -> TensorFile {
    file { file in
      file = file.renamed { $0 == name ? nil : $0 }
      file.append(name, shape: shape, integers: labels)
    }
  }

  private static func without(_ name: String) -> TensorFile {
    file { file in file = file.renamed { $0 == name ? nil : $0 } }
  }

  private static var damaged: [(TensorFile, String)] {
    let inputs = [steps, tasks, batch, 1, side, side]
    let count = inputs.reduce(1, *)
    let pictures = (0..<count).map { Float($0) }
    var holed = pictures
    holed[300] = .nan
    var episodes = TensorFile(path: "batches")
    episodes.append("support.inputs", shape: [1, 1, 1, 1], floats: [0])
    var draws = numbers(2, 0)
    draws[5] = .infinity
    var copy = (0..<count).map { 1000 + Float($0) }
    // The fourth picture of the second task, second step, in the place of the first step's second.
    let from = (3 * batch) * side * side
    let training = file().renamed { $0 == "train.inputs" ? $0 : nil }
    let seen = (try? training.floats(named: "train.inputs")) ?? []
    copy.replaceSubrange(4 * 256..<5 * 256, with: seen[from..<from + 256])
    return [
      (episodes, "holds episodes (support.inputs), and protocol=joint learns from batches; give"),
      (TensorFile(path: "batches"), "there is no tensor train.inputs; joint training needs train."),
      (without("valid.targets"), "there is no tensor valid.targets; joint training needs train."),
      (
        replacing("train.inputs", [2, 2, 3, 256], pictures),
        "train.inputs has shape [2, 2, 3, 256]; it must be [steps, tasks, pictures, channels, height, "
          + "width], none 0"
      ),
      (
        replacing("valid.inputs", [1, 2, 6, 1, 16, 16], pictures),
        "valid.inputs has shape [1, 2, 6, 1, 16, 16]; it must be [2, 2, 3, 1, 16, 16], as train.inputs "
          + "has"
      ),
      (
        labels("train.targets", [2, 3, 2], (0..<12).map { $0 % 2 }),
        "train.targets has shape [2, 3, 2]; it must be [2, 2, 3], as train.inputs has"
      ),
      (
        labels("valid.targets", [2, 2, 3], (0..<12).map { $0 - 1 }),
        "valid.targets holds class -1; use 0 to N − 1 for N classes of a task, at most 10000"
      ),
      (
        file { file in
          file = file.renamed { $0.hasSuffix("targets") ? nil : $0 }
          for half in ["train", "valid"] {
            file.append("\(half).targets", shape: [2, 2, 3], integers: (0..<12).map { $0 / 3 % 2 })
          }
        },
        "task 1 has class 0 alone, which leaves nothing to tell apart; use 2 or more classes"
      ),
      (
        replacing("valid.inputs", inputs, holed),
        "valid.inputs has NaN, which is no number, at [0, 0, 1, 0, 2, 12]; give pictures that are all "
          + "finite numbers"
      ),
      (
        replacing("valid.inputs", inputs, copy),
        "picture 2 of task 2 in step 1 of valid.inputs is also picture 1 in step 2 of train.inputs; a "
          + "task's halves must have no picture in common"
      ),
      (
        without(noise("valid", 3)),
        "there is no tensor draws.noise.valid.block3, but draws.noise.train.block1; give the noise of "
          + "every site of Conv4-4 16×16×1 for both halves, or none to have it drawn"
      ),
      (
        replacing(noise("train", 1), [2, 2, 3, 4, 8, 8], [Float](repeating: 0, count: 3072)),
        "draws.noise.train.block1 has shape [2, 2, 3, 4, 8, 8]; for Conv4-4 16×16×1 it must be [2, 2, 3, "
          + "4, 16, 16]"
      ),
      (
        replacing(noise("train", 2), noiseShape(2), draws),
        "draws.noise.train.block2 has an infinity at [0, 0, 0, 0, 0, 5]; give draws that are all"
      ),
      (
        replacing(noise("train", 9), [1], [0]),
        "draws.noise.train.block9 belongs to no site of Conv4-4 16×16×1; its sites are block1, block2, "
          + "block3, block4"
      ),
    ]
  }

  @Test func whatDoesNotFitIsSaid() throws {
    for (file, sentence) in Self.damaged {
      let error = #expect(throws: SafetensorsError.self) { try Self.training(file) }
      #expect(error?.reason.hasPrefix(sentence) == true, "\(error?.reason ?? "no error")")
      #expect(error?.path == "batches")
    }
  }

  @Test func oneClassOrPictureIsTooFew() throws {
    var file = TensorFile(path: "batches")
    for half in ["train", "valid"] {
      file.append("\(half).inputs", shape: [1, 1, 1, 1, 16, 16], floats: (0..<256).map(Float.init))
      file.append("\(half).targets", shape: [1, 1, 1], integers: [1])
    }
    let error = #expect(throws: SafetensorsError.self) { try RecordedBatches(file) }
    #expect(
      error?.reason.hasPrefix("train.inputs has batches of one picture, which have no") == true
    )
  }
}
