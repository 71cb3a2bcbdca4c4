// Stencils over images. A row is a few spans of pixels that have the same neighbours; the numbers of a
// span lie behind each other, so one loop serves many channels and one.

// The nine neighbours of a span's pixels: how far they lie from them in memory. What lies outside the
// image is the pixel itself, and counts for nothing.
typedef struct {
  int row, first, count;
  ptrdiff_t at[9];
  uint8_t exists[9];
} CK(span);

CK_INLINE int CK(spans)(const ck_map *m, int row, CK(span) spans[3]) {
  const int ends[4] = {0, 1, m->width > 2 ? m->width - 1 : 1, m->width};
  int count = 0;
  for (int s = 0; s < 3; s++) {
    if (ends[s] == ends[s + 1]) continue;
    CK(span) *span = spans + count++;
    span->row = row, span->first = ends[s], span->count = ends[s + 1] - ends[s];
    for (int t = 0; t < 9; t++) {
      const int i = row + t / 3 - 1, left = span->first + t % 3 - 1, right = left + span->count;
      span->exists[t] = i >= 0 && i < m->height && left >= 0 && right <= m->width;
      span->at[t] =
          span->exists[t] ? ((ptrdiff_t)(t / 3 - 1) * m->width + t % 3 - 1) * m->channels : 0;
    }
  }
  return count;
}

// The first number of a span in one image.
CK_INLINE ptrdiff_t CK(span_start)(const ck_map *m, const CK(span) *s) {
  return ((ptrdiff_t)s->row * m->width + s->first) * m->channels;
}

#define CK_EACH_SPAN(map, span)                               \
  for (int row = 0; row < (map)->height; row++)               \
    for (CK(span) spans_of_row[3], *span = spans_of_row,      \
         *end = span + CK(spans)((map), row, spans_of_row);   \
         span < end; span++)

CK_INLINE void CK(weigh)(const CK(span) *s, const float *kernel, float weight[9]) {
  for (int t = 0; t < 9; t++) weight[t] = s->exists[t] ? kernel[t] : 0.0f;
}

static void CK(stencil_span)(const float *restrict x, const ptrdiff_t *at, const float *w,
                             float *restrict y, ptrdiff_t n) {
  const float *a = x + at[0], *b = x + at[1], *c = x + at[2], *d = x + at[3], *e = x + at[4];
  const float *f = x + at[5], *g = x + at[6], *h = x + at[7], *k = x + at[8];
#pragma clang loop interleave_count(2)
  for (ptrdiff_t i = 0; i < n; i++) {
    const float above = w[0] * a[i] + w[1] * b[i] + w[2] * c[i];
    const float here = w[3] * d[i] + w[4] * e[i] + w[5] * f[i];
    y[i] = above + here + (w[6] * g[i] + w[7] * h[i] + w[8] * k[i]);
  }
}

static void CK(stencil)(const ck_map *map, const float *x, const float *kernel, int is_transposed,
                        float *y) {
  const ptrdiff_t image = (ptrdiff_t)map->height * map->width * map->channels;
  float turned[9];
  for (int t = 0; t < 9; t++) turned[t] = kernel[is_transposed ? 8 - t : t];
  for (int b = 0; b < map->batch; b++)
    CK_EACH_SPAN(map, span) {
      const ptrdiff_t start = b * image + CK(span_start)(map, span);
      float weight[9];
      CK(weigh)(span, turned, weight);
      CK(stencil_span)(x + start, span->at, weight, y + start,
                       (ptrdiff_t)span->count * map->channels);
    }
}

// MARK: Sums over pixels, in single precision over an image and in double over the batch

CK_INLINE double CK(lanes_sum)(CK(vec) v) {
  double sum = 0;
  for (int i = 0; i < CK_LANES; i++) sum += (double)v[i];
  return sum;
}

