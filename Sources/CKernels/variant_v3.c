#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define CK_SUFFIX v3
#define CK_NAME "x86-64-v3"
#define CK_MAX_MR 2
#define CK_NARROW_MR 6
#define CK_LANES 8
#define CK_STRIP 6
// 1.9 at 10x40x40, 1.2 at 49x64x576, 0.8 at 128x128x128.
#define CK_BLAS_THRESHOLD (1 << 21)
#include "variant.h"
#pragma clang attribute pop
#endif
