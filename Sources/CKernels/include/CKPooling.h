// Moments over a batch, 2x2 maxima and sums over an image, over images stored pixel by pixel.
//
// A choice says, in a byte for each result, which pixel of its window (0..3, row by row; the first of
// equals) it is. Rows and columns without a whole window have no part in the result. Not-a-number
// wins, so that it is seen.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int32_t batch;
  int32_t height;
  int32_t width;
  int32_t channels;
} ck_map;

// Columns that are computed alike together on every instruction set.
enum { CK_COLUMNS = 16 };

typedef struct {
  // Mean and biased variance of the columns from `first` to `end`, of `channels`; `first` is a multiple
  // of CK_COLUMNS, and so is `end` unless it is the last.
  void (*moments)(const float *x, ptrdiff_t rows, int channels, int first, int end, float *mean,
                  float *variance);
  // Chooses each window's largest pixel, or its smallest in channels whose `direction` is negative;
  // y = the chosen pixels, unless it is NULL.
  void (*choose)(const ck_map *map, const float *x, const float *direction, float *y,
                 uint8_t *choices);
  // y = x at the choices
  void (*gather)(const ck_map *map, const float *x, const uint8_t *choices, float *y);
  // x = y at the choices and 0 elsewhere: the transpose of gather
  void (*scatter)(const ck_map *map, const float *y, const uint8_t *choices, float *x);
  // y (batch, channels) = sums over each image's pixels
  void (*sum_pixels)(const ck_map *map, const float *x, float *y);
  // x = y at every pixel: the transpose of sum_pixels
  void (*repeat_pixels)(const ck_map *map, const float *y, float *x);
} ck_pooling;
