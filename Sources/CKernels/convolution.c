// How much scratch memory a convolution needs: the same for every instruction set.
#include "conv_plan.h"
#include "tiles.h"

int ck_has_matrix_engine(void) { return ck_matrix_engine() != NULL; }

size_t ck_convolution_scratch(const ck_convolution *shape, ck_convolution_kind kind) {
  const size_t width = (size_t)shape->width;
  const int is_turned = kind == CK_IMAGE_GRADIENT;
  const size_t inputs = (size_t)(is_turned ? shape->outputs : shape->inputs);
  const size_t outputs = (size_t)(is_turned ? shape->inputs : shape->outputs);
  const size_t tile = CK_MAX_STRIP * CK_MAX_LANES;
  const size_t turned = is_turned ? ck_lines(9 * inputs * outputs) : 0;
  if (ck_parts(shape) > 0)
    return turned + ck_tiles_scratch(shape, (int)inputs, (int)outputs, kind == CK_WEIGHT_GRADIENT);
  const size_t size = (size_t)ck_tile_size(shape), tiles = (size_t)ck_tiles((int)size);
  if (size > 0)
    return turned + size * size * (inputs * outputs + tiles * (inputs + outputs) + 3 * 16) +
           inputs + outputs;
  if (kind != CK_WEIGHT_GRADIENT)
    return turned + 4 * ck_lines((width + 2) * inputs) + tile + 9 * inputs * CK_MAX_LANES;
  const ck_block block = ck_direct_block(shape);
  const size_t images = (size_t)block.images, rows = (size_t)block.rows;
  return tile + ck_lines(images * (rows + 2) * (width + 2) * inputs) +
         images * rows * width * CK_MAX_LANES;
}

// Units of a map, and how many a part should have at least: a part transforms the weights anew, and a
// tile of registers wants rows.
typedef struct {
  int columns, rows, least;
} units;

static units units_of(const ck_convolution *shape, ck_convolution_kind kind) {
  const int size = ck_tile_size(shape), is_tiled = ck_parts(shape) > 0;
  if (kind == CK_WEIGHT_GRADIENT) {
    const int width = is_tiled ? CK_SIDE : CK_MAX_LANES;
    const int rows = is_tiled ? 1 : size > 0 ? shape->inputs / CK_MAX_LANES : 3;
    return (units){(shape->outputs + width - 1) / width, rows, 1};
  }
  if (is_tiled) return (units){shape->batch * (shape->height + 1), 1, 4};
  if (size > 0) return (units){ck_tiles_of(shape, size), 1, 28};
  return (units){shape->batch * shape->height, 1, 2};
}

// A weight gradient's columns are cut first, then its rows.
static int columns_of(units all, int parts) {
  const int most = all.columns / all.least > 1 ? all.columns / all.least : 1;
  return parts < most ? parts : most;
}

int ck_convolution_parts(const ck_convolution *shape, ck_convolution_kind kind, int wanted) {
  const units all = units_of(shape, kind);
  const int columns = columns_of(all, wanted), rows = wanted / columns;
  return columns * (rows < all.rows ? rows : all.rows);
}

ck_part ck_convolution_part(const ck_convolution *shape, ck_convolution_kind kind, int part,
                            int parts) {
  const units all = units_of(shape, kind);
  const int columns = columns_of(all, parts), rows = parts / columns;
  const int64_t i = part % columns, j = part / columns;
  return (ck_part){(int32_t)(i * all.columns / columns), (int32_t)((i + 1) * all.columns / columns),
                   (int32_t)(j * all.rows / rows), (int32_t)((j + 1) * all.rows / rows)};
}
