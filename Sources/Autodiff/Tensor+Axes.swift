import Kernels

/// Axes by their numbers, the slowest 0.
extension Tensor {
  func exchanged(_ exchange: Exchange, as shape: Shape) -> Tensor {
    graph.append(.exchange(exchange), [self], shape)
  }

  /// The axes in another order: axis `order[i]` becomes axis i.
  package func permuted(_ order: [Int]) -> Tensor {
    precondition(
      order.sorted() == Array(shape.dimensions.indices),
      "\(order) is no order of the axes of \(shape)"
    )
    var (tensor, axes) = (self, Array(order.indices))
    for (place, axis) in order.enumerated() {
      guard let from = axes.firstIndex(of: axis), from != place else { continue }
      // The axis goes to its place, and what lay between moves back by one.
      let size = axes.map { shape.dimensions[$0] }
      let exchange = Exchange(
        outer: size[..<place].reduce(1, *),
        rows: size[place..<from].reduce(1, *),
        columns: size[from],
        inner: size[(from + 1)...].reduce(1, *)
      )
      axes.remove(at: from)
      axes.insert(axis, at: place)
      tensor = tensor.exchanged(exchange, as: Shape(axes.map { shape.dimensions[$0] }))
    }
    return tensor
  }

  /// `count` copies along a new axis with this number.
  package func repeated(_ count: Int, along axis: Int) -> Tensor {
    var dimensions = shape.dimensions
    dimensions.insert(count, at: axis)
    let (before, after) = (
      dimensions[..<axis].reduce(1, *), dimensions[(axis + 1)...].reduce(1, *)
    )
    if before == 1 { return broadcast(.row, to: [count, after]).reshaped(to: Shape(dimensions)) }
    let copies = reshaped(to: [before * after]).broadcast(.column, to: [before * after, count])
    let exchange = Exchange(outer: before, rows: after, columns: count, inner: 1)
    return copies.exchanged(exchange, as: Shape(dimensions))
  }

  /// The sum along an axis, which is gone then.
  package func summed(along axis: Int) -> Tensor {
    var dimensions = shape.dimensions
    let count = dimensions.remove(at: axis)
    let (before, after) = (
      dimensions[..<axis].reduce(1, *), dimensions[axis...].reduce(1, *)
    )
    let exchange = Exchange(outer: before, rows: count, columns: after, inner: 1)
    return exchanged(exchange, as: [before * after, count]).sumOverColumns()
      .reshaped(to: Shape(dimensions))
  }

  /// The columns of matrices with as many rows, side by side.
  package static func sideBySide(_ parts: [Tensor]) -> Tensor {
    guard let first = parts.first else { preconditionFailure("nothing to put side by side") }
    let (rows, columns) = (first.shape.rows, parts.reduce(0) { $0 + $1.shape.columns })
    let whole: Shape = [columns, rows]
    var (sum, start) = (Tensor?.none, 0)
    for part in parts {
      precondition(part.shape.rows == rows, "\(part.shape) has not \(rows) rows")
      let padded = part.transposed().padded(from: start, to: whole)
      sum = sum.map { $0 + padded } ?? padded
      start += part.shape.count
    }
    return (sum ?? first).transposed()
  }
}

extension Graph {
  /// Numbers that are written in the graph.
  package func table(_ numbers: [Double], _ shape: Shape) -> Tensor {
    append(.table(numbers), [], shape)
  }

  package func identity(_ count: Int) -> Tensor {
    let numbers = (0..<count * count).map { $0 % (count + 1) == 0 ? 1.0 : 0 }
    return table(numbers, [count, count])
  }
}
