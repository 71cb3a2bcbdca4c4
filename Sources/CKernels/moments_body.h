// Mean and variance of a matrix's columns: in single precision over some rows, of those in double.

enum { CK(columns_at_once) = 128, CK(rows_at_once) = 64 };

typedef double CK(wide) __attribute__((vector_size(CK_LANES * 8), aligned(8)));

// Adds the sums of x - start and of its square over some rows to one vector of columns.
CK_INLINE void CK(add_squares)(const float *x, CK(vec) start, int rows, ptrdiff_t stride,
                               double *sum, double *square) {
  CK(vec) s[4] = {0}, q[4] = {0};
  int row = 0;
  for (; row + 4 <= rows; row += 4)
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      CK(vec) distance = CK(load)(x + (row + i) * stride) - start;
      s[i] += distance;
      q[i] += distance * distance;
    }
  for (; row < rows; row++) {
    CK(vec) distance = CK(load)(x + row * stride) - start;
    s[0] += distance;
    q[0] += distance * distance;
  }
  CK(vec) total = (s[0] + s[1]) + (s[2] + s[3]), squares = (q[0] + q[1]) + (q[2] + q[3]);
  *(CK(wide) *)sum += __builtin_convertvector(total, CK(wide));
  *(CK(wide) *)square += __builtin_convertvector(squares, CK(wide));
}

// Both sums over all rows for up to columns_at_once columns; `start` is a row.
CK_WIDE static void CK(sum_squares)(const float *x, const float *start, ptrdiff_t rows,
                                    ptrdiff_t stride, int columns, double *sum, double *square) {
  for (int c = 0; c < columns; c++) sum[c] = square[c] = 0;
  for (ptrdiff_t row = 0; row < rows; row += CK(rows_at_once)) {
    const int n = rows - row < CK(rows_at_once) ? (int)(rows - row) : CK(rows_at_once);
    const float *first = x + row * stride;
    int c = 0;
    for (; c + CK_LANES <= columns; c += CK_LANES)
      CK(add_squares)(first + c, CK(load)(start + c), n, stride, sum + c, square + c);
    for (; c < columns; c++) {
      float s = 0, q = 0;
      for (int i = 0; i < n; i++) {
        const float distance = first[i * stride + c] - start[c];
        s += distance;
        q += distance * distance;
      }
      sum[c] += s;
      square[c] += q;
    }
  }
}

// Distances are taken from the mean of up to 64 rows spread over the matrix, so that the variance
// is no difference of two large numbers.
static void CK(moments)(const float *x, ptrdiff_t rows, int channels, int from, int end, float *mean,
                        float *variance) {
  const ptrdiff_t samples = rows < 64 ? rows : 64;
  for (int first = from; first < end; first += CK(columns_at_once)) {
    const int left = end - first;
    const int n = left < CK(columns_at_once) ? left : CK(columns_at_once);
    float near[CK(columns_at_once)] = {0};
    for (ptrdiff_t i = 0; i < samples; i++) {
      const float *row = x + (i * rows / samples) * channels + first;
      for (int c = 0; c < n; c++) near[c] += row[c];
    }
    for (int c = 0; c < n; c++) near[c] /= (float)samples;
    double sum[CK(columns_at_once)], square[CK(columns_at_once)];
    CK(sum_squares)(x + first, near, rows, channels, n, sum, square);
    for (int c = 0; c < n; c++) {
      const double offset = sum[c] / (double)rows;
      const double var = square[c] / (double)rows - offset * offset;
      mean[first + c] = (float)((double)near[c] + offset);
      // A test against zero that keeps not-a-number.
      variance[first + c] = var < 0 ? 0.0f : (float)var;
    }
  }
}
