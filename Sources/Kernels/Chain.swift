import CKernels

/// A fused elementwise chain: what it loads, the steps in order, what it stores and sums.
///
/// Steps work on numbered slots. A slot is scratch unless a load or a store ties it to memory.
package struct Chain: Sendable, Equatable {
  /// How an operand covers the iteration space of rows × columns.
  package enum Cover: UInt8, Sendable {
    case full
    /// One row, repeated for every row.
    case row
    /// One column, repeated for every column.
    case column
    case scalar
  }

  package enum Reduction: UInt8, Sendable, Hashable {
    /// To one number.
    case all
    /// Over rows, to one row.
    case rows
    /// Over columns, to one number a row.
    case columns
  }

  package struct Load: Sendable, Equatable {
    package var address: Address
    package var slot: Int
    package var cover: Cover
    /// Set when the operand is a pooled map, read as if scattered to where it was chosen.
    package var scatter: Scatter?

    package init(address: Address, slot: Int, cover: Cover, scatter: Scatter? = nil) {
      self.address = address
      self.slot = slot
      self.cover = cover
      self.scatter = scatter
    }
  }

  /// Where a pooled map's numbers go in the whole images; zeros lie elsewhere.
  package struct Scatter: Sendable, Hashable {
    package let choices: Address
    /// Of the whole images: their pixels are the chain's rows, their channels its columns.
    package let map: ImageMap

    package init(choices: Address, map: ImageMap) {
      self.choices = choices
      self.map = map
    }
  }

  package struct Store: Sendable, Equatable {
    package var address: Address
    package var slot: Int

    package init(address: Address, slot: Int) {
      self.address = address
      self.slot = slot
    }
  }

  package struct Sink: Sendable, Equatable {
    package var address: Address
    package var slot: Int
    package var reduction: Reduction

    package init(address: Address, slot: Int, reduction: Reduction) {
      self.address = address
      self.slot = slot
      self.reduction = reduction
    }
  }

  /// `slot[target] = operation(slot[a], slot[b], slot[c])`; unused operands are 0.
  package struct Step: Sendable, Equatable {
    package var operation: ChainOperation
    package var target: Int
    package var a: Int
    package var b: Int
    package var c: Int

    package init(_ operation: ChainOperation, target: Int, a: Int, b: Int = 0, c: Int = 0) {
      self.operation = operation
      self.target = target
      self.a = a
      self.b = b
      self.c = c
    }
  }

  package var rows: Int
  package var columns: Int
  package var loads: [Load] = []
  package var stores: [Store] = []
  package var steps: [Step] = []
  package var sinks: [Sink] = []
  package var slotCount = 0

  package static let maximumSlots = Int(CK_MAX_SLOTS)

  package init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }
}

/// What one step of a chain computes; the suffix `Scalar` marks an operand that is one number.
package enum ChainOperation: UInt8, Sendable, CaseIterable {
  case copy
  case fill
  case negate
  case exp
  case log
  case squareRoot
  case tanh
  case sigmoid
  case softplus
  case add
  case addScalar
  case subtract
  case subtractScalar
  case subtractFromScalar
  case multiply
  case multiplyScalar
  case divide
  case divideScalar
  case divideScalarBy
  /// `b ≤ 0 ? 0 : a`, the rectifier and its derivative in one.
  case gate
  case gateScalar
  /// `a + c · b`, `c` one number.
  case addScaled
  /// `a − c · b`, `c` one number.
  case subtractScaled
  /// `a + b · c`
  case multiplyAdd
}
