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

// Rows of the product, a strip of columns after the other.
CK_WIDE static void CK(sparse_multiply)(const ck_sparse *shape, const float *s, const float *b, int n,
                                        float *y, int from, int to) {
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

// Each entry adds its row's numbers, multiplied, to those of its column.
CK_WIDE static void CK(sparse_multiply_transposed)(const ck_sparse *shape, const float *s,
                                                   const float *b, int n, float *y, int from,
                                                   int to) {
  const float *columns = s + shape->entry_columns, *starts = s + shape->starts;
  for (int row = 0; to - from < n && row < shape->columns; row++)
    memset(y + (ptrdiff_t)row * n + from, 0, sizeof(float) * (size_t)(to - from));
  if (to - from == n) memset(y, 0, sizeof(float) * (size_t)shape->columns * (size_t)n);
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
