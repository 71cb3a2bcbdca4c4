/// One few-shot episode as a person sees it: pictures, and what the model says of the query set.
///
/// A run shows the same meta-validation episode each time, until somebody asks for another, so one watches it
/// being learnt. The pictures are small copies and of each class only the first few are here, so that an event
/// stays below 100 KB.
package struct EpisodeSnapshot: Sendable, Equatable {
  /// Classes shown, at most; labels beyond are predicted but have no pictures.
  package static let classLimit = 5
  /// Support pictures of a class, at most.
  package static let supportLimit = 1
  /// Query pictures of a class, at most.
  package static let queryLimit = 4
  /// Height and width of a picture, at most, in pixels.
  package static let sideLimit = 32
  /// Characters of a class's name, at most.
  package static let nameLimit = 80

  /// The class with the greatest probability, and that probability.
  package struct Prediction: Sendable, Equatable {
    package var label: Int
    /// 0…1.
    package var probability: Float

    package init(label: Int, probability: Float) {
      self.label = label
      self.probability = probability
    }
  }

  package struct Support: Sendable, Equatable {
    package var label: Int
    /// Brightness 0…255: rows first, then columns, then channels.
    package var pixels: [UInt8]

    package init(label: Int, pixels: [UInt8]) {
      self.label = label
      self.pixels = pixels
    }
  }

  package struct Query: Sendable, Equatable {
    package var label: Int
    /// Brightness 0…255: rows first, then columns, then channels.
    package var pixels: [UInt8]
    /// Of the meta-parameters as they are.
    package var before: Prediction
    /// After the last inner step.
    package var after: Prediction

    package init(label: Int, pixels: [UInt8], before: Prediction, after: Prediction) {
      self.label = label
      self.pixels = pixels
      self.before = before
      self.after = after
    }
  }

  package var run: RunID
  /// Outer steps made.
  package var step: Int
  /// Which of meta-validation's tasks it is, 0 the first.
  package var task: Int
  /// M, inner steps between the two predictions.
  package var innerSteps: Int
  package var height: Int
  package var width: Int
  /// 1 (grey) or 3 (red, green, blue).
  package var channels: Int
  /// By label; text from outside, to be sanitised before it is shown.
  package var classNames: [String]
  package var support: [Support]
  package var query: [Query]
  /// Why there are no pictures, in a sentence, where a recording's cannot be had.
  package var obstacle: String?

  package init(
    run: RunID,
    step: Int,
    task: Int = 0,
    innerSteps: Int,
    height: Int,
    width: Int,
    channels: Int,
    classNames: [String],
    support: [Support],
    query: [Query],
    obstacle: String? = nil
  ) {
    self.run = run
    self.step = step
    self.task = task
    self.innerSteps = innerSteps
    self.height = height
    self.width = width
    self.channels = channels
    self.classNames = classNames
    self.support = support
    self.query = query
    self.obstacle = obstacle
  }
}
