import Kernels

/// How a sparse matrix lies in memory, as Kernels has it.
package typealias SparseForm = Kernels.SparseForm

extension Tensor {
  /// This sparse matrix, in memory in a form, times a dense one `[columns, n]`; transposed, its
  /// transpose times `[rows, n]`.
  package func sparseProduct(
    _ form: SparseForm,
    _ other: Tensor,
    isTransposed: Bool = false
  ) -> Tensor {
    let rows = isTransposed ? form.columns : form.rows
    return graph.append(
      .sparseProduct(form, isTransposed: isTransposed),
      [self, other],
      [rows, other.shape.columns]
    )
  }
}
