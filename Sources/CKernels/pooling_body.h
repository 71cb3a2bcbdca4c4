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

// One window of the maximum, of the normalised numbers and behind the rectifier when `NORMALISED`.
CK_INLINE void CK(pool_window)(const int NORMALISED, const float *restrict x, ptrdiff_t below,
                               int channels, const float *restrict mean,
                               const float *restrict scale, const float *restrict shift,
                               float *restrict y, uint8_t *restrict choices) {
  for (int c = 0; c < channels; c++) {
    float z[4] = {x[c], x[c + channels], x[c + below], x[c + below + channels]};
    if (NORMALISED)
      for (int k = 0; k < 4; k++) z[k] = (z[k] - mean[c]) * scale[c] + shift[c];
    float best = z[0];
    int choice = 0;
    for (int k = 1; k < 4; k++) {
      const int better = CK(is_better)(z[k], best);
      choice = better ? k : choice;
      best = better ? z[k] : best;
    }
    const int closed = NORMALISED && best <= 0.0f;
    y[c] = closed ? 0.0f : best;
    choices[c] = (uint8_t)(closed ? CK_CLOSED : choice);
  }
}

static void CK(pool)(const ck_map *map, const float *x, float *y, uint8_t *choices) {
  const CK(windows) w = CK(windows_of)(map);
  const ptrdiff_t below = (ptrdiff_t)map->width * map->channels;
  CK_EACH_WINDOW(w, image, i, j) {
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    CK(pool_window)(0, x + CK(window)(&w, image, i, j), below, map->channels, NULL, NULL, NULL,
                    y + at, choices + at);
  }
}

static void CK(normalise_pool)(const ck_map *map, const float *x, const float *mean,
                               const float *scale, const float *shift, float *y,
                               uint8_t *choices) {
  const CK(windows) w = CK(windows_of)(map);
  const ptrdiff_t below = (ptrdiff_t)map->width * map->channels;
  CK_EACH_WINDOW(w, image, i, j) {
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    CK(pool_window)(1, x + CK(window)(&w, image, i, j), below, map->channels, mean, scale, shift,
                    y + at, choices + at);
  }
}

// The chosen pixel of a window; all four are read, so that nothing branches.
CK_INLINE float CK(chosen)(const float *x, ptrdiff_t below, int channels, int c, int choice) {
  const float z0 = x[c], z1 = x[c + channels], z2 = x[c + below], z3 = x[c + below + channels];
  float value = choice == 0 ? z0 : 0.0f;
  value = choice == 1 ? z1 : value;
  value = choice == 2 ? z2 : value;
  return choice == 3 ? z3 : value;
}

static void CK(gather)(const ck_map *map, const float *x, const uint8_t *choices, float *y,
                       int accumulate) {
  const CK(windows) w = CK(windows_of)(map);
  const int channels = map->channels;
  const ptrdiff_t below = (ptrdiff_t)map->width * channels;
  CK_EACH_WINDOW(w, image, i, j) {
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    const float *restrict from = x + CK(window)(&w, image, i, j);
    const uint8_t *restrict choice = choices + at;
    float *restrict to = y + at;
    for (int c = 0; c < channels; c++) {
      const float value = CK(chosen)(from, below, channels, c, choice[c]);
      to[c] = accumulate ? to[c] + value : value;
    }
  }
}

static void CK(chosen_sums)(const ck_map *map, const float *p, const uint8_t *choices,
                            const float *x, const float *mean, float *sum, float *product) {
  const CK(windows) w = CK(windows_of)(map);
  const int channels = map->channels;
  const ptrdiff_t below = (ptrdiff_t)map->width * channels;
  enum { group = CK(columns_at_once) };
  for (int first = 0; first < channels; first += group) {
    const int n = channels - first < group ? channels - first : group;
    double sums[group] = {0}, products[group] = {0};
    for (int image = 0; image < map->batch; image++)
      for (int i = 0; i < w.rows; i++) {
        float s[group] = {0}, q[group] = {0};
        for (int j = 0; j < w.columns; j++) {
          const float *restrict from = x + CK(window)(&w, image, i, j) + first;
          const ptrdiff_t at = CK(pooled)(&w, image, i, j) + first;
          for (int c = 0; c < n; c++) {
            const int choice = choices[at + c];
            const float slope = p[at + c], open = choice < CK_CLOSED ? slope : 0.0f;
            s[c] += open;
            q[c] += open * (CK(chosen)(from, below, channels, c, choice) - mean[first + c]);
          }
        }
        for (int c = 0; c < n; c++) {
          sums[c] += s[c];
          products[c] += q[c];
        }
      }
    for (int c = 0; c < n; c++) {
      sum[first + c] = (float)sums[c];
      product[first + c] = (float)products[c];
    }
  }
}

