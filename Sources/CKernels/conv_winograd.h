// Convolutions by Winograd's F(2x2, 3x3) (Lavin and Gray 2016): image tiles of 4x4 that overlap by
// two give results of 2x2. With V = Bt d B and U = G w Gt, a result is At (sum over inputs of
// U * V) A: sixteen products [tiles x inputs] [inputs x outputs]. The weight gradient is the
// transpose of that in the weights: Gt (sum over tiles of V * (A g At)) G.
//
// Tiles are worked on in blocks, so that what is transformed stays in the second-level cache.

// Distance between the sixteen matrices of one kind: never a multiple of 4 KiB, which would put
// the same element of all of them into one set of the first-level cache.
CK_INLINE ptrdiff_t CK(spacing)(ptrdiff_t rows, ptrdiff_t columns) { return rows * columns + 16; }

// A place on the grid of tiles.
typedef struct {
  int image, row, column;
} CK(place);

CK_INLINE void CK(next)(CK(place) *at, int rows, int columns) {
  if (++at->column < columns) return;
  at->column = 0;
  if (++at->row < rows) return;
  at->row = 0;
  at->image++;
}

// Where the size x size pixels from (row, column) on begin; `outside` for those beyond the image.
CK_INLINE void CK(pixels_of)(float **at, int size, const float *map, float *outside, int image,
                             int row, int column, int height, int width, int channels) {
  for (int i = 0; i < size; i++)
    for (int j = 0; j < size; j++) {
      const int y = row + i, x = column + j;
      const int is_inside = y >= 0 && y < height && x >= 0 && x < width;
      at[i * size + j] =
          is_inside
              ? (float *)map + (((ptrdiff_t)image * height + y) * width + x) * channels
              : outside;
    }
}

// v = Bt d B for one tile.
CK_INLINE void CK(image_tile)(float *const *d, float *v, ptrdiff_t spacing, int channels) {
  for (int c = 0; c < channels; c += CK_LANES) {
    CK(vec) t[4][4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      CK(vec) d0 = CK(load)(d[j] + c), d1 = CK(load)(d[4 + j] + c);
      CK(vec) d2 = CK(load)(d[8 + j] + c), d3 = CK(load)(d[12 + j] + c);
      t[0][j] = d0 - d2;
      t[1][j] = d1 + d2;
      t[2][j] = d2 - d1;
      t[3][j] = d1 - d3;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      float *out = v + 4 * i * spacing + c;
      CK(save)(out, t[i][0] - t[i][2]);
      CK(save)(out + spacing, t[i][1] + t[i][2]);
      CK(save)(out + 2 * spacing, t[i][2] - t[i][1]);
      CK(save)(out + 3 * spacing, t[i][1] - t[i][3]);
    }
  }
}

// y = At m A for one tile, where it begins with the bias or with what y holds.
CK_INLINE void CK(result_tile)(const float *m, float *const *y, ptrdiff_t spacing, int channels,
                               const float *bias, int accumulate) {
  for (int c = 0; c < channels; c += CK_LANES) {
    CK(vec) start = bias ? CK(load)(bias + c) : (CK(vec)){0};
    CK(vec) t[2][4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      const float *in = m + j * spacing + c;
      CK(vec) m0 = CK(load)(in), m1 = CK(load)(in + 4 * spacing);
      CK(vec) m2 = CK(load)(in + 8 * spacing), m3 = CK(load)(in + 12 * spacing);
      t[0][j] = m0 + m1 + m2;
      t[1][j] = m1 - m2 - m3;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) {
      CK(vec) first = start + (t[i][0] + t[i][1] + t[i][2]);
      CK(vec) second = start + (t[i][1] - t[i][2] - t[i][3]);
      if (accumulate) {
        first += CK(load)(y[2 * i] + c);
        second += CK(load)(y[2 * i + 1] + c);
      }
      CK(save)(y[2 * i] + c, first);
      CK(save)(y[2 * i + 1] + c, second);
    }
  }
}

