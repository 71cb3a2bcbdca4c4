// Products with a sparse matrix that lies in memory as numbers.
#pragma once
#include <stddef.h>
#include <stdint.h>

// A matrix of `rows` rows in compressed form: the entries' values, their columns as whole numbers, and
// for each row where its entries begin, one more for the end. Each part begins at an offset in floats
// from the matrix's own beginning. A full matrix has all columns in every row, in order: it has no columns, and
// the number of rows that there are in the place of where they begin; others are zero.
typedef struct {
  int32_t rows;
  int32_t columns;
  int32_t entry_columns;
  int32_t starts;
  int32_t is_full;
} ck_sparse;

typedef struct {
  // y[rows, n] = S b[columns, n], its rows from `first` to `end`
  void (*multiply)(const ck_sparse *shape, const float *s, const float *b, int n, float *y, int first,
                   int end);
  // y[columns, n] = the transpose of S, times b[rows, n]; its columns from `first`, a multiple of
  // CK_COLUMNS, to `end`, another or the last; added to y when `accumulate`
  void (*multiply_transposed)(const ck_sparse *shape, const float *s, const float *b, int n,
                              float *y, int first, int end, int accumulate);
} ck_sparse_table;
