import Events

/// The one-line editor for a hyperparameter's value.
struct ValueEditor: Equatable, Sendable {
  let run: RunID
  let hyperparameter: HyperparameterDescriptor
  var input = LineInput() { didSet { if input.text != oldValue.text { problem = nil } } }
  /// Why the text is not a value, once Enter was pressed on it.
  private(set) var problem: String?

  init(run: RunID, hyperparameter: HyperparameterDescriptor) {
    self.run = run
    self.hyperparameter = hyperparameter
  }

  var text: String { input.text }

  /// The value the text stands for; else nil, and `problem` says why.
  mutating func parse() -> Double? {
    do throws(HyperparameterError) {
      return try hyperparameter.parse(text.trimmed)
    } catch {
      // The line begins with the identifier already.
      let prefix = "\(hyperparameter.id): "
      let sentence = error.description
      problem = sentence.hasPrefix(prefix) ? String(sentence.dropFirst(prefix.count)) : sentence
      return nil
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
