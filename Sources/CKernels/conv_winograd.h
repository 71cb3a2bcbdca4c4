// Convolutions by Winograd's F(2x2, 3x3) and F(4x4, 3x3) (Lavin and Gray 2016): image tiles of
// size m + 2 that overlap by two give results of m x m. With V = Bt d B and U = G w Gt, a result is
// At (sum over inputs of U * V) A: (m + 2)^2 products [tiles x inputs] [inputs x outputs]. The
// weight gradient is the transpose of that in the weights: Gt (sum over tiles of V * (A g At)) G.
//
// Tiles are worked on in blocks, so that what is transformed stays in the second-level cache.

// Distance between the matrices of one kind: never a multiple of 4 KiB, which would put
// the same element of all of them into one set of the first-level cache.
CK_INLINE ptrdiff_t CK(spacing)(ptrdiff_t rows, ptrdiff_t columns) { return rows * columns + 16; }

// A place on the grid of tiles.
typedef struct {
  int image, row, column;
} CK(place);

CK_INLINE CK(place) CK(place_of)(const ck_convolution *shape, int N, int tile) {
  const int rows = (shape->height + N - 3) / (N - 2), columns = (shape->width + N - 3) / (N - 2);
  return (CK(place)){tile / (rows * columns), tile / columns % rows, tile % columns};
}

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

// m = v u: one of the products of a block of tiles.
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

// Moves on by up to CK_TILES tiles: transforms of pixels into v, or of m into pixels. Pixels have
// `stride` numbers, of which `channels` count.
CK_INLINE void CK(each_tile)(const CK(transform) kind, const int N, const ck_convolution *shape,
                             CK(place) *place, int tiles, const float *map, float *outside,
                             float *matrices, ptrdiff_t spacing, int stride, int channels,
                             const float *bias, int accumulate) {
  const int M = N - 2, size = kind == CK(image_to_tile) ? N : M;
  const int border = kind == CK(image_to_tile) ? 1 : 0;
  const int rows = (shape->height + M - 1) / M, columns = (shape->width + M - 1) / M;
  float *at[36];
  for (int t = 0; t < tiles; t++, CK(next)(place, rows, columns)) {
    CK(pixels_of)(at, size, map, outside, place->image, M * place->row - border,
                  M * place->column - border, shape->height, shape->width, stride);
    const CK(square) pixels = {.at = at};
    const CK(square) tile = {.first = matrices + (ptrdiff_t)t * channels, .spacing = spacing};
    if (kind == CK(tile_to_result))
      CK(both_sides)(kind, N, tile, pixels, channels, bias, accumulate);
    else
      CK(both_sides)(kind, N, pixels, tile, channels, NULL, 0);
  }
}

CK_INLINE void CK(winograd)(const int N, const ck_convolution *shape, int inputs, int outputs,
                            const float *x, const float *w, const float *bias, float *y,
                            int accumulate, float *scratch, ck_part part) {
  const int block = ck_tiles(N), total = part.end - part.first;
  const int blocks = (total + block - 1) / block, even = (total + blocks - 1) / blocks;
  const ptrdiff_t u_space = CK(spacing)(inputs, outputs);
  const ptrdiff_t v_space = CK(spacing)(block, inputs), m_space = CK(spacing)(block, outputs);
  float *const u = scratch, *const v = u + N * N * u_space, *const m = v + N * N * v_space;
  float *const zeros = m + N * N * m_space, *const unused = zeros + inputs;
  const ptrdiff_t pairs = (ptrdiff_t)inputs * outputs;
  CK(both_sides)(CK(weight_to_tile), N, (CK(square)){.first = (float *)w, .spacing = pairs},
                 (CK(square)){.first = u, .spacing = u_space}, pairs, NULL, 0);
  memset(zeros, 0, (size_t)(inputs + outputs) * sizeof(float));
  CK(place) read = CK(place_of)(shape, N, part.first), write = read;
  for (int first = 0; first < total; first += even) {
    const int tiles = total - first < even ? total - first : even;
    CK(each_tile)(CK(image_to_tile), N, shape, &read, tiles, x, zeros, v, v_space, inputs, inputs,
                  NULL, 0);
    for (int k = 0; k < N * N; k++)
      CK(tile_product)(v + k * v_space, u + k * u_space, m + k * m_space, tiles, inputs, outputs);
    CK(each_tile)(CK(tile_to_result), N, shape, &write, tiles, y, unused, m, m_space, outputs,
                  outputs, bias, accumulate);
  }
}

