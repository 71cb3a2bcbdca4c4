// Stencils of 3x3 numbers shared by all channels, with a border of one zero, over images stored pixel
// by pixel; and how strongly four stencils respond to an image.
//
// y[p] = sum of k[t] x[p + d_t] over the nine neighbours t, row by row. It is linear in x and in k, so
// its derivatives of any order are made of three maps. The responses
//
//   h[j, image, c] = sum over the image's pixels of max(0, stencil j of x)[p, c],  j < CK_RESPONSES
//
// are so too, once a choice says in the lower bits of a byte which of them were positive. No stencil's
// map is ever stored.
#pragma once
#include "CKPooling.h"

enum { CK_RESPONSES = 4 };

typedef struct {
  // y = the stencil of x, or its transpose in x: the kernel turned by a half
  void (*apply)(const ck_map *map, const float *x, const float *kernel, int is_transposed, float *y);
  // dk[t] = sum over images, pixels and channels of x[p + d_t] g[p]
  //
  // Here and below: of the images from `first` to `end`. With `images`, a gradient's sums over each of
  // them are left there, behind each other, instead of their sum in dk.
  void (*kernel_gradient)(const ck_map *map, const float *x, const float *g, float *dk, int first,
                          int end, double *images);
  // Chooses where the four stencils of x are positive, and finds h unless it is NULL.
  void (*choose)(const ck_map *map, const float *x, const float *kernels, float *h,
                 uint8_t *choices, int first, int end);
  // h as chosen
  void (*respond)(const ck_map *map, const float *x, const float *kernels, const uint8_t *choices,
                  float *h, int first, int end);
  // dx = the transpose of x -> h, applied to u (CK_RESPONSES, batch, channels)
  void (*response_input)(const ck_map *map, const float *u, const float *kernels,
                         const uint8_t *choices, float *dx, int first, int end);
  // dk = the transpose of kernels -> h, applied to u
  void (*response_kernels)(const ck_map *map, const float *x, const float *u,
                           const uint8_t *choices, float *dk, int first, int end, double *images);
} ck_stencil;
