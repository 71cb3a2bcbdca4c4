// Vector kernels of the engine. All buffers hold 32-bit floats and are row-major.
//
// The same source is compiled for several instruction sets (variant_*.c); `ck_table_for_machine`
// picks one when the program is loaded, so one binary runs well everywhere.
#pragma once
#include "CKConvolution.h"
#include "CKPooling.h"
#include "CKSparse.h"
#include "CKStencil.h"
#include "CKTeam.h"
#include <stddef.h>
#include <stdint.h>

// One step of a fused elementwise program: slot[dst] = op(slot[a], slot[b], slot[c]), tile by tile.
// The suffix S marks an operand that is one number for the whole tile.
typedef enum {
  CK_COPY = 0,
  CK_FILL_S,  // dst = a, a single number
  CK_NEGATE,
  CK_EXP,
  CK_LOG,
  CK_SQRT,
  CK_TANH,
  CK_SIGMOID,
  CK_SOFTPLUS,
  CK_ADD,
  CK_ADD_S,
  CK_SUBTRACT,
  CK_SUBTRACT_S,   // a - b, b a single number
  CK_SUBTRACT_SV,  // a - b, a a single number
  CK_MULTIPLY,
  CK_MULTIPLY_S,
  CK_DIVIDE,
  CK_DIVIDE_S,
  CK_DIVIDE_SV,
  CK_GATE,         // b <= 0 ? 0 : a, so that not-a-number in b lets a pass
  CK_GATE_S,       // b <= 0 ? 0 : a, a a single number
  CK_ADD_SCALED_S, // a + c * b, c a single number
  CK_SUBTRACT_SCALED_S, // a - c * b, c a single number
  CK_MULTIPLY_ADD, // a + b * c
} ck_opcode;

typedef struct {
  uint8_t op;
  uint8_t dst;
  uint8_t a;
  uint8_t b;
  uint8_t c;
} ck_step;

// How an operand covers the iteration space of rows x columns.
typedef enum {
  CK_FULL = 0,   // rows x columns
  CK_ROW,        // one row, repeated for every row
  CK_COLUMN,     // one column, repeated for every column
  CK_SCALAR,     // one number
  CK_SCATTERED,  // a pooled map at its choices, zeros elsewhere; rows are pixels
} ck_cover;

typedef enum {
  CK_SUM_ALL = 0,   // one number
  CK_SUM_ROWS,      // over rows: one row of `columns` numbers
  CK_SUM_COLUMNS,   // over columns: `rows` numbers
} ck_reduction;

// A memory operand; space and offset name an address (see Address in Kernels).
typedef struct {
  uint32_t address;
  uint8_t slot;
  uint8_t cover;  // ck_cover
  // Of a scattered operand only: where its choices lie, and the map of the whole images.
  uint32_t choices;
  ck_map map;
} ck_load;

typedef struct {
  uint32_t address;
  uint8_t slot;
} ck_store;

typedef struct {
  uint32_t address;
  uint8_t slot;
  uint8_t reduction;  // ck_reduction
} ck_sink;

enum { CK_MAX_SLOTS = 40, CK_TILE = 512 };

// A fused chain: loads name memory, stores are slots that live in memory instead of scratch.
typedef struct {
  uint32_t rows;
  uint32_t columns;
  uint16_t load_count;
  uint16_t store_count;
  uint16_t step_count;
  uint16_t sink_count;
  uint16_t slot_count;
  uint32_t first_load;
  uint32_t first_store;
  uint32_t first_step;
  uint32_t first_sink;
} ck_chain;

// Rows of a whole tile.
static inline uint32_t ck_tile_rows(const ck_chain *chain) {
  return chain->columns < CK_TILE ? CK_TILE / chain->columns : 1;
}

// Floats that a sum over some rows takes: a double, or a row; none where rows are summed apart.
static inline size_t ck_partial_count(const ck_chain *chain, const ck_sink *sink) {
  if (sink->reduction == CK_SUM_COLUMNS) return 0;
  return sink->reduction == CK_SUM_ALL ? 16 : (chain->columns + 15) / 16 * 16;
}

