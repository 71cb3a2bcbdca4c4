// Convolutions as products of tiles of bfloat16 with float32 sums, the arithmetic of AMX's TDPBF16PS.
//
// A float32 is cut into `parts` bfloat16: one keeps 8 bits of its mantissa, two 16, three all 24. Of
// the products of parts those are summed that matter: 1, 3 or 6. One step sums 32 products for each
// of 32 x 32 results: the sixteen even ones and the sixteen odd ones each from zero in ascending
// order, then both together, then onto the result; subnormal numbers count as zero. That order is
// the definition: the engine and ordinary arithmetic give the same bits.
#pragma once
#include "CKConvolution.h"

typedef uint16_t ck_half;  // bfloat16: the upper half of a float32

enum { CK_SIDE = 32, CK_DEPTH = 32, CK_MAX_PARTS = 3 };

// One block of 32 x 32 results: the sum over runs and steps of a's 32 rows of 32 numbers times b's 16
// pairs of rows of 32 columns. Distances are in bfloat16 numbers.
typedef struct {
  const ck_half *a[2];  // rows 0 to 15, rows 16 to 31
  const ck_half *b[2];  // columns 0 to 15, columns 16 to 31; pairs of rows are interleaved
  const ptrdiff_t *runs;  // where each run begins in a; b goes on from run to run
  ptrdiff_t a_row, a_step, a_part;
  ptrdiff_t b_row, b_step, b_part;
  int run_count, step_count, parts;
} ck_tile_sum;

// Which parts are multiplied, in the order of their sums: small ones first as far as the loads allow.
static inline int ck_part_products(int parts, const uint8_t (**pairs)[2]) {
  static const uint8_t one[][2] = {{0, 0}};
  static const uint8_t two[][2] = {{0, 1}, {0, 0}, {1, 0}};
  static const uint8_t three[][2] = {{0, 2}, {0, 1}, {0, 0}, {1, 0}, {1, 1}, {2, 0}};
  *pairs = parts == 1 ? one : parts == 2 ? two : three;
  return parts == 1 ? 1 : parts == 2 ? 3 : 6;
}

// What multiplies: `begin` and `end` enclose the calls of one thread for one convolution.
typedef struct {
  void (*begin)(void);
  void (*block)(const ck_tile_sum *sum, float *c);
  void (*end)(void);
} ck_tile_engine;

// The processor's, or NULL where it has none or the system forbids it.
const ck_tile_engine *ck_matrix_engine(void);

// Subnormal numbers are zero from the first call to the second, which takes what the first gave.
static inline unsigned ck_flush_subnormals(void) {
#if defined(__x86_64__)
  unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | 0x8040);
  return before;
#elif defined(__aarch64__)
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | (1u << 24)));
  return (unsigned)before;
#else
  return 0;
#endif
}

static inline void ck_restore_subnormals(unsigned before) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(before);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)before));
#else
  (void)before;
#endif
}

// The images lie on a grid with a column of zeros behind each row and a row of zeros behind each
// image, so that a neighbour is always a fixed distance away. A strip is some rows of the grid.
typedef struct {
  int parts;
  ptrdiff_t pitch;      // pixels of a grid row
  ptrdiff_t grid_rows;  // of all images
  ptrdiff_t rows;       // of a strip
  ptrdiff_t inputs, outputs;  // rounded up to whole tiles
  ptrdiff_t pixels;     // of a strip, rounded up to whole steps
  ptrdiff_t around;     // of a strip with its neighbours
} ck_tile_plan;

static inline ptrdiff_t ck_up(ptrdiff_t count, ptrdiff_t step) {
  return (count + step - 1) / step * step;
}

static inline int ck_parts(const ck_convolution *shape) {
  return shape->algorithm >= CK_TILES_1 ? shape->algorithm - CK_TILES_1 + 1 : 0;
}

// bfloat16 numbers of a strip that should stay in the second-level cache.
enum { CK_STRIP_HALVES = 262144 };

static inline ck_tile_plan ck_tiles_plan(const ck_convolution *shape, int inputs, int outputs,
                                         int has_gradient) {
  ck_tile_plan plan = {.parts = ck_parts(shape), .pitch = shape->width + 1};
  plan.grid_rows = (ptrdiff_t)shape->batch * (shape->height + 1);
  plan.inputs = ck_up(inputs, CK_DEPTH);
  plan.outputs = ck_up(outputs, CK_SIDE);
  ptrdiff_t row = plan.pitch * plan.parts * (plan.inputs + (has_gradient ? plan.outputs : 0));
  plan.rows = CK_STRIP_HALVES / row;
  if (plan.rows < 4) plan.rows = 4;
  if (plan.rows > plan.grid_rows) plan.rows = plan.grid_rows;
  plan.pixels = ck_up(plan.rows * plan.pitch, CK_DEPTH);
  // A neighbour before and behind, and what a last step reads beyond.
  plan.around = ck_up((plan.rows + 2) * plan.pitch + 2 + CK_DEPTH, CK_DEPTH);
  return plan;
}

// Pixels that one sum of a weight gradient takes at once: what of both maps stays in the
// first-level cache.
enum { CK_GRADIENT_PIXELS = 384 };

// Halves from a channel's pixels to the next one's: an odd number of cache lines, so that sixteen
// channels do not meet in one set of a cache.
static inline ptrdiff_t ck_turned_row(const ck_tile_plan *plan) {
  return ck_up(plan->around, 64) + 32;
}

// Floats of scratch.
static inline size_t ck_tiles_scratch(const ck_convolution *shape, int inputs, int outputs,
                                      int has_gradient) {
  const ck_tile_plan plan = ck_tiles_plan(shape, inputs, outputs, has_gradient);
  const ptrdiff_t halves = has_gradient
                               ? ck_turned_row(&plan) * plan.inputs + plan.pixels * plan.outputs
                               : (plan.around + 9 * plan.outputs) * plan.inputs;
  return CK_SIDE * CK_SIDE + (size_t)(plan.inputs + plan.outputs + plan.parts * halves / 2) +
         4 * 16;
}