// v = A g At for one tile.
CK_INLINE void CK(gradient_tile)(float *const *g, float *v, ptrdiff_t spacing, int channels) {
  for (int c = 0; c < channels; c += CK_LANES) {
    CK(vec) t[4][2];
#pragma clang loop unroll(full)
    for (int j = 0; j < 2; j++) {
      CK(vec) g0 = CK(load)(g[j] + c), g1 = CK(load)(g[2 + j] + c);
      t[0][j] = g0;
      t[1][j] = g0 + g1;
      t[2][j] = g0 - g1;
      t[3][j] = -g1;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      float *out = v + 4 * i * spacing + c;
      CK(save)(out, t[i][0]);
      CK(save)(out + spacing, t[i][0] + t[i][1]);
      CK(save)(out + 2 * spacing, t[i][0] - t[i][1]);
      CK(save)(out + 3 * spacing, -t[i][1]);
    }
  }
}

// u = G w Gt for all pairs of channels.
CK_WIDE static void CK(weight_tiles)(const float *w, float *u, ptrdiff_t pairs) {
  const ptrdiff_t spacing = CK(spacing)(pairs, 1);
  for (ptrdiff_t c = 0; c < pairs; c += CK_LANES) {
    CK(vec) t[4][3];
#pragma clang loop unroll(full)
    for (int j = 0; j < 3; j++) {
      CK(vec) w0 = CK(load)(w + j * pairs + c), w2 = CK(load)(w + (6 + j) * pairs + c);
      CK(vec) half = 0.5f * (w0 + w2), middle = 0.5f * CK(load)(w + (3 + j) * pairs + c);
      t[0][j] = w0;
      t[1][j] = half + middle;
      t[2][j] = half - middle;
      t[3][j] = w2;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      CK(vec) half = 0.5f * (t[i][0] + t[i][2]), middle = 0.5f * t[i][1];
      float *out = u + 4 * i * spacing + c;
      CK(save)(out, t[i][0]);
      CK(save)(out + spacing, half + middle);
      CK(save)(out + 2 * spacing, half - middle);
      CK(save)(out + 3 * spacing, t[i][2]);
    }
  }
}

// dw = Gt p G for all pairs of channels.
CK_WIDE static void CK(gradient_weights)(const float *p, float *dw, ptrdiff_t pairs,
                                         int accumulate) {
  const ptrdiff_t spacing = CK(spacing)(pairs, 1);
  for (ptrdiff_t c = 0; c < pairs; c += CK_LANES) {
    CK(vec) t[3][4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
      const float *in = p + j * spacing + c;
      CK(vec) p1 = 0.5f * CK(load)(in + 4 * spacing), p2 = 0.5f * CK(load)(in + 8 * spacing);
      t[0][j] = CK(load)(in) + (p1 + p2);
      t[1][j] = p1 - p2;
      t[2][j] = (p1 + p2) + CK(load)(in + 12 * spacing);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 3; i++) {
      CK(vec) p1 = 0.5f * t[i][1], p2 = 0.5f * t[i][2];
      CK(vec) row[3] = {t[i][0] + (p1 + p2), p1 - p2, (p1 + p2) + t[i][3]};
#pragma clang loop unroll(full)
      for (int j = 0; j < 3; j++) {
        float *out = dw + (3 * i + j) * pairs + c;
        CK(save)(out, accumulate ? CK(load)(out) + row[j] : row[j]);
      }
    }
  }
}

// m = v u: one of the sixteen products of a block of tiles.
CK_INLINE void CK(tile_product)(const float *v, const float *u, float *m, int tiles, int inputs,
                                int outputs) {
  const int strips = (tiles + CK_STRIP - 1) / CK_STRIP;
  for (int j = 0; j < outputs; j += 2 * CK_LANES)
    for (int strip = 0; strip < strips; strip++) {
      const int from = strip * tiles / strips, to = (strip + 1) * tiles / strips;
      const CK(runs) runs = {.a = {v + (ptrdiff_t)from * inputs}, .b = {u + j}, .pixel = inputs,
                             .ldb = outputs, .count = 1, .depth = inputs};
      float *c = m + (ptrdiff_t)from * outputs + j;
      if (outputs - j >= 2 * CK_LANES)
        CK(strip2)(to - from, &runs, c, outputs, NULL, 0);
      else
        CK(strip1)(to - from, &runs, c, outputs, NULL, 0);
    }
}