CK_WIDE static void CK(correlate_span)(const float *x, const CK(span) *s, const float *g,
                                       ptrdiff_t n, CK(vec) sum[9], float rest[9]) {
  CK(vec) own[9] = {0};
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= n; i += CK_LANES) {
    const CK(vec) slope = CK(load)(g + i);
#pragma clang loop unroll(full)
    for (int t = 0; t < 9; t++) own[t] += CK(load)(x + s->at[t] + i) * slope;
  }
  for (int t = 0; t < 9; t++) {
    if (!s->exists[t]) continue;
    sum[t] += own[t];
    for (ptrdiff_t j = i; j < n; j++) rest[t] += x[s->at[t] + j] * g[j];
  }
}

// Images `first` to `end`: to `images`, nine sums each, or all of them to dk.
CK_WIDE static void CK(stencil_kernel_gradient)(const ck_map *map, const float *x, const float *g,
                                                float *dk, int first, int end, double *images) {
  const ptrdiff_t image = (ptrdiff_t)map->height * map->width * map->channels;
  double total[9] = {0};
  for (int b = first; b < end; b++) {
    CK(vec) sum[9] = {0};
    float rest[9] = {0};
    CK_EACH_SPAN(map, span) {
      const ptrdiff_t start = b * image + CK(span_start)(map, span);
      CK(correlate_span)(x + start, span, g + start, (ptrdiff_t)span->count * map->channels, sum,
                         rest);
    }
    for (int t = 0; t < 9; t++) {
      const double own = CK(lanes_sum)(sum[t]) + (double)rest[t];
      total[t] += own;
      if (images) images[9 * b + t] = own;
    }
  }
  for (int t = 0; !images && t < 9; t++) dk[t] = (float)total[t];
}

// MARK: Responses. A span's channels go by in vectors, and its pixels inside: what belongs to a channel
// and the weights of one stencil stay in registers, the rows in the first-level cache.

typedef int32_t CK(ints) __attribute__((vector_size(CK_LANES * 4)));
typedef uint8_t CK(bytes) __attribute__((vector_size(CK_LANES), aligned(1)));

// v where bit j is set: the bit becomes a sign, and the sign a mask.
CK_INLINE CK(vec) CK(where_chosen)(CK(ints) chosen, int j, CK(vec) v) {
  return (CK(vec))((CK(ints))v & ((chosen << (31 - j)) >> 31));
}

CK_INLINE CK(ints) CK(chosen)(const uint8_t *choices) {
  return __builtin_convertvector(*(const CK(bytes) *)choices, CK(ints));
}

// Adds one stencil's responses in a span, weights `w`, to h, a number a channel, unless it is NULL.
CK_INLINE void CK(respond_span)(const int CHOOSES, const float *x, const CK(span) *s,
                                const float w[9], int j, uint8_t *choices, float *h,
                                int channels) {
  const ptrdiff_t n = (ptrdiff_t)s->count * channels;
  int c = 0;
  for (; c + CK_LANES <= channels; c += CK_LANES) {
    CK(vec) sum = h ? CK(load)(h + c) : (CK(vec)){0};
    for (ptrdiff_t p = c; p < n; p += channels) {
      CK(vec) r = CK(load)(x + s->at[0] + p) * w[0], q = CK(load)(x + s->at[1] + p) * w[1];
#pragma clang loop unroll(full)
      for (int t = 2; t < 8; t += 2) {
        r += CK(load)(x + s->at[t] + p) * w[t];
        q += CK(load)(x + s->at[t + 1] + p) * w[t + 1];
      }
      r += CK(load)(x + s->at[8] + p) * w[8];
      r += q;
      if (CHOOSES) {
        // As in a rectifier, not-a-number is chosen.
        const CK(ints) open = ~(r <= 0);
        *(CK(bytes) *)(choices + p) |= __builtin_convertvector(open & (1 << j), CK(bytes));
        sum += (CK(vec))((CK(ints))r & open);
      } else {
        sum += CK(where_chosen)(CK(chosen)(choices + p), j, r);
      }
    }
    if (h) CK(save)(h + c, sum);
  }
  for (; c < channels; c++)
    for (ptrdiff_t p = c; p < n; p += channels) {
      float r = 0;
      for (int t = 0; t < 9; t++) r += w[t] * x[s->at[t] + p];
      if (CHOOSES && !(r <= 0)) choices[p] |= (uint8_t)(1 << j);
      if (h) h[c] += choices[p] >> j & 1 ? r : 0.0f;
    }
}

