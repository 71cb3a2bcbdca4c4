// Convolutions as sums of products in the order they are written: no patches are built. For one
// row of weights the three neighbours of a pixel lie side by side in memory, so a strip of pixels
// is a product whose left rows overlap. Rows are copied once, with their zeros at both ends.

// Copies rows of `count` floats with `border` zeros at both ends.
static void CK(bordered)(const float *from, float *to, int rows, ptrdiff_t count, ptrdiff_t border,
                         ptrdiff_t stride) {
  for (int row = 0; row < rows; row++, from += count, to += stride) {
    for (ptrdiff_t i = 0; i < border; i++) to[i] = 0.0f;
    memcpy(to + border, from, (size_t)count * sizeof(float));
    for (ptrdiff_t i = 0; i < border; i++) to[border + count + i] = 0.0f;
  }
}

// The last columns of a matrix, filled with zeros to one vector.
static void CK(last_columns)(const float *from, float *to, ptrdiff_t rows, ptrdiff_t stride,
                             int count) {
  for (ptrdiff_t row = 0; row < rows; row++)
    for (int j = 0; j < CK_LANES; j++)
      to[row * CK_LANES + j] = j < count ? from[row * stride + j] : 0.0f;
}

// A strip whose channels are fewer than a vector holds; `tile` has room for one.
static void CK(last_strip)(int rows, const CK(runs) *runs, float *c, ptrdiff_t ldc, int count,
                           const float *bias, int accumulate, float *tile) {
  CK(strip1)(rows, runs, tile, CK_LANES, NULL, 0);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < count; j++) {
      float start = (accumulate ? c[i * ldc + j] : 0.0f) + (bias ? bias[j] : 0.0f);
      c[i * ldc + j] = start + tile[i * CK_LANES + j];
    }
}

// One row of the result from up to three rows of the image; `last` holds the weights of the last
// columns, then a tile.
CK_WIDE static void CK(direct_row)(const CK(runs) *runs, const float *const *last, float *tile,
                                   float *y, int width, int outputs, const float *bias,
                                   int accumulate) {
  const int strips = (width + CK_STRIP - 1) / CK_STRIP;
  for (int j = 0; j < outputs;) {
    const int left = outputs - j;
    CK(runs) part = *runs;
    for (int s = 0; s < runs->count; s++) part.b[s] = left < CK_LANES ? last[s] : runs->b[s] + j;
    if (left < CK_LANES) part.ldb = CK_LANES;
    for (int strip = 0; strip < strips; strip++) {
      const int from = strip * width / strips, to = (strip + 1) * width / strips;
      for (int s = 0; s < runs->count; s++) part.a[s] = runs->a[s] + from * runs->pixel;
      float *c = y + (ptrdiff_t)from * outputs + j;
      const float *start = bias ? bias + j : NULL;
      if (left >= 2 * CK_LANES)
        CK(strip2)(to - from, &part, c, outputs, start, accumulate);
      else if (left >= CK_LANES)
        CK(strip1)(to - from, &part, c, outputs, start, accumulate);
      else
        CK(last_strip)(to - from, &part, c, outputs, left, start, accumulate, tile);
    }
    j += left >= 2 * CK_LANES ? 2 * CK_LANES : CK_LANES;
  }
}

static void CK(direct)(const ck_convolution *shape, int inputs, int outputs, const float *x,
                       const float *w, const float *bias, float *y, int accumulate,
                       float *scratch, ck_part part) {
  const int height = shape->height, width = shape->width;
  const ptrdiff_t count = (ptrdiff_t)width * inputs;
  const ptrdiff_t stride = (ptrdiff_t)ck_lines((size_t)count + 2 * (size_t)inputs);
  const ptrdiff_t weights = (ptrdiff_t)3 * inputs * outputs;
  float *const rows = scratch, *const tile = rows + 4 * stride;
  float *const last = tile + CK_STRIP * CK_LANES;
  const int whole = outputs / CK_LANES * CK_LANES;
  if (whole < outputs)
    CK(last_columns)(w + whole, last, (ptrdiff_t)9 * inputs, outputs, outputs - whole);
  for (int at = part.first; at < part.end; at++) {
    const int image = at / height, i = at % height;
    const float *from = x + (ptrdiff_t)image * height * count;
    // The rows around this one that are not there yet.
    for (int k = at == part.first || i == 0 ? i - 1 : i + 1; k <= i + 1; k++)
      if (k >= 0 && k < height)
        CK(bordered)(from + k * count, rows + (k & 3) * stride, 1, count, inputs, stride);
    CK(runs) runs = {.pixel = inputs, .ldb = outputs, .count = 0, .depth = 3 * inputs};
    const float *ends[3];
    for (int k = 0; k < 3; k++) {
      if (i + k < 1 || i + k > height) continue;
      runs.a[runs.count] = rows + ((i + k - 1) & 3) * stride;
      runs.b[runs.count] = w + k * weights;
      ends[runs.count++] = last + (ptrdiff_t)k * 3 * inputs * CK_LANES;
    }
    float *out = y + (ptrdiff_t)at * width * outputs;
    CK(direct_row)(&runs, ends, tile, out, width, outputs, bias, accumulate);
  }
}

