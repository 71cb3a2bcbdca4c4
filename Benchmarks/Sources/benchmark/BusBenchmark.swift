import Events
import Glibc

/// The bus from the engine's side (what a post costs) and from end to end (events a second into
/// three subscribers: a screen, a lossless recorder, a lossless asynchronous consumer).
enum BusBenchmark: Benchmark {
  static let name = "bus"

  static func run() async {
    await throughput(events: 2_000_000)
    await pacedPosts(count: 20_000, perSecond: 20_000)
  }

  private static func throughput(events: Int) async {
    let bus = EventBus()
    let screen = bus.subscribe(capacity: 4_096)
    let recorder = bus.subscribe()
    let follower = bus.subscribe()
    let start = ContinuousClock.now
    var posting = Duration.zero
    var received = [0, 0, 0]
    await withTaskGroup(of: (Int, Int).self) { group in
      group.addTask { (-1, await runBus(bus)) }
      group.addTask { (1, await consume(recorder)) }
      group.addTask { (2, await consume(follower)) }
      group.addTask { (0, await consume(screen)) }
      posting = post(events, to: bus)
      bus.close()
      for await (index, count) in group where index >= 0 { received[index] = count }
    }
    let seconds = (ContinuousClock.now - start).seconds
    precondition(received[1] == events && received[2] == events, "lossless lost: \(received)")
    print("bus: \(Int(Double(events) / seconds)) events/s into 3 subscribers")
    print("bus: \(Int(posting.seconds * 1e9 / Double(events))) ns a post, as fast as possible")
  }

  private static func runBus(_ bus: EventBus) async -> Int {
    await bus.run()
    return 0
  }

  private static func consume(_ subscription: Subscription) async -> Int {
    var count = 0
    while let batch = await subscription.next() { count += batch.count }
    return count
  }

  private static func post(_ count: Int, to bus: EventBus) -> Duration {
    ContinuousClock().measure { for step in 1...count { bus.post(.step(report(step))) } }
  }

  /// Posts at the engine's pace, where the bus sleeps between any two posts and must be woken.
  private static func pacedPosts(count: Int, perSecond: Int) async {
    let bus = EventBus()
    let subscriptions = [bus.subscribe(capacity: 4_096), bus.subscribe(), bus.subscribe()]
    var costs: [Double] = []
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await bus.run() }
      costs = pacedCosts(bus, count, gap: .seconds(1) / perSecond)
      bus.close()
    }
    precondition(subscriptions[1].drain().events.count == count)
    costs.sort()
    let mean = costs.reduce(0, +) / Double(count)
    print(
      "bus: \(Int(mean)) ns a post on average at \(perSecond) posts/s,",
      "median \(Int(costs[count / 2])), 99 % \(Int(costs[count * 99 / 100]))"
    )
  }

  private static func pacedCosts(_ bus: EventBus, _ count: Int, gap: Duration) -> [Double] {
    let clock = ContinuousClock()
    var next = clock.now
    return (1...count).map { step in
      while clock.now < next {}
      next += gap
      let event = RunEvent.step(report(step))
      return clock.measure { bus.post(event) }.seconds * 1e9
    }
  }

  private static func report(_ step: Int) -> StepReport {
    StepReport(
      run: RunID(step % 3),
      step: step,
      seconds: Double(step),
      queryLoss: 1,
      supportLoss: 2,
      metaGradientNorm: 3
    )
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
