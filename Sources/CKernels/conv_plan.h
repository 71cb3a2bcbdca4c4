// Sizes that the kernels and the scratch they ask for must agree upon.
#pragma once
#include "CKConvolution.h"

// The largest register tile of any instruction set.
enum { CK_MAX_STRIP = 14, CK_MAX_LANES = 16 };

// Floats of image and gradient that a weight gradient works on together: half of a second-level
// cache of 1 MiB.
enum { CK_BLOCK_FLOATS = 131072 };

static inline size_t ck_lines(size_t floats) { return (floats + 15) / 16 * 16; }

// A block is some whole images, or some rows of one.
typedef struct {
  int images;
  int rows;
} ck_block;

static inline ck_block ck_direct_block(const ck_convolution *shape) {
  const size_t width = (size_t)shape->width, height = (size_t)shape->height;
  const size_t row =
      (width + 2) * (size_t)shape->inputs + width * (size_t)shape->outputs;
  size_t rows = CK_BLOCK_FLOATS / row;
  if (rows < 1) rows = 1;
  size_t images = rows / height;
  if (images > (size_t)shape->batch) images = (size_t)shape->batch;
  return images < 1 ? (ck_block){1, (int)rows} : (ck_block){(int)images, (int)height};
}

// The size of Winograd's image tiles, or 0 for direct.
static inline int ck_tile_size(const ck_convolution *shape) {
  const int is_wide = shape->inputs % CK_MAX_LANES == 0 && shape->outputs % CK_MAX_LANES == 0;
  if (shape->algorithm == CK_DIRECT || shape->algorithm >= CK_TILES_1 || !is_wide) return 0;
  return shape->algorithm == CK_WINOGRAD_4 ? 6 : 4;
}

// Tiles that are worked on together: more of them, and sums over tiles stay longer in registers;
// fewer, and more of what is transformed stays in the second-level cache.
static inline int ck_tiles(int size) { return size == 6 ? 56 : 84; }

// Tiles of all images.
static inline int ck_tiles_of(const ck_convolution *shape, int size) {
  const int result = size - 2;
  return shape->batch * ((shape->height + result - 1) / result) *
         ((shape->width + result - 1) / result);
}
