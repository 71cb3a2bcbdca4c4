// Sums over the columns of a matrix: in single precision over some rows, of those in double.

enum { CK(columns_at_once) = 128, CK(rows_at_once) = 64 };

typedef double CK(wide) __attribute__((vector_size(CK_LANES * 8), aligned(8)));

// Adds the sums of u - u0 and of (u - u0)(v - v0) over some rows to one vector of columns.
CK_INLINE void CK(add_pairs)(const float *u, const float *v, CK(vec) u0, CK(vec) v0, int rows,
                             ptrdiff_t stride, double *sum, double *product) {
  CK(vec) s[4] = {0}, q[4] = {0};
  int row = 0;
  for (; row + 4 <= rows; row += 4)
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      CK(vec) left = CK(load)(u + (row + i) * stride) - u0;
      s[i] += left;
      q[i] += left * (CK(load)(v + (row + i) * stride) - v0);
    }
  for (; row < rows; row++) {
    CK(vec) left = CK(load)(u + row * stride) - u0;
    s[0] += left;
    q[0] += left * (CK(load)(v + row * stride) - v0);
  }
  CK(vec) total = (s[0] + s[1]) + (s[2] + s[3]), products = (q[0] + q[1]) + (q[2] + q[3]);
  *(CK(wide) *)sum += __builtin_convertvector(total, CK(wide));
  *(CK(wide) *)product += __builtin_convertvector(products, CK(wide));
}

// Sums over all rows for up to columns_at_once columns; u0 and v0 are rows, u0 may be NULL.
CK_WIDE static void CK(sum_pairs)(const float *u, const float *v, const float *u0, const float *v0,
                                  ptrdiff_t rows, ptrdiff_t stride, int columns, double *sum,
                                  double *product) {
  for (int c = 0; c < columns; c++) sum[c] = product[c] = 0;
  for (ptrdiff_t row = 0; row < rows; row += CK(rows_at_once)) {
    const int n = rows - row < CK(rows_at_once) ? (int)(rows - row) : CK(rows_at_once);
    const float *left = u + row * stride, *right = v + row * stride;
    int c = 0;
    for (; c + CK_LANES <= columns; c += CK_LANES)
      CK(add_pairs)(left + c, right + c, u0 ? CK(load)(u0 + c) : (CK(vec)){0}, CK(load)(v0 + c), n,
                    stride, sum + c, product + c);
    for (; c < columns; c++) {
      float s = 0, q = 0, start = u0 ? u0[c] : 0.0f;
      for (int i = 0; i < n; i++) {
        float x = left[i * stride + c] - start;
        s += x;
        q += x * (right[i * stride + c] - v0[c]);
      }
      sum[c] += s;
      product[c] += q;
    }
  }
}

// Distances are taken from the mean of up to 64 rows spread over the matrix, so that the variance
// is no difference of two large numbers.
static void CK(moments)(const float *x, ptrdiff_t rows, int channels, float *mean,
                        float *variance) {
  const ptrdiff_t samples = rows < 64 ? rows : 64;
  for (int first = 0; first < channels; first += CK(columns_at_once)) {
    const int left = channels - first;
    const int n = left < CK(columns_at_once) ? left : CK(columns_at_once);
    float near[CK(columns_at_once)] = {0};
    for (ptrdiff_t i = 0; i < samples; i++) {
      const float *row = x + (i * rows / samples) * channels + first;
      for (int c = 0; c < n; c++) near[c] += row[c];
    }
    for (int c = 0; c < n; c++) near[c] /= (float)samples;
    double sum[CK(columns_at_once)], square[CK(columns_at_once)];
    CK(sum_pairs)(x + first, x + first, near, near, rows, channels, n, sum, square);
    for (int c = 0; c < n; c++) {
      const double offset = sum[c] / (double)rows;
      const double var = square[c] / (double)rows - offset * offset;
      mean[first + c] = (float)((double)near[c] + offset);
      // A test against zero that keeps not-a-number.
      variance[first + c] = var < 0 ? 0.0f : (float)var;
    }
  }
}

static void CK(pair_sums)(const float *u, const float *x, const float *mean, ptrdiff_t rows,
                          int channels, float *sum, float *product) {
  for (int first = 0; first < channels; first += CK(columns_at_once)) {
    const int left = channels - first;
    const int n = left < CK(columns_at_once) ? left : CK(columns_at_once);
    double s[CK(columns_at_once)], q[CK(columns_at_once)];
    CK(sum_pairs)(u + first, x + first, NULL, mean + first, rows, channels, n, s, q);
    for (int c = 0; c < n; c++) {
      sum[first + c] = (float)s[c];
      product[first + c] = (float)q[c];
    }
  }
}
