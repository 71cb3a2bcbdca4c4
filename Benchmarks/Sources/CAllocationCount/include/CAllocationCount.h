// Counts heap allocations of the whole process while it is told to, by standing before the C
// library's functions. Linked into the benchmarks only.
#pragma once
#include <stdint.h>

void allocation_count_start(void);
void allocation_count_stop(void);
// Allocations since counting first began; pauses are not counted.
uint64_t allocation_count(void);
