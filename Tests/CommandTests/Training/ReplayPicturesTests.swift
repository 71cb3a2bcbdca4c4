import Events
import Files
import Foundation
import Recording
import Tasks
import TestSupport
import Testing

@testable import Experiments
@testable import Training
@testable import metatop

/// What a replay shows of an episode: the pictures, where the data are still the run's.
@Suite struct ReplayPicturesTests {
  private let folder: TemporaryFolder
  private let pictures: GreyPictures

  init() throws {
    folder = try TemporaryFolder()
    pictures = try GreyPictures(folder, "d", classes: 8, images: 4)
  }

  private func trained(_ task: String) throws -> String {
    let line =
      "train --task \(task) --way 2 --shot 1 --query 2 --width 8 --threads 1 --meta-batch 1 --steps 2 "
      + "--evaluate-every 1 --evaluation-episodes 2 --methods maml --out r"
    let program = try Program.run(line.split(separator: " ").map(String.init), in: folder)
    #expect(program.status == 0, "\(program.errors)")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder / "r").first)
    return folder / "r/\(name)"
  }

  /// The recorded episodes, completed as a replay does when the data have been read.
  private func shown(
    _ path: String,
    _ policy: DataPolicy = DataPolicy()
  ) throws -> [EpisodeSnapshot] {
    var reader = try RecordedRunReader(path, id: RunID(0))
    reader.refresh()
    var episodes: [EpisodeSnapshot] = []
    let state = ReplayPictures.read(RunDirectory(path: path), policy)
    while let moment = reader.next() {
      guard case .episode(let snapshot) = moment.event else { continue }
      #expect(snapshot.support.isEmpty && snapshot.query.allSatisfy { $0.pixels.isEmpty })
      episodes.append(ReplayPictures.completed(snapshot, state))
    }
    return episodes
  }

  @Test(arguments: ["folder:d", "glyphs"])
  func picturesAreThoseOfTheRun(task: String) throws {
    let path = try trained(task)
    let episodes = try shown(path)
    #expect(episodes.count >= 2 && episodes.allSatisfy { $0.obstacle == nil })
    let stored = StoredRun(path: path, origin: "test", cores: 1)
    let run = try stored.read(.last).run
    let source = run.heldOutEpisodes(.metaValidation, queryCount: 2)
    let images = try #require(source.images(step: 0, episode: 0))
    let task = try #require(run.distribution as? ImageTask)
    for episode in episodes {
      #expect(
        episode.classNames == images.classNames && episode.query.map(\.label) == [0, 0, 1, 1]
      )
      #expect(episode.support.map(\.label) == [0, 1])
      // Each picture is that of the name which the run drew, pixel for pixel.
      guard let collection = task.collection as? StoredImages else { continue }
      for (query, image) in zip(episode.query, images.query) {
        let place = try #require(collection.reference(named: image.name))
        #expect(query.pixels == collection.bytes(of: place))
      }
    }
  }

  @Test func otherPicturesAreNotShown() throws {
    let path = try trained("folder:d")
    try pictures.add(3, 50, to: "class3")
    let changed = try shown(path)
    #expect(changed.allSatisfy { $0.support.isEmpty && $0.query.allSatisfy { $0.pixels.isEmpty } })
    #expect(
      changed.allSatisfy {
        $0.obstacle?.contains("other numbers of pictures (class3 5 instead of 4)") == true
      }
    )
    try FileManager.default.moveItem(atPath: folder / "d", toPath: folder / "e")
    #expect(try shown(path).first?.obstacle?.contains("name their folder by --data") == true)
    try FileManager.default.removeItem(atPath: folder / "e/class3/50.png")
    let moved = try shown(path, DataPolicy(folder: folder / "e"))
    #expect(moved.allSatisfy { $0.obstacle == nil && !$0.support.isEmpty })
    // Nobody knows what a run of an earlier version saw.
    try FileManager.default.removeItem(atPath: path + "/data.json")
    let unknown = try shown(path, DataPolicy(folder: folder / "e"))
    #expect(unknown.first?.obstacle?.contains("does not say what it was trained on") == true)
  }

  /// The sentence stands on the screen, and the predictions under it.
  @Test func aReplayWithoutItsDataOpens() throws {
    let path = try trained("folder:d")
    try FileManager.default.removeItem(atPath: folder / "d")
    let session = try DashboardSession(["replay", path], folder: folder, isTraining: false)
    #expect(session.shows("MAML"))
    session.send("e")
    #expect(session.shows("its pictures cannot be shown"))
    #expect(session.shows("step 2"))
    session.leave()
    #expect(session.exitStatus() == 0)
    session.expectRestored()
  }
}

extension StoredImages {
  /// The picture that a person calls so.
  fileprivate func reference(named name: String) -> ImageReference? {
    for (index, kind) in classes.enumerated() {
      for example in 0..<kind.imageCount {
        let image = ImageReference(classIndex: index, example: example)
        if self.name(of: image) == name { return image }
      }
    }
    return nil
  }
}
