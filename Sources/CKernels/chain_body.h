// Fused elementwise chains: a tile of at most CK_TILE numbers runs through all steps of the chain
// while it is in the first-level cache; intermediate values never reach memory.

CK_INLINE float *CK(resolve)(float *const *bases, uint32_t address) {
  return bases[address >> 28] + (address & 0x0fffffffu);
}

// An operand and the result are either the same buffer or disjoint, so lanes are independent.
// One vector at a time: tiles are short, and what unrolling leaves over is done number by number.
#define CK_STEP static void CK(step)
#define CK_LOOP \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(8) interleave_count(1)")
#define CK_NUMBERS n
#include "chain_steps.h"

// The same on whole vectors of the widest kind, of which small networks have mostly a few.
#define CK_STEP CK_WIDE static void CK(even_step)
#define CK_LOOP CK_EVEN_LOOP
#define CK_NUMBERS (n & -CK_LANES)
#include "chain_steps.h"

// The same on a whole tile, where nothing is left over: the widest vectors, two at a time.
#define CK_STEP CK_WIDE static void CK(whole_step)
#define CK_LOOP CK_WHOLE_LOOP
#define CK_NUMBERS CK_TILE
#include "chain_steps.h"

// Sixteen running sums, number i in sum i mod 16; then halves onto halves.
CK_INLINE float CK(sum)(const float *x, int n) {
  CK(v8) low = {0}, high = {0};
  int i = 0;
  for (; i + 16 <= n; i += 16) {
    low += *(const CK(v8) *)(x + i);
    high += *(const CK(v8) *)(x + i + 8);
  }
  if (i + 8 <= n) {
    low += *(const CK(v8) *)(x + i);
    i += 8;
    for (int j = 0; i + j < n; j++) high[j] += x[i + j];
  } else {
    for (int j = 0; i + j < n; j++) low[j] += x[i + j];
  }
  low += high;
  float a = low[0] + low[4], b = low[1] + low[5], c = low[2] + low[6], d = low[3] + low[7];
  return (a + c) + (b + d);
}

// Rows of a tile are short: a call of memcpy for each would cost more than the copying.
__attribute__((no_builtin("memcpy"))) static void CK(repeat_row)(float *tile, const float *row,
                                                                 int rows, int columns) {
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < columns; j++) tile[r * columns + j] = row[j];
}

// Points the slots of this tile at memory, repeating rows and columns where an operand is smaller.
CK_INLINE void CK(bind)(const ck_chain *chain, const ck_chain_pool *pool, float *const *bases,
                        float *scratch, float **slot, int row, int column, int rows, int columns,
                        int is_new_column) {
  const ck_load *loads = pool->loads + chain->first_load;
  for (int l = 0; l < chain->load_count; l++) {
    float *memory = CK(resolve)(bases, loads[l].address);
    float *tile = scratch + (size_t)loads[l].slot * CK_TILE;
    switch ((ck_cover)loads[l].cover) {
      case CK_FULL:
        slot[loads[l].slot] = memory + (size_t)row * chain->columns + column;
        break;
      case CK_SCALAR:
        slot[loads[l].slot] = memory;
        break;
      case CK_ROW:
        if (rows == 1) {
          slot[loads[l].slot] = memory + column;
        } else if (is_new_column) {
          CK(repeat_row)(tile, memory, rows, columns);
          slot[loads[l].slot] = tile;
        }
        break;
      case CK_COLUMN:
        if (columns == 1) {
          slot[loads[l].slot] = memory + row;
          break;
        }
        for (int r = 0; r < rows; r++) {
          float s = memory[row + r];
          for (int j = 0; j < columns; j++) tile[r * columns + j] = s;
        }
        slot[loads[l].slot] = tile;
        break;
      case CK_SCATTERED:
        CK(scatter_tile)(&loads[l].map, memory,
                         (const uint8_t *)CK(resolve)(bases, loads[l].choices), tile, row, column,
                         rows, columns);
        slot[loads[l].slot] = tile;
        break;
    }
  }
  const ck_store *stores = pool->stores + chain->first_store;
  for (int s = 0; s < chain->store_count; s++)
    slot[stores[s].slot] =
        CK(resolve)(bases, stores[s].address) + (size_t)row * chain->columns + column;
}