// The weights of the transposed map: turned by half a circle, inputs and outputs exchanged.
static void CK(turned)(const float *w, float *to, int inputs, int outputs) {
  const ptrdiff_t tap = (ptrdiff_t)inputs * outputs;
  for (int t = 0; t < 9; t++) CK(transpose)(w + (8 - t) * tap, to + t * tap, inputs, outputs);
}

// All rows and the columns from `first` to `end` of the weight gradient of one row of taps, for the
// pixels given; rows of it lie `outputs` apart.
CK_WIDE static void CK(gradient_row)(CK(pixels) over, const float *last, float *dw, int rows,
                                     int first, int end, int outputs, int accumulate,
                                     float *tile) {
  const int strips = (rows + CK_STRIP - 1) / CK_STRIP;
  const float *x = over.x, *g = over.g;
  const ptrdiff_t g_pixel = over.g_pixel, g_row = over.g_row, g_image = over.g_image;
  for (int j = first; j < end;) {
    const int left = end - j;
    over.g = g + j;
    if (left < CK_LANES) {
      over.g = last;
      over.g_pixel = CK_LANES;
      over.g_row = g_row / g_pixel * CK_LANES;
      over.g_image = g_image / g_pixel * CK_LANES;
    }
    for (int strip = 0; strip < strips; strip++) {
      const int from = strip * rows / strips, to = (strip + 1) * rows / strips;
      over.x = x + from;
      float *c = dw + (ptrdiff_t)from * outputs + j;
      if (left >= 2 * CK_LANES) {
        CK(outer2)(to - from, &over, c, outputs, accumulate);
      } else if (left >= CK_LANES) {
        CK(outer1)(to - from, &over, c, outputs, accumulate);
      } else {
        CK(outer1)(to - from, &over, tile, CK_LANES, 0);
        for (int i = 0; i < to - from; i++)
          for (int q = 0; q < left; q++)
            c[i * outputs + q] =
                (accumulate ? c[i * outputs + q] : 0.0f) + tile[i * CK_LANES + q];
      }
    }
    j += left >= 2 * CK_LANES ? 2 * CK_LANES : CK_LANES;
  }
}

static void CK(direct_weights)(const ck_convolution *shape, const float *x, const float *g,
                               float *dw, int accumulate, float *scratch, ck_part part) {
  const int height = shape->height, width = shape->width;
  const int inputs = shape->inputs, outputs = shape->outputs;
  const int column = part.first * CK_MAX_LANES;
  const int end_column = part.end * CK_MAX_LANES < outputs ? part.end * CK_MAX_LANES : outputs;
  const ptrdiff_t x_row = (ptrdiff_t)(width + 2) * inputs, g_row = (ptrdiff_t)width * outputs;
  const ck_block at_once = ck_direct_block(shape);
  const int rows = at_once.rows, images = at_once.images;
  const int whole = outputs / CK_LANES * CK_LANES;
  float *const tile = scratch, *const block = tile + CK_STRIP * CK_LANES;
  float *const last = block + ck_lines((size_t)images * ((size_t)rows + 2) * (size_t)x_row);
  for (int image = 0; image < shape->batch; image += images)
    for (int row = 0; row < height; row += rows) {
      const int n = shape->batch - image < images ? shape->batch - image : images;
      const int m = height - row < rows ? height - row : rows;
      const int top = row > 0 ? row - 1 : 0, end = row + m < height ? row + m + 1 : height;
      const ptrdiff_t x_image = (end - top) * x_row;
      for (int q = 0; q < n; q++)
        CK(bordered)(x + ((ptrdiff_t)(image + q) * height + top) * width * inputs,
                     block + q * x_image, end - top, (ptrdiff_t)width * inputs, inputs, x_row);
      const float *from = g + ((ptrdiff_t)image * height + row) * g_row;
      if (whole < end_column)
        CK(last_columns)(from + whole, last, (ptrdiff_t)n * m * width, outputs, outputs - whole);
      for (int k = part.first_row; k < part.end_row; k++) {
        const int first = row + k - 1 < 0 ? 1 : 0, over = row + m + k - 1 > height ? 1 : 0;
        CK(pixels) pixels = {
            .x = block + (row + first + k - 1 - top) * x_row, .g = from + first * g_row,
            .x_pixel = inputs, .x_row = x_row, .x_image = x_image,
            .g_pixel = outputs, .g_row = g_row, .g_image = height * g_row,
            .images = n, .rows = m - first - over, .width = width};
        CK(gradient_row)(pixels, last + (ptrdiff_t)first * width * CK_LANES,
                         dw + (ptrdiff_t)k * 3 * inputs * outputs, 3 * inputs, column, end_column,
                         outputs, accumulate || image > 0 || row > 0, tile);
      }
    }
}
