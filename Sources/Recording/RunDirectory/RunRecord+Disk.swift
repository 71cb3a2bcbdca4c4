import Files

/// What a record writes while its run goes on and when it ends, on a disk that may be full.
extension RunRecord {
  /// Writes what waits when it has waited long enough, and the heartbeat when it is time.
  ///
  /// Never inlined: within `finish` the optimiser of Swift 6.3.1 stops with an error of its own.
  ///
  /// - Returns: what there is to say about it.
  @inline(never)
  mutating func flush(at time: Double, now: Bool = false) -> [RunDirectoryError] {
    var news: [RunDirectoryError] = []
    let isFull = metrics.byteCount + events.byteCount > Self.bufferSize
    // A clock may be set back.
    if now || isFull || abs(time - lastFlush) >= Self.flushInterval {
      lastFlush = time
      // The events first: whoever has read a line of the metrics finds what belongs to it.
      news += written(eventsFile.write(events.takeLines(), environment.files), eventsFile, time)
      news += written(metricsFile.write(metrics.takeLines(), environment.files), metricsFile, time)
      writtenStep = metrics.pendingStep.map { $0 - 1 } ?? step
      notePace()
    }
    if abs(time - lastState) >= Self.stateInterval {
      lastState = time
      if let error = writeState() { news.append(error) }
    }
    return news
  }

  /// Training must not die of a full disk; what it costs is said when it begins and when it is over.
  private mutating func written(
    _ news: LogOnDisk.News?,
    _ log: LogOnDisk,
    _ time: Double
  ) -> [RunDirectoryError] {
    let reason: String
    switch news {
    case nil: return []
    case .fails(let error):
      reason = "cannot be written (\(error.reason)); training goes on, and its lines wait for room"
    case .goesOn(let missing?):
      let name = RunDirectory(path: log.path).name
      events.recordGap(in: name, missing, at: time)
      reason =
        "can be written again; \(LogOnDisk.text(missing)) "
        + (missing.count == 1 ? "is" : "are") + " missing"
    case .goesOn(nil): reason = "can be written again; nothing is missing"
    }
    return [RunDirectoryError(path: log.path, reason: reason)]
  }

  /// The log that cannot be written now, and why.
  var failure: (file: String, reason: String)? {
    [eventsFile, metricsFile].lazy.compactMap { log in
      log.failure.map { (RunDirectory(path: log.path).name, $0.reason) }
    }.first
  }

  /// Not durable: after a power cut, an older heartbeat says just as well that the run is dead.
  private mutating func writeState() -> RunDirectoryError? {
    do {
      try environment.files.replace(directory.state, stateDocument(), false)
      isStateBehind = false
      return nil
    } catch {
      defer { isStateBehind = true }
      let reason = "cannot be written (\(error.reason)); it says what was true before"
      return isStateBehind ? nil : RunDirectoryError(path: directory.state, reason: reason)
    }
  }

  /// Writes everything that is left and `summary.json`, and lets the folder go.
  ///
  /// - Returns: what is not on the disk, for good.
  mutating func finish(at time: Double) -> [RunDirectoryError] {
    defer { lock = nil }
    metrics.close()
    summary.end()
    summary.peakMemory = environment.peakMemory()
    // Twice: the gap that the first may have found is a line itself.
    for _ in 0..<2 { _ = flush(at: time, now: true) }
    var errors = [metricsFile, eventsFile].compactMap { Self.loss($0) }
    do {
      try writeLastState()
      // Only beside a state that says the end, too.
      let document = summary.json.encoded(onLines: true)
      do {
        try environment.files.replace(directory.summary, document, true)
      } catch {
        errors.append(Self.lost(directory.summary, error))
      }
    } catch {
      errors.append(Self.lost(directory.state, error))
    }
    return errors
  }

  /// The last state; on a full disk it is written over the one before.
  private func writeLastState() throws(SystemError) {
    let document = stateDocument()
    do {
      try environment.files.replace(directory.state, document, false)
    } catch {
      try environment.files.overwrite(document, directory.state)
    }
  }

  private static func loss(_ log: LogOnDisk) -> RunDirectoryError? {
    var log = log
    guard let failure = log.failure else {
      guard log.hasGaps else { return nil }
      let reason = "has gaps, because the disk was full; events.jsonl says which"
      return RunDirectoryError(path: log.path, reason: reason)
    }
    log.giveUp()
    let steps = log.missingText.map { "; it lacks \($0)" } ?? ""
    let reason = "cannot be written (\(failure.reason))\(steps)"
    return RunDirectoryError(path: log.path, reason: reason)
  }

  private static func lost(_ path: String, _ error: SystemError) -> RunDirectoryError {
    RunDirectoryError(path: path, reason: "cannot be written (\(error.reason))")
  }
}
