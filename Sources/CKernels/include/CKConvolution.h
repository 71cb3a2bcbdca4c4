// Convolutions 3x3 with a border of one zero and stride one, over images stored pixel by pixel
// (batch, height, width, channels); weights are (3, 3, inputs, outputs).
//
// The convolution is linear in the image and in the weights, so its derivatives of any order are
// made of three maps: the convolution, its transpose in the image, and its transpose in the weights.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  CK_DIRECT = 0,    // sums of products as they are written
  // F(2x2, 3x3), 16 multiplications where direct takes 36, and F(4x4, 3x3), 36 where it takes 144;
  // both are direct where the numbers of channels are no multiples of 16
  CK_WINOGRAD = 1,
  CK_WINOGRAD_4 = 2,
  // Products of bfloat16 tiles: every float32 as one, two or three of them (tiles.h)
  CK_TILES_1 = 3,
  CK_TILES_2 = 4,
  CK_TILES_3 = 5,
} ck_algorithm;

typedef enum {
  CK_CONVOLVE = 0,
  CK_IMAGE_GRADIENT,
  CK_WEIGHT_GRADIENT,
} ck_convolution_kind;

typedef struct {
  int32_t batch;
  int32_t height;
  int32_t width;
  int32_t inputs;
  int32_t outputs;
  int32_t algorithm;  // ck_algorithm
  int32_t is_plain;   // tiles are multiplied without the matrix engine, to the same bits
} ck_convolution;

// What one call computes of a map: units from `first` to `end`, which are rows or tiles of all images, or,
// of a weight gradient, columns, and there some of the rows, too. Every number is summed in the same
// order whatever the part.
typedef struct {
  int32_t first, end;
  int32_t first_row, end_row;
} ck_part;

// How many parts a map can be cut into, `wanted` at most, and one of them; a single one is the whole.
int ck_convolution_parts(const ck_convolution *shape, ck_convolution_kind kind, int wanted);
ck_part ck_convolution_part(const ck_convolution *shape, ck_convolution_kind kind, int part,
                            int parts);

// Floats of scratch memory that one call needs, for every instruction set; 64-byte aligned.
size_t ck_convolution_scratch(const ck_convolution *shape, ck_convolution_kind kind);

// Whether this process can use the processor's matrix engine: AMX with bfloat16, which the system has granted and
// METATOP_MATRIX_ENGINE=off does not forbid. Without it tiles are multiplied by ordinary arithmetic, with the same bits.
int ck_has_matrix_engine(void);
