import Files

/// What a person asks of a data set of pictures, beside its name.
package struct DataOptions: Sendable, Equatable {
  /// What keeps the splits apart.
  package enum Split: String, Sendable, CaseIterable {
    /// No class is in two splits: the field's few-shot learning.
    case classes
    /// Each class is in every split, with other pictures in each.
    case examples
  }

  /// What becomes of classes with too few pictures.
  package enum SmallClasses: String, Sendable, CaseIterable {
    /// The data set is refused, with their names.
    case refuse
    /// They are in no episode.
    case leaveOut = "leave-out"
  }

  /// The heights and widths that pictures may be given.
  package static let imageSizes = 4...1024
  /// Support and query images of a class where nothing is said.
  package static let usualImages = TaskDefaults.usualShot + TaskDefaults.usualQuery

  /// Height and width; nil for what the data set says itself.
  package var imageSize: Int?
  /// Nil for classes, or for what the data set has of its own.
  package var split: Split?
  package var smallClasses = SmallClasses.refuse
  /// Classes that an episode draws; nil where none is ever drawn.
  package var way: Int?
  /// Pictures of each class that an episode draws.
  package var leastImages = Self.usualImages
  /// Pictures of different sizes take that of the first, as in runs recorded before this was refused.
  package var takesFirstSize = false
  /// Everything is read and told, and what does not fit is noted in the report instead of thrown.
  package var isSurvey = false
  /// A file of `--episodes`, for tasks that are made of it.
  package var episodes: TensorFile?
  /// Points that are trained side by side, where the parameters are points.
  package var points = 1
  /// Classes of an episode where somebody says it; a graph has a usual number of its own.
  package var givenWay: Int?

  package init(way: Int? = nil) { self.way = way }

  /// The first of these options that only pictures in files have, where it is asked for.
  func refusal(of name: String, _ reason: String, _ options: [String]) -> DatasetError? {
    let given = ["image-size": imageSize != nil, "split": split == .examples]
    guard let option = options.first(where: { given[$0] == true }) else { return nil }
    return DatasetError(path: name, reason: "\(reason); leave --\(option) out")
  }
}
