import CKernels

/// How a sparse matrix lies in memory: the values of its entries, their columns, and for each row where
/// its entries begin.
///
/// Everything is a float; whole numbers are exact up to 2²⁴, which no form exceeds. `rows` may be fewer
/// than there is room for, so that computations of several sizes read the same memory.
///
/// A **full** form is of rows that have all columns, in order: behind the values stands how many rows there are,
/// and products are those of dense matrices, of the rows that there are.
package struct SparseForm: Sendable, Hashable {
  package let rows: Int
  package let columns: Int
  /// Entries that there is room for.
  package let capacity: Int
  /// Rows that there is room for.
  package let rowCapacity: Int
  package let isFull: Bool

  package init(rows: Int, columns: Int, capacity: Int, rowCapacity: Int, isFull: Bool = false) {
    precondition(rows > 0 && rows <= rowCapacity && columns > 0, "\(rows) rows of \(rowCapacity)")
    precondition(max(capacity, columns) < Self.limit, "\(capacity) entries, \(columns) columns")
    self.rows = rows
    self.columns = columns
    self.capacity = capacity
    self.rowCapacity = rowCapacity
    self.isFull = isFull
  }

  /// Whole numbers below this are exact as floats.
  package static let limit = 1 << 24

  /// The same memory with other numbers of rows and columns in it.
  package func with(rows: Int, columns: Int? = nil) -> Self {
    Self(
      rows: rows,
      columns: columns ?? self.columns,
      capacity: capacity,
      rowCapacity: rowCapacity,
      isFull: isFull
    )
  }

  /// Where the entries' columns begin, and where their rows do, or the number of rows stands.
  package var entryColumns: Int { paddedCount(capacity) }
  package var starts: Int { isFull ? entryColumns : 2 * entryColumns }
  /// Floats of the whole.
  package var count: Int { starts + paddedCount(isFull ? 1 : rowCapacity + 1) }
  /// Entries of so many rows at most.
  package var mostEntries: Int { isFull ? min(rows * columns, capacity) : capacity }

  /// A matrix in this form; rows that it lacks are empty.
  package func numbers(_ matrix: SparseRows) -> [Float] {
    let buffer = AlignedBuffer(count: count)
    buffer.write(matrix, as: self, at: 0)
    return buffer.values(0..<count)
  }
}

/// A sparse matrix, row by row.
package struct SparseRows: Sendable, Equatable {
  /// Of each row, and one more for the end.
  package var starts: [Int32]
  package var columns: [Int32]
  package var values: [Float]

  package init(starts: [Int32] = [0], columns: [Int32] = [], values: [Float] = []) {
    (self.starts, self.columns, self.values) = (starts, columns, values)
  }

  package var rowCount: Int { starts.count - 1 }

  package func range(_ row: Int) -> Range<Int> { Int(starts[row])..<Int(starts[row + 1]) }

  package var byteCount: Int { 4 * (starts.count + columns.count + values.count) }
}

extension AlignedBuffer {
  /// Writes a matrix in a form from `offset` on; rows that it lacks are empty.
  package func write(_ matrix: SparseRows, as form: SparseForm, at offset: Int) {
    precondition(
      matrix.rowCount <= form.rowCapacity && matrix.values.count <= form.capacity
        && offset + form.count <= count,
      "\(matrix.rowCount) rows of \(matrix.values.count) entries in \(form)"
    )
    let target = start + offset
    for (entry, value) in matrix.values.enumerated() { target[entry] = value }
    guard !form.isFull else {
      precondition(matrix.values.count == matrix.rowCount * form.columns, "rows are not full")
      target[form.starts] = Float(matrix.rowCount)
      return
    }
    let columns = target + form.entryColumns
    for (entry, column) in matrix.columns.enumerated() { columns[entry] = Float(column) }
    let starts = target + form.starts
    for (row, first) in matrix.starts.enumerated() { starts[row] = Float(first) }
    let end = Float(matrix.values.count)
    for row in matrix.starts.count..<max(form.rowCapacity + 1, matrix.starts.count) {
      starts[row] = end
    }
  }
}

extension AlignedBuffer {
  /// Writes some rows of a dense matrix in a full form.
  package func write(_ rows: [Int], of numbers: [Float], as form: SparseForm, at offset: Int) {
    let columns = form.columns
    precondition(
      form.isFull && rows.count <= form.rowCapacity && rows.count * columns <= form.capacity
        && offset + form.count <= count,
      "\(rows.count) rows of \(columns) in \(form)"
    )
    var target = start + offset
    target[form.starts] = Float(rows.count)
    numbers.withUnsafeBufferPointer { numbers in
      for row in rows {
        let own = numbers.extracting(row * columns..<(row + 1) * columns)
        guard let from = own.baseAddress else { return }
        target.update(from: from, count: columns)
        target += columns
      }
    }
  }
}

/// `target[rows, width]` = matrix · other; transposed, `target[columns, width]` = matrixᵀ · other, or that added to
/// what the target holds.
package struct SparseProduct: Sendable, Equatable {
  package let form: SparseForm
  package let isTransposed: Bool
  package let matrix: Address
  package let other: Address
  package let target: Address
  package let width: Int
  package let accumulates: Bool

  package init(
    _ form: SparseForm,
    isTransposed: Bool,
    matrix: Address,
    other: Address,
    target: Address,
    width: Int,
    accumulates: Bool = false
  ) {
    precondition(isTransposed || !accumulates, "only transposed products are added")
    self.form = form
    self.isTransposed = isTransposed
    self.matrix = matrix
    self.other = other
    self.target = target
    self.width = width
    self.accumulates = accumulates
  }
}

extension KernelTable {
  /// A product, or some of its rows; transposed, some of its columns.
  func run(_ product: SparseProduct, _ bases: Bases, _ part: Part) {
    let form = product.form
    var shape = ck_sparse(
      rows: Int32(form.rows),
      columns: Int32(form.columns),
      entry_columns: Int32(form.entryColumns),
      starts: Int32(form.starts),
      is_full: form.isFull ? 1 : 0
    )
    let (matrix, other) = (bases[product.matrix], bases[product.other])
    let (target, width) = (bases[product.target], Int32(product.width))
    let own =
      product.isTransposed
      ? part.range(of: product.width, by: Int(CK_COLUMNS))
      : part.range(of: form.rows, by: 8)
    let (first, end) = (Int32(own.lowerBound), Int32(own.upperBound))
    if product.isTransposed {
      table.pointee.sparse.multiply_transposed(
        &shape,
        matrix,
        other,
        width,
        target,
        first,
        end,
        product.accumulates ? 1 : 0
      )
    } else {
      table.pointee.sparse.multiply(&shape, matrix, other, width, target, first, end)
    }
  }
}