CK_WIDE static void CK(winograd)(const ck_convolution *shape, int inputs, int outputs,
                                 const float *x, const float *w, const float *bias, float *y,
                                 int accumulate, float *scratch) {
  const int height = shape->height, width = shape->width;
  const int rows = (height + 1) / 2, columns = (width + 1) / 2;
  const int total = shape->batch * rows * columns;
  const ptrdiff_t u_space = CK(spacing)(inputs, outputs);
  const ptrdiff_t v_space = CK(spacing)(CK_TILES, inputs), m_space = CK(spacing)(CK_TILES, outputs);
  float *const u = scratch, *const v = u + 16 * u_space, *const m = v + 16 * v_space;
  float *const zeros = m + 16 * m_space, *const unused = zeros + inputs;
  CK(weight_tiles)(w, u, (ptrdiff_t)inputs * outputs);
  memset(zeros, 0, (size_t)(inputs + outputs) * sizeof(float));
  CK(place) read = {0}, write = {0};
  for (int first = 0; first < total; first += CK_TILES) {
    const int tiles = total - first < CK_TILES ? total - first : CK_TILES;
    float *at[16];
    for (int t = 0; t < tiles; t++, CK(next)(&read, rows, columns)) {
      CK(pixels_of)(at, 4, x, zeros, read.image, 2 * read.row - 1, 2 * read.column - 1, height,
                    width, inputs);
      CK(image_tile)(at, v + (ptrdiff_t)t * inputs, v_space, inputs);
    }
    for (int k = 0; k < 16; k++)
      CK(tile_product)(v + k * v_space, u + k * u_space, m + k * m_space, tiles, inputs, outputs);
    for (int t = 0; t < tiles; t++, CK(next)(&write, rows, columns)) {
      CK(pixels_of)(at, 2, y, unused, write.image, 2 * write.row, 2 * write.column, height, width,
                    outputs);
      CK(result_tile)(m + (ptrdiff_t)t * outputs, at, m_space, outputs, bias, accumulate);
    }
  }
}

CK_WIDE static void CK(winograd_weights)(const ck_convolution *shape, const float *x,
                                         const float *g, float *dw, int accumulate,
                                         float *scratch) {
  const int height = shape->height, width = shape->width;
  const int inputs = shape->inputs, outputs = shape->outputs;
  const int rows = (height + 1) / 2, columns = (width + 1) / 2;
  const int total = shape->batch * rows * columns;
  const ptrdiff_t p_space = CK(spacing)(inputs, outputs);
  const ptrdiff_t v_space = CK(spacing)(CK_TILES, inputs), q_space = CK(spacing)(CK_TILES, outputs);
  float *const p = scratch, *const v = p + 16 * p_space, *const q = v + 16 * v_space;
  float *const zeros = q + 16 * q_space;
  memset(zeros, 0, (size_t)(inputs + outputs) * sizeof(float));
  CK(place) place = {0};
  for (int first = 0; first < total; first += CK_TILES) {
    const int tiles = total - first < CK_TILES ? total - first : CK_TILES;
    float *at[16];
    for (int t = 0; t < tiles; t++, CK(next)(&place, rows, columns)) {
      CK(pixels_of)(at, 4, x, zeros, place.image, 2 * place.row - 1, 2 * place.column - 1, height,
                    width, inputs);
      CK(image_tile)(at, v + (ptrdiff_t)t * inputs, v_space, inputs);
      CK(pixels_of)(at, 2, g, zeros, place.image, 2 * place.row, 2 * place.column, height, width,
                    outputs);
      CK(gradient_tile)(at, q + (ptrdiff_t)t * outputs, q_space, outputs);
    }
    for (int k = 0; k < 16; k++) {
      const CK(pixels) over = {.x = v + k * v_space, .g = q + k * q_space, .x_pixel = inputs,
                               .g_pixel = outputs, .images = 1, .rows = 1, .width = tiles};
      CK(gradient_row)(over, NULL, p + k * p_space, inputs, outputs, first > 0, NULL);
    }
  }
  CK(gradient_weights)(p, dw, (ptrdiff_t)inputs * outputs, accumulate);
}
