// Maxima over windows of 2x2 and what their derivatives need. The loops over channels have no
// branches, so the compiler makes vectors of them.

// The windows of a map: rows and columns of the result.
typedef struct {
  const ck_map *map;
  int rows, columns;
} CK(windows);

CK_INLINE CK(windows) CK(windows_of)(const ck_map *map) {
  return (CK(windows)){map, map->height / 2, map->width / 2};
}

CK_INLINE ptrdiff_t CK(window)(const CK(windows) *w, int image, int row, int column) {
  const ck_map *m = w->map;
  return (((ptrdiff_t)image * m->height + 2 * row) * m->width + 2 * column) * m->channels;
}

CK_INLINE ptrdiff_t CK(pooled)(const CK(windows) *w, int image, int row, int column) {
  return (((ptrdiff_t)image * w->rows + row) * w->columns + column) * w->map->channels;
}

#define CK_EACH_WINDOW(w, image, row, column) \
  for (int image = 0; image < (w).map->batch; image++) \
    for (int row = 0; row < (w).rows; row++) \
      for (int column = 0; column < (w).columns; column++)

CK_INLINE int CK(is_better)(float x, float best) { return (x > best) | (x != x); }

CK_INLINE void CK(choose_window)(const int WITH_VALUES, const float *restrict x, ptrdiff_t below,
                                 int channels, const float *restrict direction,
                                 float *restrict y, uint8_t *restrict choices) {
  for (int c = 0; c < channels; c++) {
    const float z[4] = {x[c], x[c + channels], x[c + below], x[c + below + channels]};
    const float sign = direction[c] < 0.0f ? -1.0f : 1.0f;
    float value = z[0], best = sign * z[0];
    int choice = 0;
    for (int k = 1; k < 4; k++) {
      const int better = CK(is_better)(sign * z[k], best);
      choice = better ? k : choice;
      best = better ? sign * z[k] : best;
      value = better ? z[k] : value;
    }
    if (WITH_VALUES) y[c] = value;
    choices[c] = (uint8_t)choice;
  }
}

static void CK(choose)(const ck_map *map, const float *x, const float *direction, float *y,
                       uint8_t *choices) {
  const CK(windows) w = CK(windows_of)(map);
  const ptrdiff_t below = (ptrdiff_t)map->width * map->channels;
  CK_EACH_WINDOW(w, image, i, j) {
    const float *from = x + CK(window)(&w, image, i, j);
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    if (y)
      CK(choose_window)(1, from, below, map->channels, direction, y + at, choices + at);
    else
      CK(choose_window)(0, from, below, map->channels, direction, NULL, choices + at);
  }
}

static void CK(gather)(const ck_map *map, const float *x, const uint8_t *choices, float *y) {
  const CK(windows) w = CK(windows_of)(map);
  const int channels = map->channels;
  const ptrdiff_t below = (ptrdiff_t)map->width * channels;
  CK_EACH_WINDOW(w, image, i, j) {
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    const float *restrict from = x + CK(window)(&w, image, i, j);
    const uint8_t *restrict choice = choices + at;
    float *restrict to = y + at;
    // All four pixels are read, so that nothing branches.
    for (int c = 0; c < channels; c++) {
      float value = from[c];
      value = choice[c] == 1 ? from[c + channels] : value;
      value = choice[c] == 2 ? from[c + below] : value;
      to[c] = choice[c] == 3 ? from[c + below + channels] : value;
    }
  }
}

// `count` of a pixel's channels: what the window's number gives to its pixel `k`.
CK_INLINE void CK(scatter_pixel)(const float *restrict y, const uint8_t *restrict choices, int k,
                                 int count, float *restrict to) {
  for (int c = 0; c < count; c++) {
    const float value = y[c];
    to[c] = choices[c] == k ? value : 0.0f;
  }
}

static void CK(scatter)(const ck_map *map, const float *y, const uint8_t *choices, float *x) {
  const CK(windows) w = CK(windows_of)(map);
  const int channels = map->channels;
  const ptrdiff_t below = (ptrdiff_t)map->width * channels;
  if (map->height % 2 || map->width % 2)
    memset(x, 0, (size_t)map->batch * map->height * (size_t)below * sizeof(float));
  CK_EACH_WINDOW(w, image, i, j) {
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    float *corner = x + CK(window)(&w, image, i, j);
    for (int k = 0; k < 4; k++)
      CK(scatter_pixel)(y + at, choices + at, k, channels,
                        corner + (k / 2) * below + (k % 2) * channels);
  }
}

// A tile of a scattered map for a chain: rows are pixels, columns some of their channels.
static void CK(scatter_tile)(const ck_map *map, const float *y, const uint8_t *choices, float *tile,
                             int row, int column, int rows, int columns) {
  const CK(windows) w = CK(windows_of)(map);
  int x = row % map->width, line = row / map->width;
  for (int r = 0; r < rows; r++) {
    const int i = line % map->height;
    float *to = tile + r * columns;
    if (i / 2 < w.rows && x / 2 < w.columns) {
      const ptrdiff_t at = CK(pooled)(&w, line / map->height, i / 2, x / 2) + column;
      CK(scatter_pixel)(y + at, choices + at, i % 2 * 2 + x % 2, columns, to);
    } else {
      memset(to, 0, (size_t)columns * sizeof(float));
    }
    if (++x == map->width) x = 0, line++;
  }
}
