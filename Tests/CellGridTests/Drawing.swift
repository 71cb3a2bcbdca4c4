import CellGrid
import Testing

/// Expects what `draw` puts on a grid of this size to be `picture`, trailing blanks apart.
func expectDrawing(
  _ columns: Int,
  _ rows: Int,
  _ picture: String,
  _ location: SourceLocation = #_sourceLocation,
  draw: (inout CellGrid) -> Void
) {
  var grid = CellGrid(size: GridSize(columns: columns, rows: rows))
  draw(&grid)
  #expect(grid.dump() == picture, sourceLocation: location)
  #expect(grid.violation == nil, sourceLocation: location)
}