CK_INLINE void CK(respond_all)(const int CHOOSES, const ck_map *map, const float *x,
                               const float *kernels, uint8_t *choices, float *h, int first,
                               int end) {
  const int channels = map->channels;
  const ptrdiff_t image = (ptrdiff_t)map->height * map->width * channels;
  for (int j = 0; h && j < CK_RESPONSES; j++)
    memset(h + ((ptrdiff_t)j * map->batch + first) * channels, 0,
           (size_t)(end - first) * (size_t)channels * sizeof(float));
  if (CHOOSES) memset(choices + first * image, 0, (size_t)((end - first) * image));
  for (int b = first; b < end; b++)
    CK_EACH_SPAN(map, span) {
      const ptrdiff_t start = b * image + CK(span_start)(map, span);
      for (int j = 0; j < CK_RESPONSES; j++) {
        float weight[9];
        CK(weigh)(span, kernels + 9 * j, weight);
        CK(respond_span)(CHOOSES, x + start, span, weight, j, choices + start,
                         h ? h + ((ptrdiff_t)j * map->batch + b) * channels : NULL, channels);
      }
    }
}

CK_WIDE static void CK(choose_responses)(const ck_map *map, const float *x, const float *kernels,
                                         float *h, uint8_t *choices, int first, int end) {
  CK(respond_all)(1, map, x, kernels, choices, h, first, end);
}

CK_WIDE static void CK(respond)(const ck_map *map, const float *x, const float *kernels,
                                const uint8_t *choices, float *h, int first, int end) {
  CK(respond_all)(0, map, x, kernels, (uint8_t *)choices, h, first, end);
}

// Gives a span's neighbours what they contributed to the chosen responses.
CK_INLINE void CK(spread_span)(float *dx, const CK(span) *s, const float w[CK_RESPONSES][9],
                               const uint8_t *choices, const float *u, ptrdiff_t stride,
                               int channels) {
  const ptrdiff_t n = (ptrdiff_t)s->count * channels;
  CK(vec) weight[9][CK_RESPONSES];
  for (int t = 0; t < 9; t++)
    for (int j = 0; j < CK_RESPONSES; j++) weight[t][j] = (CK(vec)){0} + w[j][t];
  int c = 0;
  for (; c + CK_LANES <= channels; c += CK_LANES) {
    CK(vec) slope[CK_RESPONSES];
    for (int j = 0; j < CK_RESPONSES; j++) slope[j] = CK(load)(u + j * stride + c);
    for (ptrdiff_t p = c; p < n; p += channels) {
      const CK(ints) chosen = CK(chosen)(choices + p);
      CK(vec) v[CK_RESPONSES];
#pragma clang loop unroll(full)
      for (int j = 0; j < CK_RESPONSES; j++) v[j] = CK(where_chosen)(chosen, j, slope[j]);
#pragma clang loop unroll(full)
      for (int t = 0; t < 9; t++) {
        float *to = dx + s->at[t] + p;
        const CK(vec) *f = weight[t];
        CK(save)(to, CK(load)(to) + (v[0] * f[0] + v[1] * f[1] + v[2] * f[2] + v[3] * f[3]));
      }
    }
  }
  for (; c < channels; c++)
    for (ptrdiff_t p = c; p < n; p += channels)
      for (int j = 0; j < CK_RESPONSES; j++)
        for (int t = 0; t < 9 && choices[p] >> j & 1; t++)
          dx[s->at[t] + p] += w[j][t] * u[j * stride + c];
}

CK_WIDE static void CK(response_input)(const ck_map *map, const float *u, const float *kernels,
                                       const uint8_t *choices, float *dx, int first, int end) {
  const int channels = map->channels;
  const ptrdiff_t image = (ptrdiff_t)map->height * map->width * channels;
  for (int b = first; b < end; b++) {
    memset(dx + b * image, 0, (size_t)image * sizeof(float));
    CK_EACH_SPAN(map, span) {
      const ptrdiff_t start = b * image + CK(span_start)(map, span);
      float weight[CK_RESPONSES][9];
      for (int j = 0; j < CK_RESPONSES; j++) CK(weigh)(span, kernels + 9 * j, weight[j]);
      CK(spread_span)(dx + start, span, (const float(*)[9])weight, choices + start,
                      u + b * channels, (ptrdiff_t)map->batch * channels, channels);
    }
  }
}

