import Files

extension RecordedScalars {
  /// Writes a table with a column for each name; numbers that are none stay as `nan`, others empty.
  package func writeTable(into folder: String) throws(ConfigurationError) {
    let names = try names()
    var file = try ExportFile("\(folder)/\(name).csv")
    try file.append("\((["step", "t"] + names).joined(separator: ","))\n".utf8)
    var rows = rows()
    while let row = try rows.next() {
      let own = Dictionary(row.values.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      let cells = names.map { own[$0].map { $0.isFinite ? "\($0)" : "nan" } ?? "" }
      try file.append("\((["\(row.step)", "\(row.time)"] + cells).joined(separator: ","))\n".utf8)
    }
    try file.finish()
    complain("metatop: written \(file.path.printable)")
  }

  /// Writes the run as TensorBoard reads it, with histograms of the last parameters where it has a
  /// sound checkpoint.
  package func writeEvents(into folder: String) throws(ConfigurationError) {
    let checkpoint = try? ResumePoint(directory, .last)
    let file = "events.out.tfevents.\(EventStream.created(self)).metatop"
    var target = try ExportFile("\(folder)/\(name)/\(file)")
    var stream = EventStream(self)
    var rows = rows()
    while let row = try rows.next() {
      stream.add(row)
      try target.append(stream.take())
    }
    stream.end(checkpoint?.checkpoint, step: checkpoint?.step ?? 0)
    try target.append(stream.take())
    try target.finish()
    complain("metatop: written \(target.path.printable)")
  }
}
