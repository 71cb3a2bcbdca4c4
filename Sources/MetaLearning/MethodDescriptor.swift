/// What a method is called, where it was published, and what it does in a few words.
package struct MethodDescriptor: Sendable {
  /// How close the method here is to what was published.
  package enum Status: String, Sendable, CaseIterable {
    case published
    /// The publication leaves gaps, which are filled in here.
    case reconstructed
    /// A publication's idea in another form.
    case inspired = "inspired by"
  }

  /// The order of the derivatives in its meta-gradient.
  package enum Order: String, Sendable, CaseIterable {
    case first = "1"
    case second = "2"
    /// As a hyperparameter says.
    case either = "1, 2"
  }

  /// On the command line and in files: `maml`.
  package let id: String
  /// As published: `MAML`.
  package let name: String
  package let citation: String
  /// Of its first publication.
  package let year: Int
  package let status: Status
  /// What adapts to a task, in few words; nil for what `isAdapted` says of the network.
  package let adapts: String?
  /// Nil for what its hyperparameters say.
  package let order: Order?
  /// Its page in Documentation/Methods, without `.md`; nil where that has the type's name.
  package let page: String?
  /// One or two sentences for people who do not know it.
  package let summary: String
  /// Its inner and its outer update, in lines of at most 76 characters.
  package let equation: String

  /// Without a year it is the last that the citation names.
  package init(
    id: String,
    name: String,
    citation: String,
    year: Int? = nil,
    status: Status = .published,
    adapts: String? = nil,
    order: Order? = nil,
    page: String? = nil,
    summary: String = "",
    equation: String = ""
  ) {
    self.id = id
    self.name = name
    self.citation = citation
    self.year = year ?? Self.year(in: citation)
    self.status = status
    self.adapts = adapts
    self.order = order
    self.page = page
    self.summary = summary
    self.equation = equation
  }

  /// The last year in a text; 0 where there is none.
  private static func year(in text: String) -> Int {
    let numbers = text.split { !("0"..."9").contains($0) }
    return numbers.last { $0.count == 4 && ["19", "20"].contains($0.prefix(2)) }
      .flatMap { Int($0) } ?? 0
  }
}
