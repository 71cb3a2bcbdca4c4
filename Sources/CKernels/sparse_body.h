// Products with a sparse matrix: a row at a time, its entries in their order, so that every number is
// summed in the same order whoever computes it.

enum { CK(sparse_strip) = 16 };

// `width` columns of one row: a sum over its entries that stays in registers.
CK_WIDE static void CK(sparse_multiply)(const ck_sparse *shape, const float *s, const float *b, int n,
                                        float *y, int from, int to) {
  const float *columns = s + shape->entry_columns, *starts = s + shape->starts;
  y += (ptrdiff_t)from * n;
  for (int row = from; row < to; row++, y += n) {
    const ptrdiff_t first = (ptrdiff_t)starts[row], end = (ptrdiff_t)starts[row + 1];
    int c = 0;
    for (; c + CK(sparse_strip) <= n; c += CK(sparse_strip)) {
      float sum[CK(sparse_strip)] = {0};
      for (ptrdiff_t entry = first; entry < end; entry++) {
        const float value = s[entry];
        const float *from = b + (ptrdiff_t)columns[entry] * n + c;
#pragma clang loop vectorize(enable) unroll(full)
        for (int i = 0; i < CK(sparse_strip); i++) sum[i] += value * from[i];
      }
      for (int i = 0; i < CK(sparse_strip); i++) y[c + i] = sum[i];
    }
    for (; c < n; c++) {
      float sum = 0;
      for (ptrdiff_t entry = first; entry < end; entry++)
        sum += s[entry] * b[(ptrdiff_t)columns[entry] * n + c];
      y[c] = sum;
    }
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
    const ptrdiff_t end = (ptrdiff_t)starts[row + 1];
    for (ptrdiff_t entry = (ptrdiff_t)starts[row]; entry < end; entry++) {
      const float value = s[entry];
      float *at = y + (ptrdiff_t)columns[entry] * n;
      int c = from;
      for (; c + CK(sparse_strip) <= to; c += CK(sparse_strip))
#pragma clang loop vectorize(assume_safety) unroll(full)
        for (int i = 0; i < CK(sparse_strip); i++) at[c + i] += value * b[c + i];
      for (; c < to; c++) at[c] += value * b[c];
    }
  }
}
