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
