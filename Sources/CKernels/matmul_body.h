// Small products, the shapes of few-shot learning (10x40x40): a register tile of MR rows by NV
// vectors of eight columns, no packing. Large products go to OpenBLAS (see Kernels).

// What a product begins with and how it ends; see `matmul` in CKernels.h.
typedef struct {
  const float *bias;
  int accumulate;
  int rectify;
} CK(ends);

// Not-a-number is neither below zero nor equal to it, and stays.
CK_INLINE void CK(rectify_vector)(CK(v8) *x) {
  CK(v8i) is_closed = *x <= (CK(v8)){0};
  *x = (CK(v8))((CK(v8i))*x & ~is_closed);
}

CK_INLINE void CK(tile)(const int MR, const int NV, const float *a, ptrdiff_t a_row,
                        ptrdiff_t a_column, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,
                        int k, CK(ends) ends) {
  CK(v8) sum[CK_NARROW_MR][5];
#pragma clang loop unroll(full)
  for (int j = 0; j < NV; j++) {
    CK(v8) start = ends.bias ? *(const CK(v8) *)(ends.bias + j * 8) : (CK(v8)){0};
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++)
      sum[i][j] = ends.accumulate ? *(const CK(v8) *)(c + i * ldc + j * 8) : start;
  }
  for (int p = 0; p < k; p++) {
    CK(v8) row[5];
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) row[j] = *(const CK(v8) *)(b + p * ldb + j * 8);
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++) {
      float x = a[i * a_row + p * a_column];
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) sum[i][j] += x * row[j];
    }
  }
  if (ends.rectify) {
#pragma clang loop unroll(full)
    for (int i = 0; i < MR; i++)
#pragma clang loop unroll(full)
      for (int j = 0; j < NV; j++) CK(rectify_vector)(&sum[i][j]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < MR; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < NV; j++) *(CK(v8) *)(c + i * ldc + j * 8) = sum[i][j];
}

// All rows of a panel NV vectors wide.
CK_INLINE void CK(panel)(const int NV, const float *a, ptrdiff_t a_row, ptrdiff_t a_column,
                         const float *b, float *c, int m, int n, int k, CK(ends) ends) {
  // A narrow panel leaves registers for more rows, whose sums need not wait for each other.
  const int MR = NV <= 2 ? CK_NARROW_MR : CK_MAX_MR;
  int i = 0;
  for (; i + MR <= m; i += MR)
    CK(tile)(MR, NV, a + i * a_row, a_row, a_column, b, n, c + (ptrdiff_t)i * n, n, k, ends);
  for (; i + 2 <= m; i += 2)
    CK(tile)(2, NV, a + i * a_row, a_row, a_column, b, n, c + (ptrdiff_t)i * n, n, k, ends);
  for (; i < m; i++)
    CK(tile)(1, NV, a + i * a_row, a_row, a_column, b, n, c + (ptrdiff_t)i * n, n, k, ends);
}

CK_INLINE float CK(rectified)(float x, int rectify) { return rectify && x <= 0.0f ? 0.0f : x; }

// The last columns when their number is no multiple of eight.
static void CK(edge)(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b, float *c,
                     int m, int n, int k, int width, CK(ends) ends) {
  for (int i = 0; i < m; i++) {
    float sum[8] = {0};
    for (int j = 0; j < width; j++)
      sum[j] = ends.accumulate ? c[(ptrdiff_t)i * n + j] : (ends.bias ? ends.bias[j] : 0.0f);
    for (int p = 0; p < k; p++) {
      float x = a[i * a_row + p * a_column];
      for (int j = 0; j < width; j++) sum[j] += x * b[(ptrdiff_t)p * n + j];
    }
    float *out = c + (ptrdiff_t)i * n;
    if (ends.rectify)
      for (int j = 0; j < width; j++) out[j] = CK(rectified)(sum[j], 1);
    else
      for (int j = 0; j < width; j++) out[j] = sum[j];
  }
}

CK_INLINE float CK(dot)(const float *x, const float *y, int count) {
  CK(v8) lanes = {0};
  int p = 0;
  for (; p + 8 <= count; p += 8) lanes += *(const CK(v8) *)(x + p) * *(const CK(v8) *)(y + p);
  float sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
              ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  for (; p < count; p++) sum += x[p] * y[p];
  return sum;
}

