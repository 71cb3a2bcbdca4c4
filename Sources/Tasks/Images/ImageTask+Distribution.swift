import Files
import Kernels

extension TaskDistribution {
  /// The pictures with their labels, for what trains on those without episodes; nil where there are
  /// none.
  package var labelled: ImageTask? { self as? ImageTask }
}

extension ImageTask {
  package var kind: TaskKind { .pictures }
  package var byteCount: Int { collection.byteCount }
  package var splitKind: DataOptions.Split? { splits.kind }
  package func record(named name: String) -> ImageSetRecord? { ImageSetRecord(self, named: name) }

  package var digest: DataDigest? {
    DataDigest(
      classes: classCount,
      images: collection.classes.reduce(0) { $0 + $1.imageCount },
      sha256: collection.sha256
    )
  }

  package var notes: [String] {
    let bad = report.badImages
    let sentence = bad.first.map {
      "\(name): \(bad.count) images could not be used, the first: \($0)"
    }
    return report.warnings.map { "\(name): \($0)" } + [sentence].compactMap(\.self)
  }

  package func shown(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream
  ) -> EpisodeImages? { episodeImages(split, layout, stream: stream) }
}

extension ImageTask {
  /// The names of what `sample` writes for the same stream.
  package func episodeImages(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream
  ) -> EpisodeImages {
    let images = draw(split, layout, stream)
    let shot = layout.supportCount / way
    return EpisodeImages(
      classNames: (0..<way).map { className(images.support[$0 * shot]) },
      support: named(images.support),
      query: named(images.query)
    )
  }

  private func named(_ images: [ImageReference]) -> [EpisodeImages.Image] {
    images.enumerated().map { position, image in
      EpisodeImages.Image(label: position * way / images.count, name: collection.name(of: image))
    }
  }

  private func className(_ image: ImageReference) -> String {
    let name = collection.classes[image.classIndex].name
    return image.quarterTurns == 0 ? name : "\(name) turned \(90 * image.quarterTurns)°"
  }
}
