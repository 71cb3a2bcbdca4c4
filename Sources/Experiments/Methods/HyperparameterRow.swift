import Events
import MetaLearning
import Recording

/// A hyperparameter as tables tell it: the same one on numbers and on pictures, or on graphs where a method
/// learns nothing else.
package struct HyperparameterRow: Equatable {
  package let descriptor: HyperparameterDescriptor
  /// Defaults; nil where it is not there.
  package let onNumbers: Double?
  package let onPictures: Double?
  package let onGraphs: Double?
  /// What it does; what is told of pictures alone comes last.
  package let help: String

  /// Those of a method, on the tasks that it can learn.
  package static func rows(of method: any Method) -> [Self] {
    if method.tasks == [.nodes] {
      return method.hyperparameters(for: ModelSamples.nodes).map { Self(graphs: $0) }
    }
    let hasNumbers = !method.tasks.isDisjoint(with: [.regression, .surface])
    return rows(
      numbers: hasNumbers ? method.hyperparameters(for: ModelSamples.numbers) : [],
      pictures: method.tasks.contains(.classification)
        ? method.hyperparameters(for: ModelSamples.pictures) : []
    )
  }

  /// Those that most methods have.
  package static let common = rows(
    numbers: StandardHyperparameters.all(for: .dense),
    pictures: StandardHyperparameters.all(for: .convolutional) + ConvolutionHyperparameters.all
  )

  private static func rows(
    numbers: [HyperparameterDescriptor],
    pictures: [HyperparameterDescriptor]
  ) -> [Self] {
    let both = numbers.map { one in Self(one, pictures.first { $0.id == one.id }) }
    let others = pictures.filter { one in !numbers.contains { $0.id == one.id } }
    return both + others.map { Self(nil, $0) }
  }

  /// - Precondition: One of the two is there.
  private init(_ numbers: HyperparameterDescriptor?, _ pictures: HyperparameterDescriptor?) {
    guard let one = numbers ?? pictures else { preconditionFailure("a hyperparameter of nothing") }
    descriptor = one
    onNumbers = numbers?.defaultValue
    onPictures = pictures?.defaultValue
    onGraphs = nil
    let clauses = [numbers, pictures].compactMap { $0?.help }.flatMap { $0.split(separator: "; ") }
    help = clauses.reduce(into: [Substring]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: "; ")
  }

  private init(graphs: HyperparameterDescriptor) {
    descriptor = graphs
    (onNumbers, onPictures, onGraphs) = (nil, nil, graphs.defaultValue)
    help = graphs.help
  }

  package func text(_ value: Double?) -> String { value.map(descriptor.format) ?? "" }

  /// `0.01`, `0.01, pictures 0.4`, `transductive, on pictures only`.
  package var defaults: String {
    if let onGraphs { return text(onGraphs) }
    guard let onPictures else { return text(onNumbers) }
    guard let onNumbers else { return text(onPictures) + ", on pictures only" }
    return text(onNumbers) + (onNumbers == onPictures ? "" : ", pictures \(text(onPictures))")
  }

  /// What is allowed, in few columns.
  package var values: String {
    switch descriptor.kind {
    case .logarithmic(let range), .linear(let range, _):
      "\(descriptor.format(range.lowerBound)) … \(descriptor.format(range.upperBound))"
    case .integer(let range): "\(range.lowerBound) … \(range.upperBound)"
    case .flag: "on, off"
    case .choice(let names): names.joined(separator: ", ")
    }
  }

  /// When it can be changed, where that is not at any moment.
  package var mark: String? {
    descriptor.isFixed
      ? "decided before the start" : descriptor.isStructural ? "⟳" : nil
  }
}

extension HyperparameterRow {
  /// Rows as a table in Markdown.
  package static func table(_ rows: [HyperparameterRow]) -> String {
    let isOfGraphs = rows.contains { $0.onGraphs != nil }
    let kinds = isOfGraphs ? ["on graphs"] : ["on numbers", "on pictures"]
    let head = ["id", "symbol", "values"] + kinds + [""]
    return TextTable(
      head: head,
      rows: rows.map { row in
        let defaults = isOfGraphs ? [row.onGraphs] : [row.onNumbers, row.onPictures]
        return ["`\(row.descriptor.id)`", row.descriptor.symbol, row.values]
          + defaults.map(row.text)
          + [row.help + (row.mark.map { (row.descriptor.isFixed ? "; " : " ") + $0 } ?? "")]
      },
      words: Set(head.indices)
    )
    .text(.markdown)
  }
}
