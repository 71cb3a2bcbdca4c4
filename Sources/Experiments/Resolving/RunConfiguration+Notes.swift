import Tasks
import Training

extension [RunConfiguration] {
  /// What a person should know of the data before the first step.
  package var dataNotes: [String] {
    guard let images = first?.distribution as? ImageTask else { return [] }
    var notes = images.report.warnings.map { "\(images.name): \($0)" }
    let bad = images.report.badImages
    if let one = bad.first {
      notes.append("\(images.name): \(bad.count) images could not be used, the first: \(one)")
    }
    return notes
  }
}
