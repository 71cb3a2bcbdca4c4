// SSE2 on x86-64, NEON on Arm: what every machine of its kind has.
#define CK_SUFFIX baseline
#define CK_NAME "baseline"
#define CK_MAX_MR 2
#define CK_LANES 4
#define CK_STRIP 6
#include "variant.h"
