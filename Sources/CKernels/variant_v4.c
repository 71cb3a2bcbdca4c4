#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define CK_SUFFIX v4
#define CK_NAME "x86-64-v4"
#define CK_MAX_MR 5
#define CK_NARROW_MR 8
#define CK_LANES 16
#define CK_STRIP 14
// Ours takes OpenBLAS's time or less (0.98 to 1.9 times as fast) up to 256x256x256 and 1764x64x576;
// 0.85 at 512x512x512.
#define CK_BLAS_THRESHOLD (1 << 26)
#include "variant.h"
#pragma clang attribute pop
#endif
