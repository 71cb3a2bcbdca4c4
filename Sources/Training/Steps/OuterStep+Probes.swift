import Events
import MetaLearning

extension OuterStep {
  /// What the last step measured with probes.
  func probes(settings: [String: Double]) -> StepProbes {
    var averages = probePlan.outputs.map { range in
      range.map { mean(of: probeSlots, probeStride, at: $0) }
    }
    var count = setup.method.adaptationSteps(values) + 1
    if let trajectory {
      count = points.count
      let scores = trajectory.score.outputs.map { output in
        points.indices.map { point in
          let place = probePlan.resultCount + point * trajectory.score.resultCount
          return [mean(of: probeSlots, probeStride, at: place + output.lowerBound)]
        }
      }
      averages = scores.flatMap { $0 } + averages
    }
    return setup.probes(from: averages, points: count, values, memory: qualityMemory) { own in
      MeasuredProbes(
        keys: probePlan.probeKeys,
        averages: own,
        last: probePlan.outputs.suffix(own.count).map { range in
          range.map { probeSlots[(metaBatchSize - 1) * probeStride + $0] }
        },
        episodes: { [self] tensor in
          let range = probePlan.outputs[probePlan.outputs.count - own.count + tensor]
          return (0..<metaBatchSize).map { episode in
            range.map { probeSlots[episode * probeStride + $0] }
          }
        },
        settings: settings,
        products: products,
        gradientNorms: gradientNorms,
        rates: Dictionary(uniqueKeysWithValues: zip(groupNames, rates.map { Double($0) })),
        onlineNorms: lockstep?.norms ?? [],
        quality: measured(quality),
        oneStepQuality: lockstep?.oneStepQuality
      )
    }
  }

  private var gradientNorms: [String: Double] {
    var squares = Dictionary(uniqueKeysWithValues: groupNames.map { ($0, 0.0) })
    for (index, chunk) in state.chunks.enumerated() {
      squares[groupNames[chunk.group], default: 0] += chunkNorms[index]
    }
    return squares.mapValues { $0.squareRoot() }
  }
}
