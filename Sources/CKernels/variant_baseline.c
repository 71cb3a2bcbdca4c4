// SSE2 on x86-64, NEON on Arm: what every machine of its kind has.
#define CK_SUFFIX baseline
#define CK_NAME "baseline"
#define CK_MAX_MR 2
#define CK_NARROW_MR 2
#define CK_LANES 4
#define CK_STRIP 6
// 1.1 at 10x40x40, 1.0 at 100x40x40, 0.9 at 64x64x64 (SSE2; not measured on Arm).
#define CK_BLAS_THRESHOLD (1 << 18)
#include "variant.h"
