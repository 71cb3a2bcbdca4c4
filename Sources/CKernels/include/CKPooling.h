// Normalisation over a batch, rectifier and 2x2 maximum, over images stored pixel by pixel.
//
// A choice says, in a byte for each result, which pixel of its window (0..3, row by row; the first of
// equals) is the maximum, or CK_CLOSED when the rectifier lets nothing through. Rows and columns
// without a whole window have no part in the result. Not-a-number wins, so that it is seen.
//
// With the choices fixed everything is linear in the image, and with its mean and variance
// everything is affine: derivatives of any order need only sums over a channel (`pair_sums`,
// `chosen_sums`) and one pass that combines images with one coefficient a channel (`spread`).
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { CK_CLOSED = 4 };

typedef struct {
  int32_t batch;
  int32_t height;
  int32_t width;
  int32_t channels;
} ck_map;

// Operands of `spread`; each row has one number a channel.
typedef struct {
  const float *pooled;     // (batch, height / 2, width / 2, channels), placed by the choices
  const uint8_t *choices;
  const float *x;
  const float *mean;       // row
  const float *u;          // an image, or NULL
  const float *by_pooled;  // row
  const float *by_x;       // row
  const float *by_u;       // row, when u is not NULL
  const float *constant;   // row
} ck_spread;

typedef struct {
  // Mean and biased variance of each of `channels` columns.
  void (*moments)(const float *x, ptrdiff_t rows, int channels, float *mean, float *variance);
  // sum = columns' sums of u; product = columns' sums of u (x - mean).
  void (*pair_sums)(const float *u, const float *x, const float *mean, ptrdiff_t rows,
                    int channels, float *sum, float *product);
  // y = the maximum over windows
  void (*pool)(const ck_map *map, const float *x, float *y, uint8_t *choices);
  // y = the maximum over windows of (x - mean) scale + shift, or 0 when that is not positive
  void (*normalise_pool)(const ck_map *map, const float *x, const float *mean, const float *scale,
                         const float *shift, float *y, uint8_t *choices);
  // y = x at the choices (0 where closed), added to y when `accumulate`
  void (*gather)(const ck_map *map, const float *x, const uint8_t *choices, float *y,
                 int accumulate);
  // x = y at the choices and 0 elsewhere: the transpose of gather; added to x when `accumulate`
  void (*scatter)(const ck_map *map, const float *y, const uint8_t *choices, float *x,
                  int accumulate);
  // sum = channels' sums of p where open; product = those of p times (x - mean) at the choices
  void (*chosen_sums)(const ck_map *map, const float *p, const uint8_t *choices, const float *x,
                      const float *mean, float *sum, float *product);
  // out = by_pooled scatter(pooled) + by_x (x - mean) + by_u u + constant; out may be x or u
  void (*spread)(const ck_map *map, const ck_spread *operands, float *out);
} ck_pooling;