// Adds to own a vector of channels' products with the chosen slopes. Not inlined, so that the sums
// have the registers.
CK_WIDE __attribute__((noinline)) static void CK(weigh_pixels)(
    const float *x, const ptrdiff_t *at, const uint8_t *choices, int j, const float *u, ptrdiff_t n,
    ptrdiff_t channels, CK(vec) *own) {
  const CK(vec) slope = CK(load)(u);
  CK(vec) a = own[0], b = own[1], c = own[2], d = own[3], e = own[4], f = own[5], g = own[6];
  CK(vec) h = own[7], k = own[8];
  for (ptrdiff_t p = 0; p < n; p += channels) {
    const CK(vec) v = CK(where_chosen)(CK(chosen)(choices + p), j, slope);
    a += CK(load)(x + at[0] + p) * v, b += CK(load)(x + at[1] + p) * v;
    c += CK(load)(x + at[2] + p) * v, d += CK(load)(x + at[3] + p) * v;
    e += CK(load)(x + at[4] + p) * v, f += CK(load)(x + at[5] + p) * v;
    g += CK(load)(x + at[6] + p) * v, h += CK(load)(x + at[7] + p) * v;
    k += CK(load)(x + at[8] + p) * v;
  }
  own[0] = a, own[1] = b, own[2] = c, own[3] = d, own[4] = e, own[5] = f, own[6] = g, own[7] = h;
  own[8] = k;
}

// One stencil's sums of products with the chosen slopes u, a number a channel.
CK_INLINE void CK(weigh_span)(const float *x, const CK(span) *s, const uint8_t *choices, int j,
                              const float *u, int channels, CK(vec) sum[9], float rest[9]) {
  const ptrdiff_t n = (ptrdiff_t)s->count * channels;
  CK(vec) own[9] = {0};
  int c = 0;
  for (; c + CK_LANES <= channels; c += CK_LANES)
    CK(weigh_pixels)(x + c, s->at, choices + c, j, u + c, n, channels, own);
  for (int t = 0; t < 9; t++) {
    if (!s->exists[t]) continue;
    sum[t] += own[t];
    for (int k = c; k < channels; k++)
      for (ptrdiff_t p = k; p < n; p += channels)
        if (choices[p] >> j & 1) rest[t] += x[s->at[t] + p] * u[k];
  }
}

CK_WIDE static void CK(response_kernels)(const ck_map *map, const float *x, const float *u,
                                         const uint8_t *choices, float *dk, int first, int end,
                                         double *images) {
  const int channels = map->channels;
  const ptrdiff_t image = (ptrdiff_t)map->height * map->width * channels;
  double total[CK_RESPONSES][9] = {{0}};
  for (int b = first; b < end; b++) {
    CK(vec) sum[CK_RESPONSES][9] = {{{0}}};
    float rest[CK_RESPONSES][9] = {{0}};
    CK_EACH_SPAN(map, span) {
      const ptrdiff_t start = b * image + CK(span_start)(map, span);
      for (int j = 0; j < CK_RESPONSES; j++)
        CK(weigh_span)(x + start, span, choices + start, j,
                       u + ((ptrdiff_t)j * map->batch + b) * channels, channels, sum[j], rest[j]);
    }
    for (int j = 0; j < CK_RESPONSES; j++)
      for (int t = 0; t < 9; t++) {
        const double own = CK(lanes_sum)(sum[j][t]) + (double)rest[j][t];
        total[j][t] += own;
        if (images) images[9 * (CK_RESPONSES * b + j) + t] = own;
      }
  }
  for (int j = 0; !images && j < CK_RESPONSES; j++)
    for (int t = 0; t < 9; t++) dk[9 * j + t] = (float)total[j][t];
}
