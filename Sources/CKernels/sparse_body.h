// Products with a sparse matrix: a row at a time, its entries in one order, so that every number is
// summed alike whoever computes it.

enum { CK(sparse_strip) = 16, CK(sparse_sums) = 4 };

// A strip of a row's product: a few sums that stay in registers, entry by entry in turn, since each addition
// waits for the one before.
CK_WIDE static void CK(gather_strip)(const float *restrict s, const float *restrict columns,
                                     ptrdiff_t first, ptrdiff_t end, const float *restrict b, int n,
                                     float *restrict y) {
  enum { strip = CK(sparse_strip), sums = CK(sparse_sums) };
  float sum[sums][strip] = {{0}};
  ptrdiff_t entry = first;
  for (; entry + sums <= end; entry += sums)
#pragma clang loop unroll(full)
    for (int j = 0; j < sums; j++) {
      const float value = s[entry + j];
      const float *from = b + (ptrdiff_t)columns[entry + j] * n;
#pragma clang loop vectorize(enable) unroll(full)
      for (int i = 0; i < strip; i++) sum[j][i] += value * from[i];
    }
  for (; entry < end; entry++) {
    const float value = s[entry];
    const float *from = b + (ptrdiff_t)columns[entry] * n;
#pragma clang loop vectorize(enable) unroll(full)
    for (int i = 0; i < strip; i++) sum[0][i] += value * from[i];
  }
  for (int i = 0; i < strip; i++) y[i] = (sum[0][i] + sum[1][i]) + (sum[2][i] + sum[3][i]);
}

// Some columns of y[m,n] = a[m,k] b[k,n], added to y when `accumulate`; element (i,p) of a is
// a[i*a_row + p*a_column].
static void CK(full_columns)(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                             float *y, int m, int n, int k, int from, int to, int accumulate) {
  const CK(ends) ends = {NULL, accumulate, 0};
  int c = from;
  for (; c + 16 <= to; c += 16) CK(panel)(2, a, a_row, a_column, b + c, y + c, m, n, k, ends);
  for (; c + 8 <= to; c += 8) CK(panel)(1, a, a_row, a_column, b + c, y + c, m, n, k, ends);
  if (c < to) CK(edge)(a, a_row, a_column, b + c, y + c, m, n, k, to - c, ends);
}

// Rows that there are of a full matrix.
CK_INLINE int CK(full_rows)(const ck_sparse *shape, const float *s) {
  const int own = (int)s[shape->starts];
  return own < shape->rows ? own : shape->rows;
}

static void CK(full_multiply)(const ck_sparse *shape, const float *s, const float *b, int n,
                              float *y, int from, int to) {
  const int own = CK(full_rows)(shape, s), end = to < own ? to : own;
  const int rows = end > from ? end - from : 0;
  const ptrdiff_t columns = shape->columns;
  y += (ptrdiff_t)from * n;
  CK(full_columns)(s + from * columns, columns, 1, b, y, rows, n, shape->columns, 0, n, 0);
  memset(y + (ptrdiff_t)rows * n, 0, sizeof(float) * (size_t)(to - from - rows) * (size_t)n);
}

// Rows of the product, a strip of columns after the other.
CK_WIDE static void CK(sparse_multiply)(const ck_sparse *shape, const float *s, const float *b, int n,
                                        float *y, int from, int to) {
  if (shape->is_full) {
    CK(full_multiply)(shape, s, b, n, y, from, to);
    return;
  }
  const float *columns = s + shape->entry_columns, *starts = s + shape->starts;
  y += (ptrdiff_t)from * n;
  for (int row = from; row < to; row++, y += n) {
    const ptrdiff_t first = (ptrdiff_t)starts[row], end = (ptrdiff_t)starts[row + 1];
    int c = 0;
    for (; c + CK(sparse_strip) <= n; c += CK(sparse_strip))
      CK(gather_strip)(s, columns, first, end, b + c, n, y + c);
    for (; c < n; c++) {
      float sum = 0;
      for (ptrdiff_t entry = first; entry < end; entry++)
        sum += s[entry] * b[(ptrdiff_t)columns[entry] * n + c];
      y[c] = sum;
    }
  }
}

// A strip of a row's numbers, multiplied, is added to each of its entries' columns. The strip stays in
// registers; what `at` points to overlaps neither it nor the matrix.
CK_WIDE static void CK(scatter_strip)(const float *restrict s, const float *restrict columns,
                                      ptrdiff_t first, ptrdiff_t end, const float *restrict b, int n,
                                      float *restrict y) {
  float own[CK(sparse_strip)];
  for (int i = 0; i < CK(sparse_strip); i++) own[i] = b[i];
  for (ptrdiff_t entry = first; entry < end; entry++) {
    const float value = s[entry];
    float *at = y + (ptrdiff_t)columns[entry] * n;
    float sum[CK(sparse_strip)];
#pragma clang loop vectorize(enable) unroll(full)
    for (int i = 0; i < CK(sparse_strip); i++) sum[i] = at[i] + value * own[i];
#pragma clang loop vectorize(enable) unroll(full)
    for (int i = 0; i < CK(sparse_strip); i++) at[i] = sum[i];
  }
}

static void CK(clear_columns)(float *y, int rows, int n, int from, int to) {
  for (int row = 0; to - from < n && row < rows; row++)
    memset(y + (ptrdiff_t)row * n + from, 0, sizeof(float) * (size_t)(to - from));
  if (to - from == n) memset(y, 0, sizeof(float) * (size_t)rows * (size_t)n);
}

// Each entry adds its row's numbers, multiplied, to those of its column.
CK_WIDE static void CK(sparse_multiply_transposed)(const ck_sparse *shape, const float *s,
                                                   const float *b, int n, float *y, int from,
                                                   int to, int accumulate) {
  if (shape->is_full) {
    CK(full_columns)(s, 1, shape->columns, b, y, shape->columns, n, CK(full_rows)(shape, s), from,
                     to, accumulate);
    return;
  }
  const float *columns = s + shape->entry_columns, *starts = s + shape->starts;
  if (!accumulate) CK(clear_columns)(y, shape->columns, n, from, to);
  for (int row = 0; row < shape->rows; row++, b += n) {
    const ptrdiff_t first = (ptrdiff_t)starts[row], end = (ptrdiff_t)starts[row + 1];
    int c = from;
    for (; c + CK(sparse_strip) <= to; c += CK(sparse_strip))
      CK(scatter_strip)(s, columns, first, end, b + c, n, y + c);
    for (; c < to; c++)
      for (ptrdiff_t entry = first; entry < end; entry++)
        y[(ptrdiff_t)columns[entry] * n + c] += s[entry] * b[c];
  }
}
