import CellGrid

/// How many pictures of an episode fit a panel, and how large: the classes side by side, each with
/// its support picture above and its query pictures below.
struct PictureGrid: Equatable, Sendable {
  /// Columns of a picture that is worth drawing, at least.
  static let minimum = 6
  /// Wider pictures than this are not preferred to more of them.
  static let comfortable = 16

  /// Columns from one class to the next, and those of them that it may use.
  let pitch: Int
  let room: Int
  /// Whether a line tells support from query.
  let hasRule: Bool
  private(set) var columns = 0
  private(set) var rows = 0
  /// Query pictures of a class, and how many of them stand side by side.
  private(set) var queries = 0
  private(set) var across = 1

  /// The arrangement that shows most; nil where not even one query picture of a class fits.
  ///
  /// - Parameters:
  ///   - size: The room in cells.
  ///   - classes: How many stand side by side.
  ///   - queries: Query pictures of a class there are.
  ///   - picture: Any of the pictures, for its shape.
  init?(_ size: GridSize, classes: Int, queries: Int, picture: Picture) {
    guard classes > 0, queries > 0, picture.width > 0 else { return nil }
    let gap = size.columns / classes >= 16 ? 2 : 1
    pitch = (size.columns + gap) / classes
    room = pitch - gap
    hasRule = size.rows >= 12
    var best = 0
    for count in 1...queries {
      for across in 1...count {
        let wide = (room - (across - 1)) / across
        let lines = (count + across - 1) / across
        // Names above, a caption below each line of query pictures.
        let high = (size.rows - 1 - (hasRule ? 1 : 0) - lines) / (1 + lines)
        guard let fitted = Self.fitted(picture, columns: min(wide, picture.width), rows: high)
        else { continue }
        let gain = max(min(fitted.columns, Self.comfortable) - 4, 0)
        guard count * gain * gain > best else { continue }
        best = count * gain * gain
        (self.queries, self.across) = (count, across)
        (columns, rows) = (fitted.columns, fitted.rows)
      }
    }
    guard self.queries > 0 else { return nil }
  }

  /// The largest size within the room that keeps the picture's shape.
  private static func fitted(_ picture: Picture, columns: Int, rows: Int) -> GridSize? {
    var columns = columns
    while columns >= minimum, picture.rows(columns: columns) > rows { columns -= 1 }
    guard columns >= minimum, rows > 0 else { return nil }
    return GridSize(columns: columns, rows: picture.rows(columns: columns))
  }
}
