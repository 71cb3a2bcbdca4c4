extension MemberCombination {
  /// One answer of the members' answers to an episode's queries.
  package func answers(_ members: [[[Double]]]) -> [[Double]] {
    guard choice >= members.count else { return members[choice] }
    let queries = (members.first ?? []).indices
    guard choice > members.count else {
      return queries.map { query in
        let way = members[0][query].indices
        return way.map { label in
          members.reduce(0) { $0 + $1[query][label] } / Double(members.count)
        }
      }
    }
    let parts = zip(members, scales).map { answers, scale in
      Stacker.centred(answers).map { row in row.map { $0 / scale } }
    }
    return queries.map { query in
      Stacker.answer(parts.flatMap { $0[query] }, weights, intercepts)
    }
  }
}
