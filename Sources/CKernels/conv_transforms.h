// The transforms of Winograd's convolutions, each a small matrix applied from both sides. N is the
// size of an image tile: 4 for F(2x2, 3x3), 6 for F(4x4, 3x3); N - 2 is that of its result.

typedef enum {
  CK(image_to_tile),     // Bt: N to N
  CK(tile_to_result),    // At: N to N - 2
  CK(gradient_to_tile),  // A: N - 2 to N
  CK(weight_to_tile),    // G: 3 to N
  CK(tile_to_weight),    // Gt: N to 3
} CK(transform);

// The matrices of F(2, 3) applied to one line: elements s apart in, t apart out.
CK_INLINE void CK(line4)(const CK(transform) kind, const CK(vec) *d, const int s, CK(vec) *o,
                         const int t) {
  if (kind == CK(image_to_tile)) {
    o[0] = d[0] - d[2 * s];
    o[t] = d[s] + d[2 * s];
    o[2 * t] = d[2 * s] - d[s];
    o[3 * t] = d[s] - d[3 * s];
  } else if (kind == CK(tile_to_result)) {
    o[0] = d[0] + d[s] + d[2 * s];
    o[t] = d[s] - d[2 * s] - d[3 * s];
  } else if (kind == CK(gradient_to_tile)) {
    o[0] = d[0];
    o[t] = d[0] + d[s];
    o[2 * t] = d[0] - d[s];
    o[3 * t] = -d[s];
  } else if (kind == CK(weight_to_tile)) {
    CK(vec) even = 0.5f * (d[0] + d[2 * s]), odd = 0.5f * d[s];
    o[0] = d[0];
    o[t] = even + odd;
    o[2 * t] = even - odd;
    o[3 * t] = d[2 * s];
  } else {
    CK(vec) sum = 0.5f * (d[s] + d[2 * s]);
    o[0] = d[0] + sum;
    o[t] = 0.5f * (d[s] - d[2 * s]);
    o[2 * t] = sum + d[3 * s];
  }
}

// Those of F(4, 3), which evaluates at 0, 1, -1, 2, -2 and infinity.
CK_INLINE void CK(line6)(const CK(transform) kind, const CK(vec) *d, const int s, CK(vec) *o,
                         const int t) {
  if (kind == CK(image_to_tile)) {
    CK(vec) a = d[4 * s] - 4.0f * d[2 * s], b = d[3 * s] - 4.0f * d[s];
    CK(vec) e = d[4 * s] - d[2 * s], f = 2.0f * (d[3 * s] - d[s]);
    o[0] = 4.0f * d[0] - 5.0f * d[2 * s] + d[4 * s];
    o[t] = a + b;
    o[2 * t] = a - b;
    o[3 * t] = e + f;
    o[4 * t] = e - f;
    o[5 * t] = 4.0f * d[s] - 5.0f * d[3 * s] + d[5 * s];
  } else if (kind == CK(tile_to_result)) {
    CK(vec) a = d[s] + d[2 * s], b = d[s] - d[2 * s];
    CK(vec) e = d[3 * s] + d[4 * s], f = d[3 * s] - d[4 * s];
    o[0] = d[0] + a + e;
    o[t] = b + 2.0f * f;
    o[2 * t] = a + 4.0f * e;
    o[3 * t] = b + 8.0f * f + d[5 * s];
  } else if (kind == CK(gradient_to_tile)) {
    CK(vec) a = d[0] + d[2 * s], b = d[s] + d[3 * s];
    CK(vec) e = d[0] + 4.0f * d[2 * s], f = 2.0f * d[s] + 8.0f * d[3 * s];
    o[0] = d[0];
    o[t] = a + b;
    o[2 * t] = a - b;
    o[3 * t] = e + f;
    o[4 * t] = e - f;
    o[5 * t] = d[3 * s];
  } else if (kind == CK(weight_to_tile)) {
    CK(vec) a = (-1.0f / 6) * (d[0] + d[2 * s]), b = (1.0f / 6) * d[s];
    CK(vec) e = (1.0f / 24) * d[0] + (1.0f / 6) * d[2 * s], f = (1.0f / 12) * d[s];
    o[0] = 0.25f * d[0];
    o[t] = a - b;
    o[2 * t] = a + b;
    o[3 * t] = e + f;
    o[4 * t] = e - f;
    o[5 * t] = d[2 * s];
  } else {
    CK(vec) a = (-1.0f / 6) * (d[s] + d[2 * s]), b = (1.0f / 6) * (d[2 * s] - d[s]);
    CK(vec) e = d[3 * s] + d[4 * s], f = (1.0f / 12) * (d[3 * s] - d[4 * s]);
    o[0] = 0.25f * d[0] + a + (1.0f / 24) * e;
    o[t] = b + f;
    o[2 * t] = a + (1.0f / 6) * e + d[5 * s];
  }
}

CK_INLINE int CK(size_in)(const CK(transform) kind, const int N) {
  return kind == CK(gradient_to_tile) ? N - 2 : kind == CK(weight_to_tile) ? 3 : N;
}
CK_INLINE int CK(size_out)(const CK(transform) kind, const int N) {
  return kind == CK(tile_to_result) ? N - 2 : kind == CK(tile_to_weight) ? 3 : N;
}

CK_INLINE void CK(line)(const CK(transform) kind, const int N, const CK(vec) *d, const int s,
                        CK(vec) *o, const int t) {
  if (N == 4) CK(line4)(kind, d, s, o, t);
  else CK(line6)(kind, d, s, o, t);
}

// A matrix of numbers, each a vector of channels: pixels anywhere, or matrices `spacing` apart.
typedef struct {
  float *const *at;
  float *first;
  ptrdiff_t spacing;
} CK(square);

CK_INLINE float *CK(element)(const CK(square) *m, int index, ptrdiff_t channel) {
  return (m->at ? m->at[index] : m->first + index * m->spacing) + channel;
}

// Both sides, for all channels. `bias` and `accumulate` say what a result begins with.
CK_INLINE void CK(both_sides)(const CK(transform) kind, const int N, CK(square) from,
                              CK(square) to, ptrdiff_t channels, const float *bias,
                              int accumulate) {
  const int in = CK(size_in)(kind, N), out = CK(size_out)(kind, N);
  for (ptrdiff_t c = 0; c < channels; c += CK_LANES) {
    CK(vec) half[6 * 6];
#pragma clang loop unroll(full)
    for (int j = 0; j < in; j++) {
      CK(vec) column[6];
#pragma clang loop unroll(full)
      for (int i = 0; i < in; i++) column[i] = CK(load)(CK(element)(&from, i * in + j, c));
      CK(line)(kind, N, column, 1, half + j, in);
    }
    CK(vec) start = bias ? CK(load)(bias + c) : (CK(vec)){0};
#pragma clang loop unroll(full)
    for (int i = 0; i < out; i++) {
      CK(vec) row[6];
      CK(line)(kind, N, half + i * in, 1, row, 1);
#pragma clang loop unroll(full)
      for (int j = 0; j < out; j++) {
        float *result = CK(element)(&to, i * out + j, c);
        if (kind == CK(tile_to_result)) row[j] += start;
        if (accumulate) row[j] += CK(load)(result);
        CK(save)(result, row[j]);
      }
    }
  }
}
