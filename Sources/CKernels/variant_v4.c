#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define CK_SUFFIX v4
#define CK_NAME "x86-64-v4"
#define CK_MAX_MR 5
#define CK_LANES 16
#define CK_STRIP 14
#include "variant.h"
#pragma clang attribute pop
#endif
