import Events
import Kernels

/// The pictures of the episodes that a run shows, sampled again: a recording has their predictions alone.
package struct RecordedPictures: Sendable {
  private let source: any EpisodeSource
  /// Held-out episodes there are.
  private let count: Int

  /// Nil for a run that shows none; the run's data must be what it was trained on.
  package init?(_ run: RunConfiguration) {
    guard run.supervised == nil, run.holdsOut else { return nil }
    source = run.heldOutEpisodes(.metaValidation, queryCount: run.queryShot)
    count = max(run.evaluationEpisodes, 1)
    guard source.images(step: 0, episode: 0) != nil else { return nil }
  }

  /// The snapshot with its pictures; nil where it is of another episode, as far as names and numbers tell.
  package func added(to snapshot: EpisodeSnapshot) -> EpisodeSnapshot? {
    guard (0..<count).contains(snapshot.task),
      let images = source.images(step: 0, episode: snapshot.task)
    else { return nil }
    let episode = AlignedBuffer(count: source.layout.count)
    source.load(step: 0, episode: snapshot.task, into: episode)
    let pictures = ShownPictures(images, episode, source.layout)
    let classNames = images.classNames.prefix(EpisodeSnapshot.classLimit).map {
      String($0.prefix(EpisodeSnapshot.nameLimit))
    }
    guard snapshot.classNames == classNames, snapshot.query.count == pictures.query.count else {
      return nil
    }
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
