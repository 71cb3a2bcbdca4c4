// The three maps of a convolution, by the algorithm that the shape names.

CK_INLINE void CK(by_algorithm)(const ck_convolution *shape, int inputs, int outputs,
                                const float *x, const float *w, const float *bias, float *y,
                                int accumulate, float *scratch, ck_part part) {
  const int size = ck_tile_size(shape);
  if (ck_parts(shape) > 0)
    CK(tiles)(shape, inputs, outputs, x, w, bias, y, accumulate, scratch, part);
  else if (size == 4)
    CK(winograd2)(shape, inputs, outputs, x, w, bias, y, accumulate, scratch, part);
  else if (size == 6)
    CK(winograd4)(shape, inputs, outputs, x, w, bias, y, accumulate, scratch, part);
  else
    CK(direct)(shape, inputs, outputs, x, w, bias, y, accumulate, scratch, part);
}

static void CK(convolve)(const ck_convolution *shape, const float *x, const float *w,
                         const float *bias, float *y, int accumulate, float *scratch,
                         ck_part part) {
  CK(by_algorithm)(shape, shape->inputs, shape->outputs, x, w, bias, y, accumulate, scratch, part);
}

static void CK(image_gradient)(const ck_convolution *shape, const float *g, const float *w,
                               float *dx, int accumulate, float *scratch, ck_part part) {
  const int inputs = shape->inputs, outputs = shape->outputs;
  CK(turned)(w, scratch, inputs, outputs);
  float *rest = scratch + ck_lines((size_t)9 * inputs * outputs);
  CK(by_algorithm)(shape, outputs, inputs, g, scratch, NULL, dx, accumulate, rest, part);
}

static void CK(weight_gradient)(const ck_convolution *shape, const float *x, const float *g,
                                float *dw, int accumulate, float *scratch, ck_part part) {
  const int size = ck_tile_size(shape);
  if (ck_parts(shape) > 0)
    CK(tiles_weights)(shape, x, g, dw, accumulate, scratch, part);
  else if (size == 4)
    CK(winograd2_weights)(shape, x, g, dw, accumulate, scratch, part);
  else if (size == 6)
    CK(winograd4_weights)(shape, x, g, dw, accumulate, scratch, part);
  else
    CK(direct_weights)(shape, x, g, dw, accumulate, scratch, part);
}
