import Kernels
import Tasks
import Testing

/// An episode of an image task, read back.
struct SampledEpisode {
  let layout: EpisodeLayout
  let values: [Float]

  init(
    _ task: ImageTask,
    _ split: MetaSplit,
    shot: Int,
    queryShot: Int,
    stream: RandomStream,
    offset: Int = 0
  ) {
    layout = task.layout(shot: shot, queryShot: queryShot)
    let buffer = AlignedBuffer(count: offset + layout.count)
    task.sample(split, layout, stream: stream, into: buffer, at: offset)
    values = buffer.values(offset..<offset + layout.count)
  }

  var pixelCount: Int { layout.inputShape.reduce(1, *) }

  func support(_ position: Int) -> ArraySlice<Float> {
    values[
      layout.supportInputs + position * pixelCount..<layout.supportInputs + (position + 1)
        * pixelCount
    ]
  }

  func query(_ position: Int) -> ArraySlice<Float> {
    values[
      layout.queryInputs + position * pixelCount..<layout.queryInputs + (position + 1) * pixelCount
    ]
  }

  func targets(_ start: Int, _ count: Int) -> [[Float]] {
    (0..<count).map { position in
      Array(
        values[start + position * layout.targetCount..<start + (position + 1) * layout.targetCount]
      )
    }
  }
}

/// What every image task promises to the engine.
func expectContract(_ task: ImageTask, shot: Int, queryShot: Int, seed: UInt64) async {
  let stream = RandomStream(seed: seed)
  for split in MetaSplit.allCases {
    let episode = SampledEpisode(task, split, shot: shot, queryShot: queryShot, stream: stream)
    let layout = episode.layout
    #expect(layout.supportCount == task.way * shot && layout.queryCount == task.way * queryShot)
    #expect(layout.targetCount == task.way && layout.inputShape.count == 3)
    #expect(episode.values.allSatisfy { (0...1).contains($0) }, "pixels leave [0, 1]; seed \(seed)")
    let supportTargets = episode.targets(layout.supportTargets, layout.supportCount)
    for (position, target) in supportTargets.enumerated() {
      #expect(target.reduce(0, +) == 1 && target[position / shot] == 1)
    }
    let queryTargets = episode.targets(layout.queryTargets, layout.queryCount)
    for (position, target) in queryTargets.enumerated() {
      #expect(target.reduce(0, +) == 1 && target[position / queryShot] == 1)
    }
    let names = task.episodeImages(split, layout, stream: stream)
    #expect(Set(names.classNames).count == task.way, "a class came twice; seed \(seed)")
    #expect(names.support.map(\.label) == (0..<layout.supportCount).map { $0 / shot })
    #expect(names.query.map(\.label) == (0..<layout.queryCount).map { $0 / queryShot })
    await expectSameBitsElsewhere(task, split, shot, queryShot, stream, episode.values)
  }
}

/// The same stream gives the same bits on any thread and at any place in memory.
private func expectSameBitsElsewhere(
  _ task: ImageTask,
  _ split: MetaSplit,
  _ shot: Int,
  _ queryShot: Int,
  _ stream: RandomStream,
  _ expected: [Float]
) async {
  await withTaskGroup(of: [Float].self) { group in
    for number in 0..<4 {
      group.addTask {
        SampledEpisode(
          task,
          split,
          shot: shot,
          queryShot: queryShot,
          stream: stream,
          offset: 64 * number
        ).values
      }
    }
    for await values in group { #expect(values == expected) }
  }
}
