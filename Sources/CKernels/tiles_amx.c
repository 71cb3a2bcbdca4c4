// The matrix engine of x86-64: eight tiles of 16 rows of 64 bytes.
#include "tiles.h"
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CK_AMX __attribute__((target("amx-tile,amx-bf16")))

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes[16];
  uint8_t rows[16];
} ck_tile_configuration;

// Float32 sums 0 to 3 (upper left, upper right, lower left, lower right), 4 and 5 hold a, 6 and 7 b.
CK_AMX static void begin(void) {
  ck_tile_configuration configuration = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    configuration.bytes[i] = 64;
    configuration.rows[i] = 16;
  }
  _tile_loadconfig(&configuration);
}

CK_AMX static void end(void) { _tile_release(); }

#define CK_A(part)                                               \
  _tile_loadd(4, upper + (part) * sum->a_part, sum->a_row * 2); \
  _tile_loadd(5, lower + (part) * sum->a_part, sum->a_row * 2)
#define CK_B(part)                                              \
  _tile_loadd(6, left + (part) * sum->b_part, sum->b_row * 2); \
  _tile_loadd(7, right + (part) * sum->b_part, sum->b_row * 2)
#define CK_PRODUCTS        \
  _tile_dpbf16ps(0, 4, 6); \
  _tile_dpbf16ps(1, 4, 7); \
  _tile_dpbf16ps(2, 5, 6); \
  _tile_dpbf16ps(3, 5, 7)

CK_AMX static inline __attribute__((always_inline)) void block_of(const int parts,
                                                                   const ck_tile_sum *sum,
                                                                   float *c) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  const ck_half *left = sum->b[0], *right = sum->b[1];
  for (int run = 0; run < sum->run_count; run++) {
    const ck_half *upper = sum->a[0] + sum->runs[run], *lower = sum->a[1] + sum->runs[run];
    for (int step = 0; step < sum->step_count; step++) {
      CK_A(0);
      if (parts == 3) {
        CK_B(2);
        CK_PRODUCTS;
      }
      if (parts >= 2) {
        CK_B(1);
        CK_PRODUCTS;
      }
      CK_B(0);
      CK_PRODUCTS;
      if (parts >= 2) {
        CK_A(1);
        CK_PRODUCTS;
      }
      if (parts == 3) {
        CK_B(1);
        CK_PRODUCTS;
        CK_A(2);
        CK_B(0);
        CK_PRODUCTS;
      }
      upper += sum->a_step;
      lower += sum->a_step;
      left += sum->b_step;
      right += sum->b_step;
    }
  }
  _tile_stored(0, c, CK_SIDE * 4);
  _tile_stored(1, c + 16, CK_SIDE * 4);
  _tile_stored(2, c + 16 * CK_SIDE, CK_SIDE * 4);
  _tile_stored(3, c + 16 * CK_SIDE + 16, CK_SIDE * 4);
}

CK_AMX static void block(const ck_tile_sum *sum, float *c) {
  if (sum->parts == 1)
    block_of(1, sum, c);
  else if (sum->parts == 2)
    block_of(2, sum, c);
  else
    block_of(3, sum, c);
}

static const ck_tile_engine engine = {begin, block, end};
static const ck_tile_engine *found;

// The processor has it, and the system gives the tiles' state: asked for once a process.
static void look(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
  const unsigned bf16 = 1u << 22, tile = 1u << 24;
  if ((d & bf16) == 0 || (d & tile) == 0) return;
  const int request_permission = 0x1023, tile_data = 18;
  if (syscall(SYS_arch_prctl, request_permission, tile_data) != 0) return;
  const char *wish = getenv("METATOP_MATRIX_ENGINE");
  if (wish && strcmp(wish, "off") == 0) return;
  found = &engine;
}

const ck_tile_engine *ck_matrix_engine(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, look);
  return found;
}
#else
const ck_tile_engine *ck_matrix_engine(void) { return NULL; }
#endif