CK_INLINE void CK(winograd_weights)(const int N, const ck_convolution *shape, const float *x,
                                    const float *g, float *dw, int accumulate, float *scratch,
                                    ck_part part) {
  // Of this part.
  const int inputs = (part.end_row - part.first_row) * CK_MAX_LANES;
  const int outputs = (part.end - part.first) * CK_MAX_LANES;
  x += part.first_row * CK_MAX_LANES;
  g += part.first * CK_MAX_LANES;
  const int block = ck_tiles(N), total = ck_tiles_of(shape, N);
  const ptrdiff_t p_space = CK(spacing)(inputs, outputs);
  const ptrdiff_t v_space = CK(spacing)(block, inputs), q_space = CK(spacing)(block, outputs);
  float *const p = scratch, *const v = p + N * N * p_space, *const q = v + N * N * v_space;
  float *const zeros = q + N * N * q_space;
  memset(zeros, 0, (size_t)(inputs + outputs) * sizeof(float));
  CK(place) of_x = {0}, of_g = {0};
  for (int first = 0; first < total; first += block) {
    const int tiles = total - first < block ? total - first : block;
    CK(each_tile)(CK(image_to_tile), N, shape, &of_x, tiles, x, zeros, v, v_space, shape->inputs,
                  inputs, NULL, 0);
    CK(each_tile)(CK(gradient_to_tile), N, shape, &of_g, tiles, g, zeros, q, q_space,
                  shape->outputs, outputs, NULL, 0);
    for (int k = 0; k < N * N; k++) {
      const CK(pixels) over = {.x = v + k * v_space, .g = q + k * q_space, .x_pixel = inputs,
                               .g_pixel = outputs, .images = 1, .rows = 1, .width = tiles};
      CK(gradient_row)(over, NULL, p + k * p_space, inputs, 0, outputs, outputs, first > 0, NULL);
    }
  }
  const ptrdiff_t pairs = (ptrdiff_t)shape->inputs * shape->outputs;
  dw += (ptrdiff_t)part.first_row * CK_MAX_LANES * shape->outputs + part.first * CK_MAX_LANES;
  const int rows = outputs == shape->outputs ? 1 : inputs;
  for (int i = 0; i < rows; i++)
    CK(both_sides)(CK(tile_to_weight), N,
                   (CK(square)){.first = p + (ptrdiff_t)i * outputs, .spacing = p_space},
                   (CK(square)){.first = dw + (ptrdiff_t)i * shape->outputs, .spacing = pairs},
                   (ptrdiff_t)inputs * outputs / rows, NULL, accumulate);
}

CK_WIDE static void CK(winograd2)(const ck_convolution *shape, int inputs, int outputs,
                                  const float *x, const float *w, const float *bias, float *y,
                                  int accumulate, float *scratch, ck_part part) {
  CK(winograd)(4, shape, inputs, outputs, x, w, bias, y, accumulate, scratch, part);
}

CK_WIDE static void CK(winograd4)(const ck_convolution *shape, int inputs, int outputs,
                                  const float *x, const float *w, const float *bias, float *y,
                                  int accumulate, float *scratch, ck_part part) {
  CK(winograd)(6, shape, inputs, outputs, x, w, bias, y, accumulate, scratch, part);
}

CK_WIDE static void CK(winograd2_weights)(const ck_convolution *shape, const float *x,
                                          const float *g, float *dw, int accumulate,
                                          float *scratch, ck_part part) {
  CK(winograd_weights)(4, shape, x, g, dw, accumulate, scratch, part);
}

CK_WIDE static void CK(winograd4_weights)(const ck_convolution *shape, const float *x,
                                          const float *g, float *dw, int accumulate,
                                          float *scratch, ck_part part) {
  CK(winograd_weights)(6, shape, x, g, dw, accumulate, scratch, part);
}
