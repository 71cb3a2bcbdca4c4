import Glibc

/// Decoders without parameters: classes have prototypes on the unit sphere, which queries refine.
struct PrototypeDecoder {
  private let support: [[Double]]
  private let query: [[Double]]
  private let labels: [Int]
  private let way: Int
  private let counts: [Double]
  private let sums: [[Double]]

  init(_ episode: EncodedEpisode) {
    support = episode.support.map(Self.unit)
    query = episode.query.map(Self.unit)
    labels = episode.labels
    way = episode.way
    var counts = [Double](repeating: 0, count: way)
    let size = episode.support.first?.count ?? 0
    var sums = [[Double]](repeating: [Double](repeating: 0, count: size), count: way)
    for (row, label) in zip(support, labels) {
      counts[label] += 1
      for place in row.indices { sums[label][place] += row[place] }
    }
    (self.counts, self.sums) = (counts, sums)
  }

  private static func unit(_ row: [Double]) -> [Double] {
    let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? row.map { $0 / norm } : row
  }

  private var start: [[Double]] {
    zip(sums, counts).map { sum, count in sum.map { $0 / max(count, 1) } }
  }

  /// Products of every query with every prototype of unit length.
  private func cosines(_ prototypes: [[Double]]) -> [[Double]] {
    let units = prototypes.map(Self.unit)
    return query.map { row in
      units.map { unit in
        var sum = 0.0
        for place in row.indices { sum += row[place] * unit[place] }
        return sum
      }
    }
  }

  /// softmax(−‖f − c/‖c‖‖²) of unit-length features: ‖f − u‖² = 2 − 2 f·u.
  private func assigned(_ prototypes: [[Double]]) -> [[Double]] {
    cosines(prototypes).map { row in
      let largest = row.max() ?? 0
      let shares = row.map { exp(2 * ($0 - largest)) }
      let sum = shares.reduce(0, +)
      return shares.map { $0 / sum }
    }
  }

  /// The mean of a class's support features and of the queries' by their shares.
  private func refined(_ shares: [[Double]]) -> [[Double]] {
    var (sums, counts) = (self.sums, self.counts)
    for (row, own) in zip(query, shares) {
      for label in 0..<way where own[label] != 0 {
        counts[label] += own[label]
        for place in row.indices { sums[label][place] += own[label] * row[place] }
      }
    }
    return zip(sums, counts).map { sum, count in sum.map { $0 / max(count, 1e-300) } }
  }

  private static func entropy(_ rows: [[Double]]) -> Double {
    let sum = rows.reduce(0.0) { total, row in
      total - row.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
    }
    return sum / Double(max(rows.count, 1))
  }

  private static func distance(_ first: [[Double]], _ second: [[Double]]) -> Double {
    let all = zip(first, second).map { a, b in
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    return all.reduce(0, +) / Double(max(all.count, 1))
  }

  /// Soft k-means, `passes` assignments; the first is that of plain prototypes.
  func soft(passes: Int) -> DecodedEpisode {
    var prototypes = start
    var (history, shifts) = ([[[Double]]](), [Double]())
    for _ in 0..<max(passes, 1) {
      let shares = assigned(prototypes)
      history.append(shares)
      let next = refined(shares)
      shifts.append(Self.distance(prototypes, next))
      prototypes = next
    }
    return DecodedEpisode(
      answers: history[history.count - 1],
      first: history[0],
      entropies: history.map(Self.entropy),
      shifts: shifts
    )
  }

  /// Every class gets as many queries as every other, at the least sum of 1 − cosine; prototypes go the
  /// share `rate` of the way to what that says, `passes` times.
  func transport(passes: Int, rate: Double) -> DecodedEpisode {
    var prototypes = start
    let first = assigned(prototypes)
    var shares = seated(prototypes)
    var shifts: [Double] = []
    for _ in 0..<passes {
      let wanted = refined(shares)
      let next = zip(prototypes, wanted).map { own, aim in
        zip(own, aim).map { $0 + rate * ($1 - $0) }
      }
      shifts.append(Self.distance(prototypes, next))
      prototypes = next
      shares = seated(prototypes)
    }
    return DecodedEpisode(
      answers: shares,
      first: first,
      entropies: [Self.entropy(first)],
      shifts: shifts
    )
  }

  private func seated(_ prototypes: [[Double]]) -> [[Double]] {
    let costs = cosines(prototypes).map { row in row.map { 1 - $0 } }
    return BalancedAssignment(costs, classes: way).classes.map { own in
      (0..<way).map { $0 == own ? 1 : 0 }
    }
  }
}

/// The cheapest assignment of queries to classes in which no class has more than its share.
///
/// Queries come one by one; each takes the cheapest way through the classes to a free seat, on which
/// others may move (shortest augmenting paths; classes are few).
struct BalancedAssignment {
  private(set) var classes: [Int]

  /// `costs[query][class]`; where classes do not divide the queries, some have one more.
  init(_ costs: [[Double]], classes count: Int) {
    classes = [Int](repeating: -1, count: costs.count)
    var free = [Int](repeating: costs.count / count, count: count)
    let seats = free[0] + (costs.count % count == 0 ? 0 : 1)
    if seats != free[0] { free = [Int](repeating: seats, count: count) }
    var members = [[Int]](repeating: [], count: count)
    for query in costs.indices {
      place(query, costs, &free, &members)
    }
  }

  private mutating func place(
    _ query: Int,
    _ costs: [[Double]],
    _ free: inout [Int],
    _ members: inout [[Int]]
  ) {
    let count = free.count
    // The cheapest move from one class to another, and who makes it.
    var mover = [[Int]](repeating: [Int](repeating: -1, count: count), count: count)
    for from in 0..<count {
      for other in members[from] {
        for to in 0..<count where to != from {
          let best = mover[from][to]
          let cost = costs[other][to] - costs[other][from]
          if best < 0 || cost < costs[best][to] - costs[best][from] { mover[from][to] = other }
        }
      }
    }
    var distance = costs[query]
    var previous = [Int](repeating: -1, count: count)
    for _ in 0..<count {
      for from in 0..<count {
        for to in 0..<count where mover[from][to] >= 0 {
          let other = mover[from][to]
          let through = distance[from] + costs[other][to] - costs[other][from]
          if through < distance[to] - 1e-15 {
            distance[to] = through
            previous[to] = from
          }
        }
      }
    }
    let open = (0..<count).filter { free[$0] > 0 }
    guard var end = open.min(by: { distance[$0] < distance[$1] }) else { return }
    free[end] -= 1
    // Back along the way: who moved in leaves its old class to the one before.
    var steps = 0
    while previous[end] >= 0, steps <= count {
      let from = previous[end]
      let other = mover[from][end]
      members[from].removeAll { $0 == other }
      members[end].append(other)
      classes[other] = end
      end = from
      steps += 1
    }
    members[end].append(query)
    classes[query] = end
  }
}
