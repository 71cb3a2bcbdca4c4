// Chooses the instruction set when the program runs, once.
#include "CKernels.h"
#include <string.h>

extern const ck_table ck_table_baseline;
#if defined(__x86_64__)
extern const ck_table ck_table_v4;
extern const ck_table ck_table_v3;

static int has_v4(void) { return __builtin_cpu_supports("x86-64-v4"); }
static int has_v3(void) { return __builtin_cpu_supports("x86-64-v3"); }
#endif

const ck_table *ck_table_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, ck_table_v4.name) == 0) return has_v4() ? &ck_table_v4 : NULL;
  if (strcmp(name, ck_table_v3.name) == 0) return has_v3() ? &ck_table_v3 : NULL;
#endif
  return strcmp(name, ck_table_baseline.name) == 0 ? &ck_table_baseline : NULL;
}

const ck_table *ck_table_for_machine(void) {
  static const char *const best_first[] = {"x86-64-v4", "x86-64-v3", "baseline"};
  for (int i = 0; i < 3; i++) {
    const ck_table *table = ck_table_named(best_first[i]);
    if (table) return table;
  }
  return &ck_table_baseline;
}
