import Events
import Kernels

/// The pictures of the episode that a run shows, sampled again: a recording has their predictions alone.
package struct RecordedPictures: Sendable {
  private let pictures: ShownPictures
  private let classNames: [String]

  /// Nil for a run that shows none; the run's data must be what it was trained on.
  package init?(_ run: RunConfiguration) {
    guard run.supervised == nil, run.holdsOut else { return nil }
    let source = run.heldOutEpisodes(.metaValidation, queryCount: run.queryShot)
    guard let images = source.images(step: 0, episode: 0) else { return nil }
    let episode = AlignedBuffer(count: source.layout.count)
    source.load(step: 0, episode: 0, into: episode)
    pictures = ShownPictures(images, episode, source.layout)
    classNames = images.classNames.prefix(EpisodeSnapshot.classLimit).map {
      String($0.prefix(EpisodeSnapshot.nameLimit))
    }
  }

  /// Whether the snapshot is of this episode, as far as names and numbers tell.
  package func fits(_ snapshot: EpisodeSnapshot) -> Bool {
    snapshot.classNames == classNames && snapshot.query.count == pictures.query.count
  }

  /// The snapshot with its pictures.
  package func added(to snapshot: EpisodeSnapshot) -> EpisodeSnapshot {
    var whole = snapshot
    whole.obstacle = nil
    whole.height = pictures.shape.height
    whole.width = pictures.shape.width
    whole.channels = pictures.shape.channels
    let perClass = pictures.support.count / max(classNames.count, 1)
    whole.support = pictures.support.enumerated().map { place, pixels in
      EpisodeSnapshot.Support(label: place / max(perClass, 1), pixels: pixels)
    }
    for (place, pixels) in pictures.query.enumerated() { whole.query[place].pixels = pixels }
    return whole
  }
}