// Row by row onto `out`, a stripe of columns at a time so that the sums stay in registers.
CK_INLINE void CK(sum_rows)(const float *x, float *out, int rows, int columns, int accumulates) {
  int j = 0;
  for (; j + 8 <= columns; j += 8) {
    CK(v8) sum = *(const CK(v8) *)(x + j);
    if (accumulates) sum += *(const CK(v8) *)(out + j);
    for (int r = 1; r < rows; r++) sum += *(const CK(v8) *)(x + r * columns + j);
    *(CK(v8) *)(out + j) = sum;
  }
  for (; j < columns; j++) {
    float sum = accumulates ? out[j] + x[j] : x[j];
    for (int r = 1; r < rows; r++) sum += x[r * columns + j];
    out[j] = sum;
  }
}

CK_INLINE void CK(drain)(const ck_sink *sink, float *out, float *const *slot, double *total, int row,
                         int column, int rows, int columns, int is_first) {
  const float *x = slot[sink->slot];
  switch ((ck_reduction)sink->reduction) {
    case CK_SUM_ALL:
      *total += (double)CK(sum)(x, rows * columns);
      break;
    case CK_SUM_ROWS:
      CK(sum_rows)(x, out + column, rows, columns, !is_first);
      break;
    case CK_SUM_COLUMNS:
      for (int r = 0; r < rows; r++) {
        float sum = CK(sum)(x + r * columns, columns);
        out[row + r] = column == 0 ? sum : out[row + r] + sum;
      }
      break;
  }
}

// Rows `first` to `end`, which begin with a tile. Sums over rows go to `partials` unless it is NULL.
static void CK(chain)(const ck_chain *chain, const ck_chain_pool *pool, float *const *bases,
                      float *scratch, int first, int end, float *partials) {
  float *slot[CK_MAX_SLOTS];
  float *out[CK_MAX_SLOTS];
  double totals[CK_MAX_SLOTS];
#pragma clang loop vectorize(disable) unroll(disable)
  for (int s = 0; s < chain->slot_count; s++) slot[s] = scratch + (size_t)s * CK_TILE;
#pragma clang loop vectorize(disable) unroll(disable)
  for (int s = 0; s < chain->sink_count; s++) totals[s] = 0;
  const ck_step *steps = pool->steps + chain->first_step;
  const ck_sink *sinks = pool->sinks + chain->first_sink;
  size_t place = 0;
#pragma clang loop vectorize(disable) unroll(disable)
  for (int s = 0; s < chain->sink_count; s++) {
    const size_t count = partials ? ck_partial_count(chain, sinks + s) : 0;
    out[s] = count > 0 ? partials + place : CK(resolve)(bases, sinks[s].address);
    place += count;
  }
  const int all_rows = (int)chain->rows, all_columns = (int)chain->columns;
  const int columns_a_tile = all_columns < CK_TILE ? all_columns : CK_TILE;
  // Most chains fit in one tile and need no division.
  const int rows_a_tile =
      (size_t)all_rows * all_columns <= CK_TILE ? all_rows : CK_TILE / columns_a_tile;
  for (int column = 0; column < all_columns; column += columns_a_tile) {
    int columns = all_columns - column < columns_a_tile ? all_columns - column : columns_a_tile;
    int step_rows = columns_a_tile == all_columns ? rows_a_tile : 1;
    for (int row = first; row < end; row += step_rows) {
      int rows = end - row < step_rows ? end - row : step_rows;
      CK(bind)(chain, pool, bases, scratch, slot, row, column, rows, columns, row == first);
      const int count = rows * columns;
      if (count == CK_TILE)
        for (int s = 0; s < chain->step_count; s++) CK(whole_step)(steps + s, slot, count);
      else if (count % CK_LANES == 0)
        for (int s = 0; s < chain->step_count; s++) CK(even_step)(steps + s, slot, count);
      else
        for (int s = 0; s < chain->step_count; s++) CK(step)(steps + s, slot, count);
      for (int s = 0; s < chain->sink_count; s++)
        CK(drain)(sinks + s, out[s], slot, totals + s, row, column, rows, columns, row == first);
    }
  }
#pragma clang loop vectorize(disable) unroll(disable)
  for (int s = 0; s < chain->sink_count; s++) {
    if (sinks[s].reduction != CK_SUM_ALL) continue;
    if (partials)
      memcpy(out[s], totals + s, sizeof(double));
    else
      out[s][0] = (float)totals[s];
  }
}
