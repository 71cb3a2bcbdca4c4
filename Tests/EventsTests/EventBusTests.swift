import Events
import Synchronization
import Testing

@Suite("Event bus")
struct EventBusTests {
  @Test("An event takes the room of a step, not of the largest there is")
  func size() {
    #expect(MemoryLayout<RunEvent>.stride <= MemoryLayout<StepReport>.stride + 8)
  }

  @Test("Every subscriber sees one total order, and each poster's events in its own order")
  func order() async {
    let bus = EventBus()
    let first = bus.subscribe()
    let second = bus.subscribe()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await bus.run() }
      await withTaskGroup(of: Void.self) { posters in
        for run in 0..<4 {
          posters.addTask { for step in 1...2_000 { bus.post(.step(report(run, step))) } }
        }
      }
      bus.close()
    }
    let seen = first.drain().events
    #expect(seen == second.drain().events)
    #expect(seen.count == 8_000)
    for run in 0..<4 {
      #expect(steps(of: run, in: seen) == Array(1...2_000))
    }
  }

  @Test("A full buffer keeps the newest steps and every other event, and counts what it dropped")
  func dropsOldestSteps() async {
    let bus = EventBus()
    let subscription = bus.subscribe(capacity: 4)
    bus.post(.statusChanged(RunID(0), .running, step: 0))
    for step in 1...3 { bus.post(.step(report(0, step))) }
    bus.post(.note(nil, "half way"))
    for step in 4...6 { bus.post(.step(report(0, step))) }
    await bus.flush()
    let (events, dropped) = subscription.drain()
    #expect(
      events == [
        .statusChanged(RunID(0), .running, step: 0), .note(nil, "half way"),
        .step(report(0, 5)), .step(report(0, 6)),
      ]
    )
    #expect(dropped == 4)
    #expect(subscription.drain().dropped == 0)
  }

  @Test("Delivered and dropped steps add up, however the batches fall")
  func accounting() async {
    let bus = EventBus()
    let subscription = bus.subscribe(capacity: 16)
    var delivered = 0
    var dropped = 0
    var generator = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: .min ... .max, using: &generator)
    print("seed \(seed)")
    var random = SplitMix(state: seed)
    for step in 1...5_000 {
      bus.post(.step(report(0, step)))
      if random.next() % 7 == 0 { await bus.flush() }
      guard random.next() % 50 == 0 else { continue }
      let pull = subscription.drain()
      #expect(pull.events.count <= 16)
      delivered += pull.events.count
      dropped += pull.dropped
    }
    await bus.flush()
    let last = subscription.drain()
    #expect(steps(of: 0, in: last.events).last == 5_000)
    #expect(delivered + dropped + last.events.count + last.dropped == 5_000)
  }

  @Test("Events that are not steps survive beyond the capacity")
  func keepsNotes() async {
    let bus = EventBus()
    let subscription = bus.subscribe(capacity: 2)
    for number in 0..<100 {
      bus.post(.note(nil, "\(number)"))
      bus.post(.step(report(0, number)))
      await bus.flush()
    }
    let (events, dropped) = subscription.drain()
    #expect(events == (0..<100).map { .note(nil, "\($0)") })
    #expect(dropped == 100)
  }

  @Test("Of an episode's pictures a full buffer keeps the newest of each run")
  func keepsNewestPictures() async {
    func snapshot(_ run: Int, _ step: Int) -> RunEvent {
      let picture = EpisodeSnapshot.Support(label: 0, pixels: [255])
      return .episode(
        EpisodeSnapshot(
          run: RunID(run),
          step: step,
          innerSteps: 1,
          height: 1,
          width: 1,
          channels: 1,
          classNames: ["a"],
          support: [picture],
          query: []
        )
      )
    }
    let bus = EventBus()
    let subscription = bus.subscribe(capacity: 3)
    for step in 1...50 {
      bus.post(snapshot(step % 2, step))
      bus.post(.note(nil, "\(step)"))
      await bus.flush()
    }
    let (events, dropped) = subscription.drain()
    let pictures = events.filter { if case .episode = $0 { true } else { false } }
    #expect(pictures == [snapshot(1, 49), snapshot(0, 50)])
    #expect(events.count == 52 && dropped == 0)
  }

  @Test("Closing delivers all that was posted, then ends; later posts are discarded")
  func close() async {
    let bus = EventBus()
    let subscription = bus.subscribe()
    for step in 1...10 { bus.post(.step(report(0, step))) }
    bus.close()
    bus.post(.note(nil, "too late"))
    await bus.run()
    #expect(!subscription.isFinished)
    #expect(subscription.drain().events.count == 10)
    #expect(subscription.isFinished)
    #expect(bus.subscribe().isFinished)
  }

  @Test("An asynchronous consumer gets everything and then nil")
  func asynchronous() async {
    let bus = EventBus()
    let subscription = bus.subscribe()
    let received = await withTaskGroup(of: [RunEvent].self) { group in
      group.addTask {
        var all: [RunEvent] = []
        while let batch = await subscription.next() { all += batch }
        return all
      }
      group.addTask {
        await bus.run()
        return []
      }
      for step in 1...1_000 {
        bus.post(.step(report(0, step)))
        if step % 100 == 0 { await Task.yield() }
      }
      bus.close()
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(steps(of: 0, in: received) == Array(1...1_000))
  }

  @Test("Waking happens once for each time the buffer stops being empty, and at the end")
  func wakes() async {
    let wakes = Atomic(0)
    let bus = EventBus()
    let subscription = bus.subscribe(capacity: 8) { wakes.add(1, ordering: .relaxed) }
    for _ in 0..<3 {
      bus.post(.note(nil, "a"))
      await bus.flush()
      bus.post(.note(nil, "b"))
      await bus.flush()
      #expect(subscription.drain().events.count == 2)
    }
    #expect(wakes.load(ordering: .relaxed) == 3)
    bus.close()
    await bus.run()
    #expect(wakes.load(ordering: .relaxed) == 4)
  }

  @Test("Cancelling the consumer's task ends its wait")
  func cancellation() async {
    let subscription = EventBus().subscribe()
    let outcome = await withTaskGroup(of: [RunEvent]?.self) { group in
      group.addTask { await subscription.next() }
      group.cancelAll()
      return await group.next()
    }
    #expect(outcome == .some(nil))
  }
}

private func report(_ run: Int, _ step: Int) -> StepReport {
  StepReport(
    run: RunID(run),
    step: step,
    seconds: Double(step),
    queryLoss: 1,
    supportLoss: 2,
    metaGradientNorm: 3
  )
}

private func steps(of run: Int, in events: [RunEvent]) -> [Int] {
  events.compactMap { event in
    guard case .step(let report) = event, report.run.rawValue == run else { return nil }
    return report.step
  }
}

/// A seeded generator, so that a failure can be repeated from the printed seed.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
