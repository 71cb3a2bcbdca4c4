import Training

extension [RunConfiguration] {
  /// What a person should know of the data before the first step.
  package var dataNotes: [String] { first?.distribution.notes ?? [] }
}