static void CK(scatter)(const ck_map *map, const float *y, const uint8_t *choices, float *x,
                        int accumulate) {
  const CK(windows) w = CK(windows_of)(map);
  const int channels = map->channels;
  const ptrdiff_t below = (ptrdiff_t)map->width * channels;
  if (!accumulate && (map->height % 2 || map->width % 2))
    memset(x, 0, (size_t)map->batch * map->height * (size_t)below * sizeof(float));
  CK_EACH_WINDOW(w, image, i, j) {
    const ptrdiff_t at = CK(pooled)(&w, image, i, j);
    for (int k = 0; k < 4; k++) {
      float *restrict to = x + CK(window)(&w, image, i, j) + (k / 2) * below + (k % 2) * channels;
      const uint8_t *restrict choice = choices + at;
      const float *restrict from = y + at;
      for (int c = 0; c < channels; c++) {
        const float value = from[c], placed = choice[c] == k ? value : 0.0f;
        to[c] = accumulate ? to[c] + placed : placed;
      }
    }
  }
}

// One pixel: what `spread` says, where WINDOW says whether it lies in a window at all.
CK_INLINE void CK(spread_pixel)(const int WINDOW, const int WITH_U, const ck_spread *o,
                                ptrdiff_t at, ptrdiff_t pooled, int k, int channels, float *out) {
  const float *x = o->x + at, *u = WITH_U ? o->u + at : NULL, *mean = o->mean;
  const float *p = WINDOW ? o->pooled + pooled : NULL;
  const float *by_x = o->by_x, *by_u = o->by_u, *by_pooled = o->by_pooled;
  const float *constant = o->constant;
  const uint8_t *choice = WINDOW ? o->choices + pooled : NULL;
  out += at;
  // In place is safe: a number is read before it is written, and by nobody else.
#pragma clang loop vectorize(assume_safety)
  for (int c = 0; c < channels; c++) {
    float sum = constant[c] + by_x[c] * (x[c] - mean[c]);
    if (WITH_U) sum += by_u[c] * u[c];
    if (WINDOW) {
      const float placed = by_pooled[c] * p[c];
      sum += choice[c] == k ? placed : 0.0f;
    }
    out[c] = sum;
  }
}

static void CK(spread)(const ck_map *map, const ck_spread *operands, float *out) {
  const CK(windows) w = CK(windows_of)(map);
  const int channels = map->channels;
  for (int image = 0; image < map->batch; image++)
    for (int y = 0; y < map->height; y++)
      for (int x = 0; x < map->width; x++) {
        const int is_window = y / 2 < w.rows && x / 2 < w.columns, k = y % 2 * 2 + x % 2;
        const ptrdiff_t at = (((ptrdiff_t)image * map->height + y) * map->width + x) * channels;
        const ptrdiff_t pooled = is_window ? CK(pooled)(&w, image, y / 2, x / 2) : 0;
        if (is_window && operands->u)
          CK(spread_pixel)(1, 1, operands, at, pooled, k, channels, out);
        else if (is_window)
          CK(spread_pixel)(1, 0, operands, at, pooled, k, channels, out);
        else if (operands->u)
          CK(spread_pixel)(0, 1, operands, at, pooled, k, channels, out);
        else
          CK(spread_pixel)(0, 0, operands, at, pooled, k, channels, out);
      }
}