static void CK(finish)(float *c, int m, int n, const float *bias, int rectify) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      float x = c[(ptrdiff_t)i * n + j] + (bias ? bias[j] : 0.0f);
      c[(ptrdiff_t)i * n + j] = CK(rectified)(x, rectify);
    }
}

// n = 1: a matrix times a vector.
static void CK(matvec)(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                       float *c, int m, int k, CK(ends) ends) {
  float start = ends.bias ? ends.bias[0] : 0.0f;
  if (a_column == 1) {
    for (int i = 0; i < m; i++) {
      float sum = (ends.accumulate ? c[i] : start) + CK(dot)(a + i * a_row, b, k);
      c[i] = CK(rectified)(sum, ends.rectify);
    }
    return;
  }
  if (!ends.accumulate)
    for (int i = 0; i < m; i++) c[i] = start;
  for (int p = 0; p < k; p++) {
    const float *column = a + p * a_column;
    float x = b[p];
    if (a_row == 1) {
      for (int i = 0; i < m; i++) c[i] += x * column[i];
    } else {
      for (int i = 0; i < m; i++) c[i] += x * column[i * a_row];
    }
  }
  if (ends.rectify) CK(finish)(c, m, 1, NULL, 1);
}

static void CK(matmul)(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                       float *c, int m, int n, int k, int accumulate, const float *bias,
                       int rectify) {
  CK(ends) ends = {bias, accumulate, rectify};
  if (n == 1) {
    CK(matvec)(a, a_row, a_column, b, c, m, k, ends);
    return;
  }
  int j = 0;
  while (n - j >= 8) {
    int vectors = (n - j) / 8;
    // Six to nine vectors split evenly: 4 + 4 keeps more accumulators busy than 5 + 3.
    if (vectors > 5) vectors = vectors < 8 ? 3 : (vectors == 8 ? 4 : 5);
    ends.bias = bias ? bias + j : NULL;
    switch (vectors) {
      case 5: CK(panel)(5, a, a_row, a_column, b + j, c + j, m, n, k, ends); break;
      case 4: CK(panel)(4, a, a_row, a_column, b + j, c + j, m, n, k, ends); break;
      case 3: CK(panel)(3, a, a_row, a_column, b + j, c + j, m, n, k, ends); break;
      case 2: CK(panel)(2, a, a_row, a_column, b + j, c + j, m, n, k, ends); break;
      default: CK(panel)(1, a, a_row, a_column, b + j, c + j, m, n, k, ends); break;
    }
    j += vectors * 8;
  }
  ends.bias = bias ? bias + j : NULL;
  if (j < n) CK(edge)(a, a_row, a_column, b + j, c + j, m, n, k, n - j, ends);
}

static void CK(transpose)(const float *a, float *b, int rows, int columns) {
  int i = 0;
  for (; i + 8 <= rows; i += 8) {
    int j = 0;
    for (; j + 8 <= columns; j += 8) {
      CK(v8) r[8], s[8], t[8];
      for (int q = 0; q < 8; q++) r[q] = *(const CK(v8) *)(a + (ptrdiff_t)(i + q) * columns + j);
      for (int q = 0; q < 8; q += 2) {
        s[q] = __builtin_shufflevector(r[q], r[q + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        s[q + 1] = __builtin_shufflevector(r[q], r[q + 1], 1, 9, 3, 11, 5, 13, 7, 15);
      }
      for (int q = 0; q < 8; q += 4)
        for (int w = 0; w < 2; w++) {
          t[q + w] = __builtin_shufflevector(s[q + w], s[q + w + 2], 0, 1, 8, 9, 4, 5, 12, 13);
          t[q + w + 2] = __builtin_shufflevector(s[q + w], s[q + w + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
      for (int q = 0; q < 4; q++) {
        *(CK(v8) *)(b + (ptrdiff_t)(j + q) * rows + i) =
            __builtin_shufflevector(t[q], t[q + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(CK(v8) *)(b + (ptrdiff_t)(j + q + 4) * rows + i) =
            __builtin_shufflevector(t[q], t[q + 4], 4, 5, 6, 7, 12, 13, 14, 15);
      }
    }
    for (; j < columns; j++)
      for (int q = 0; q < 8; q++) b[(ptrdiff_t)j * rows + i + q] = a[(ptrdiff_t)(i + q) * columns + j];
  }
  for (; i < rows; i++)
    for (int j = 0; j < columns; j++) b[(ptrdiff_t)j * rows + i] = a[(ptrdiff_t)i * columns + j];
}
