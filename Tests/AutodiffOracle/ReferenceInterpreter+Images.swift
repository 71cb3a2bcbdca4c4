import Autodiff

extension ReferenceInterpreter {
  func evaluateImages(
    _ primitive: Primitive,
    _ x: [[Double]],
    _ shapes: [Shape],
    _ shape: Shape
  ) -> [Double] {
    var result = [Double](repeating: 0, count: shape.count)
    switch primitive {
    case .convolution:
      eachTap(input: shapes[0], outputs: shape.columns) { i, w, o in result[o] += x[0][i] * x[1][w]
      }
    case .convolutionInputGradient:
      eachTap(input: shape, outputs: shapes[0].columns) { i, w, o in
        result[i] += x[0][o] * x[1][w]
      }
    case .convolutionWeightGradient:
      eachTap(input: shapes[0], outputs: shapes[1].columns) { i, w, o in
        result[w] += x[0][i] * x[1][o]
      }
    case .poolingChoice:
      eachWindow(shapes[0]) { small, places in
        let sign: Double = x[1][small % x[1].count] < 0 ? -1 : 1
        let values = places.map { sign * x[0][$0] }
        let none = values.lastIndex { $0.isNaN }
        result[small] = Double(none ?? values.firstIndex(of: values.max() ?? 0) ?? 0)
      }
    case .cornerChoice: break
    case .pool:
      eachWindow(shapes[0]) { small, places in result[small] = x[0][places[Int(x[1][small])]] }
    case .unpool:
      eachWindow(shape) { small, places in result[places[Int(x[1][small])]] = x[0][small] }
    case .spatialSum:
      eachPixel(shapes[0]) { place, sum in result[sum] += x[0][place] }
    case .spatialBroadcast:
      eachPixel(shape) { place, sum in result[place] = x[0][sum] }
    case .moments:
      let (rows, columns) = (shapes[0].rows, shapes[0].columns)
      for column in 0..<columns {
        let values = (0..<rows).map { x[0][$0 * columns + column] }
        let mean = values.reduce(0, +) / Double(rows)
        result[column] = mean
        result[columns + column] =
          values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      }
    case .rowMaximum:
      let columns = shapes[0].columns
      for row in result.indices {
        let values = x[0][row * columns..<(row + 1) * columns]
        result[row] = values.contains { $0.isNaN } ? .nan : values.max() ?? 0
      }
    default: preconditionFailure("\(primitive) is not an operation on images")
    }
    return result
  }

  /// Places of input, weight and output for every product of a 3×3 convolution with padding 1.
  private func eachTap(
    input: Shape,
    outputs: Int,
    _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
  ) {
    let size = input.dimensions
    for place in 0..<size[0] * size[1] * size[2] {
      let (row, column) = (place / size[2] % size[1], place % size[2])
      for tap in 0..<9 {
        let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
        guard (0..<size[1]).contains(row + dy), (0..<size[2]).contains(column + dx) else {
          continue
        }
        for channel in 0..<size[3] {
          for output in 0..<outputs {
            body(
              (place + dy * size[2] + dx) * size[3] + channel,
              (tap * size[3] + channel) * outputs + output,
              place * outputs + output
            )
          }
        }
      }
    }
  }

  /// Each number's place, and that of its image's and channel's sum.
  private func eachPixel(_ images: Shape, _ body: (_ place: Int, _ sum: Int) -> Void) {
    let (channels, image) = (images.columns, images.count / images.dimensions[0])
    for place in 0..<images.count {
      body(place, place / image * channels + place % channels)
    }
  }

  /// Each 2×2 window's place in the pooled images, and the four places it covers.
  private func eachWindow(_ images: Shape, _ body: (_ small: Int, _ places: [Int]) -> Void) {
    let size = images.dimensions
    let (height, width, channels) = (size[1] / 2, size[2] / 2, size[3])
    for small in 0..<size[0] * height * width * channels {
      let channel = small % channels
      let column = small / channels % width
      let row = small / channels / width % height
      let image = small / channels / width / height
      let corner = (image * size[1] + 2 * row) * size[2] + 2 * column
      body(small, [0, 1, size[2], size[2] + 1].map { (corner + $0) * channels + channel })
    }
  }
}
