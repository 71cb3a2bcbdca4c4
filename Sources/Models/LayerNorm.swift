import Autodiff

extension Tensor {
  /// Layer normalisation: each example's numbers by their own mean and biased variance, then scaled
  /// and shifted by unit or channel, with the parameters `NAME.norm.weight` and `NAME.norm.bias`.
  ///
  /// Of a row of units it is PyTorch's `LayerNorm`, of an image's map its `GroupNorm` with one group;
  /// examples do not see each other.
  func layerNormalised(_ name: String, _ parameters: ParameterTree<Tensor>) -> Tensor {
    let rows = flattened()
    let share = 1 / Double(rows.shape.columns)
    func spread(_ column: Tensor) -> Tensor { column.broadcast(.column, to: rows.shape) }
    let centred = rows - spread(rows.sumOverColumns() * share)
    let variance = (centred * centred).sumOverColumns() * share
    let normal = centred / spread((variance + Self.layerNormEpsilon).squareRoot())
    func perChannel(_ end: String) -> Tensor {
      let values = parameters[name + ".norm." + end]
      return values.broadcast(values.shape.count == 1 ? .scalar : .row, to: shape)
    }
    return normal.reshaped(to: shape) * perChannel("weight") + perChannel("bias")
  }

  /// PyTorch's default.
  private static var layerNormEpsilon: Double { 1e-5 }
}
