import Files

/// A run's rows as the records of a TensorBoard event file, in the order in which they come.
package struct EventStream {
  private var writer: TensorBoardWriter
  /// Where the run was resumed, and no row has come since.
  private var resumed: [Int]
  private var time: Double

  /// Begins a file: its version, what the run was started with for the HPARAMS tab.
  ///
  /// A file beside earlier ones begins by taking back what they have `from` a step on. A live one needs
  /// no other marker; in an export each resumption has one.
  package init(_ scalars: RecordedScalars, from first: Int? = nil, isLive: Bool = false) {
    let configuration = scalars.configuration
    time = configuration["created"]?.double ?? 0
    writer = TensorBoardWriter(time: time)
    if let first { writer.sessionStart(step: first, time: time) }
    writer.hyperparameters(Self.hyperparameters(configuration), group: scalars.name, time: time)
    resumed =
      isLive ? [] : configuration.elements("resumed").compactMap { $0["after_step"]?.integer }
  }

  /// When the file's run began, in seconds since 1970.
  package static func created(_ scalars: RecordedScalars) -> Int {
    Int(exactly: (scalars.configuration["created"]?.double ?? 0).rounded(.down)) ?? 0
  }

  package mutating func add(_ row: RecordedScalars.Row) {
    // Readers drop what they have of later steps, which were made again.
    while let step = resumed.first, row.step > step {
      writer.sessionStart(step: step + 1, time: row.time)
      resumed.removeFirst()
    }
    for (name, value) in row.values {
      writer.scalar(name, value, step: row.step, time: row.time)
    }
    time = row.time
  }

  /// Ends the file, with how the values of each tensor are distributed.
  package mutating func end(_ checkpoint: TensorFile?, step: Int) {
    for name in checkpoint?.names ?? [] where !name.hasPrefix("optimizer") {
      guard let values = try? checkpoint?.floats(named: name) else { continue }
      writer.histogram("parameters/\(name)", values, step: step, time: time)
    }
    writer.sessionEnd(time: time)
  }

  /// Bytes of the records since the last time.
  var byteCount: Int { writer.bytes.count }

  /// The records since the last time.
  package mutating func take() -> [UInt8] { writer.take() }

  private static func hyperparameters(
    _ configuration: JSONView
  ) -> [(name: String, value: TensorBoardWriter.Value)] {
    var values: [(name: String, value: TensorBoardWriter.Value)] = []
    for key in ["method_name", "model", "seed", "meta_batch", "steps"] {
      if let text = configuration[key]?.string { values.append((key, .text(text))) }
      // A run that went on for longer stays the one that was started: readers keep the first file's.
      let first = key == "steps" ? configuration.elements("resumed").first { _ in true } : nil
      if let number = first?["steps"]?.double ?? configuration[key]?.double {
        values.append((key, .number(number)))
      }
    }
    if let task = configuration["task"]?["name"]?.string { values.append(("task", .text(task))) }
    for (key, value) in configuration.fields("hyperparameters").prefix(1_000) {
      if let number = value.double { values.append((key, .number(number))) }
    }
    return values
  }
}
