import Files
import Kernels

/// What a task's examples are.
package enum TaskKind: String, Sendable, Equatable {
  /// Rows of numbers.
  case numbers
  /// Images `[height, width, channels]`.
  case pictures
  /// Surfaces on which the parameters themselves are points.
  case surface
  /// Nodes of a graph.
  case nodes
}

/// What a task draws from, told so that somebody can see whether another's is the same.
package struct DataDigest: Sendable, Equatable {
  package let classes: Int
  package let images: Int
  /// Of all pictures; nil where they are drawn on demand.
  package let sha256: String?
}

/// What most tasks have nothing to say about: those that are generated.
extension TaskDistribution {
  /// A task and its examples from one stream.
  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) { sample(split, layout, task: stream, stream: stream, into: buffer, at: offset) }

  package func obstacle(shot: Int, queryShot: Int) -> DatasetError? { nil }
  package var byteCount: Int { 0 }
  package var notes: [String] { [] }
  package var digest: DataDigest? { nil }
  package var splitKind: DataOptions.Split? { nil }
  package var taskCount: Int? { nil }
  package var map: SurfaceMap? { nil }
  package var graph: FeatureGraph? { nil }
  package func reading(_ reading: GraphReading) -> any TaskDistribution { self }

  package func layouts(shot: Int, queryShot: Int) -> [EpisodeLayout] {
    [layout(shot: shot, queryShot: queryShot)]
  }

  package var isSampled: Bool { true }
  package func record(named name: String) -> ImageSetRecord? { nil }

  package func shown(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    stream: RandomStream
  ) -> EpisodeImages? { nil }

  /// A task without examples to draw is the same episode every time.
  package func sample(
    _ split: MetaSplit,
    _ layout: EpisodeLayout,
    task: RandomStream,
    stream: RandomStream,
    into buffer: AlignedBuffer,
    at offset: Int
  ) { sample(split, layout, stream: task, into: buffer, at: offset) }

  package func write(
    task: Int,
    _ layout: EpisodeLayout,
    into buffer: AlignedBuffer,
    at offset: Int
  ) { preconditionFailure("\(name) has no list of tasks") }

  /// Numbers cost little, and a curve is scored better by many.
  package func evaluationQuery(_ queryShot: Int) -> Int { isClassification ? queryShot : 100 }
}
