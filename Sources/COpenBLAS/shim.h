#pragma once
#if !__has_include(<cblas.h>)
#error "OpenBLAS is missing: apt-get install libopenblas-dev"
#endif
#include <cblas.h>
