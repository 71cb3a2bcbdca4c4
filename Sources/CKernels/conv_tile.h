// The two register tiles of the convolutions: sums of products over channels (convolution) and
// over pixels (weight gradient). CK_STRIP rows by one or two vectors of CK_LANES channels.

typedef float CK(vec) __attribute__((vector_size(CK_LANES * 4), aligned(4)));

CK_INLINE CK(vec) CK(load)(const float *p) { return *(const CK(vec) *)p; }
CK_INLINE void CK(save)(float *p, CK(vec) v) { *(CK(vec) *)p = v; }

// Up to three runs of terms that are summed: a[s][i*pixel + p] b[s][p*ldb + j], p < depth.
typedef struct {
  const float *a[3];
  const float *b[3];
  ptrdiff_t pixel;
  ptrdiff_t ldb;
  int count;
  int depth;
} CK(runs);

// c[i*ldc + j] = start + sum of the runs; the start is c when `accumulate`, plus the bias if any.
CK_INLINE void CK(strip)(const int MR, const int NV, const CK(runs) *runs, float *c, ptrdiff_t ldc,
                         const float *bias, int accumulate) {
  CK(vec) sum[CK_STRIP][2];
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    CK(vec) start = bias ? CK(load)(bias + j * CK_LANES) : (CK(vec)){0};
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++) {
      sum[i][j] = start;
      // The result's lines come while the sums are made.
      __builtin_prefetch(c + i * ldc + j * CK_LANES, 1);
    }
  }
  const ptrdiff_t pixel = runs->pixel, ldb = runs->ldb;
  const int depth = runs->depth;
  for (int s = 0; s < runs->count; s++) {
    const float *a = runs->a[s], *b = runs->b[s];
    for (int p = 0; p < depth; p++, b += ldb) {
      CK(vec) row[2];
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) row[j] = CK(load)(b + j * CK_LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < MR; i++) {
        float x = a[i * pixel + p];
#pragma clang loop unroll(full)
        for (int j = 0; j < NV; j++) sum[i][j] += x * row[j];
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) {
      float *out = c + i * ldc + j * CK_LANES;
      if (accumulate) sum[i][j] += CK(load)(out);
      CK(save)(out, sum[i][j]);
    }
}

// What a weight gradient sums over: images, their rows, the pixels of a row.
typedef struct {
  const float *x;
  const float *g;
  ptrdiff_t x_pixel, x_row, x_image;
  ptrdiff_t g_pixel, g_row, g_image;
  int images, rows, width;
} CK(pixels);

// c[p*ldc + j] (+)= sum over pixels of x[p] g[j]. With TAPS, the MR = 9 rows are the nine
// neighbours of a pixel that has one channel.
CK_INLINE void CK(outer)(const int MR, const int NV, const int TAPS, const CK(pixels) *over,
                         float *c, ptrdiff_t ldc, int accumulate) {
  CK(vec) sum[CK_STRIP][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++)
      sum[i][j] = accumulate ? CK(load)(c + i * ldc + j * CK_LANES) : (CK(vec)){0};
  const ptrdiff_t x_pixel = over->x_pixel, g_pixel = over->g_pixel, x_row = over->x_row;
  for (int image = 0; image < over->images; image++)
    for (int row = 0; row < over->rows; row++) {
      const float *x = over->x + image * over->x_image + row * x_row;
      const float *g = over->g + image * over->g_image + row * over->g_row;
      for (int pixel = 0; pixel < over->width; pixel++, x += x_pixel, g += g_pixel) {
        CK(vec) right[2];
#pragma clang loop unroll(full)
        for (int j = 0; j < NV; j++) right[j] = CK(load)(g + j * CK_LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < MR; i++) {
          float left = TAPS ? x[i / 3 * x_row + i % 3] : x[i];
#pragma clang loop unroll(full)
          for (int j = 0; j < NV; j++) sum[i][j] += left * right[j];
        }
      }
    }
#pragma clang loop unroll(full)
  for (int i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) CK(save)(c + i * ldc + j * CK_LANES, sum[i][j]);
}

// One case for each number of rows a tile may have.
#if CK_STRIP > 6
#define CK_MORE_ROWS(call) \
  case 7: call(7); break; case 8: call(8); break; case 9: call(9); break; \
  case 10: call(10); break; case 11: call(11); break; case 12: call(12); break; \
  case 13: call(13); break; case 14: call(14); break;
#else
#define CK_MORE_ROWS(call)
#endif
#define CK_EACH_ROWS(rows, call) \
  switch (rows) { \
    case 1: call(1); break; case 2: call(2); break; case 3: call(3); break; \
    case 4: call(4); break; case 5: call(5); break; case 6: call(6); break; \
    CK_MORE_ROWS(call) \
  }

CK_WIDE static void CK(strip1)(int rows, const CK(runs) *runs, float *c, ptrdiff_t ldc,
                               const float *bias, int accumulate) {
#define CK_CALL(MR) CK(strip)(MR, 1, runs, c, ldc, bias, accumulate)
  CK_EACH_ROWS(rows, CK_CALL)
#undef CK_CALL
}

CK_WIDE static void CK(strip2)(int rows, const CK(runs) *runs, float *c, ptrdiff_t ldc,
                               const float *bias, int accumulate) {
#define CK_CALL(MR) CK(strip)(MR, 2, runs, c, ldc, bias, accumulate)
  CK_EACH_ROWS(rows, CK_CALL)
#undef CK_CALL
}

CK_WIDE static void CK(outer1)(int rows, const CK(pixels) *over, float *c, ptrdiff_t ldc,
                               int accumulate) {
#define CK_CALL(MR) CK(outer)(MR, 1, 0, over, c, ldc, accumulate)
  CK_EACH_ROWS(rows, CK_CALL)
#undef CK_CALL
}

CK_WIDE static void CK(outer2)(int rows, const CK(pixels) *over, float *c, ptrdiff_t ldc,
                               int accumulate) {
#define CK_CALL(MR) CK(outer)(MR, 2, 0, over, c, ldc, accumulate)
  CK_EACH_ROWS(rows, CK_CALL)
#undef CK_CALL
}