typedef struct {
  const ck_load *loads;
  const ck_store *stores;
  const ck_step *steps;
  const ck_sink *sinks;
} ck_chain_pool;

typedef struct {
  // Runs rows `first` to `end` of one fused chain; `first` is a multiple of ck_tile_rows. `scratch` holds
  // CK_MAX_SLOTS * CK_TILE floats, 64-byte aligned. Unless `partials` is NULL, what is summed over rows
  // is left there (ck_partials) instead of in its place.
  void (*chain)(const ck_chain *chain, const ck_chain_pool *pool, float *const *bases,
                float *scratch, int first, int end, float *partials);
  // c[m,n] = start + a[m,k] b[k,n], then max(0, c), which keeps not-a-number, when `rectify`; element (i,p) of a is
  // a[i*a_row + p*a_column]; b and c are packed. The start is c itself when `accumulate`, else
  // `bias` (a row, repeated) when it is not NULL, else zero.
  void (*matmul)(const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b, float *c,
                 int m, int n, int k, int accumulate, const float *bias, int rectify);
  // c[m,n] = c + bias (when not NULL), then max(0, c) when `rectify`
  void (*finish)(float *c, int m, int n, const float *bias, int rectify);
  // b[columns,rows] = transpose of a[rows,columns]
  void (*transpose)(const float *a, float *b, int rows, int columns);
  // out[0..<count] uniform in [0,1), the stream named by key, starting at its word `first * 4`.
  void (*uniform)(float *out, size_t count, uint64_t key, uint64_t first);
  // out[0..<count] standard normal (Box and Muller), the stream named by key.
  void (*normal)(float *out, size_t count, uint64_t key, uint64_t first);
  // y = amplitude * sin(x - phase)
  void (*sinusoid)(const float *x, float *y, size_t count, float amplitude, float phase);
  // out[i] = scale * sum over s of in[s * stride + i], s ascending; returns the sum of out[i]^2.
  double (*sum_slots)(const float *in, size_t stride, size_t slots, float *out, size_t count,
                      float scale);
  // Whether none of count numbers is infinite or not a number.
  int (*all_finite)(const float *x, size_t count);
  // Adam (Kingma and Ba 2015) with bias corrections folded in by the caller:
  // m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; p -= rate * m / (sqrt(v) * root + epsilon)
  void (*adam)(float *p, const float *g, float *m, float *v, size_t count, float rate, float b1,
               float b2, float root, float epsilon, float weight_decay);
  // y = x * w + bias (a row of `outputs`, or NULL), added to y when `accumulate`
  void (*convolve)(const ck_convolution *shape, const float *x, const float *w, const float *bias,
                   float *y, int accumulate, float *scratch, ck_part part);
  // dx = the transpose of x -> x * w, applied to g (batch, height, width, outputs)
  void (*image_gradient)(const ck_convolution *shape, const float *g, const float *w, float *dx,
                         int accumulate, float *scratch, ck_part part);
  // dw = the transpose of w -> x * w, applied to g
  void (*weight_gradient)(const ck_convolution *shape, const float *x, const float *g, float *dw,
                          int accumulate, float *scratch, ck_part part);
  // Products of this many multiply-adds and more are faster in OpenBLAS.
  size_t blas_threshold;
  ck_pooling pooling;
  ck_stencil stencil;
  ck_sparse_table sparse;
  const char *name;
} ck_table;

// Floats of one block's partial sums.
size_t ck_partials(const ck_chain *chain, const ck_chain_pool *pool);
// Adds up the partial sums of `blocks` blocks of rows, in their order.
void ck_combine(const ck_chain *chain, const ck_chain_pool *pool, float *const *bases,
                const float *partials, size_t blocks);
// out[i] = the sum over blocks of partials[block * count + i], in their order.
void ck_combine_images(const double *partials, size_t blocks, size_t count, float *out);

const ck_table *ck_table_for_machine(void);
// The variant called `name` ("x86-64-v4", "x86-64-v3", "baseline"), or NULL when this machine or
// build has none; for tests and benchmarks that compare them.
const ck_table *ck_table_named(const char *name);

// A processor hint for a loop that waits for another core.
static inline void ck_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
