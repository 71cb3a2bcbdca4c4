// Work that several threads share: the items of one phase after another, claimed one by one.
#pragma once
#include <stdint.h>

// A phase's number, its number of items and the next item in one word, so that claiming an item also
// says which phase it belongs to; and how many items are done. Each word has two cache lines of its
// own, because processors fetch two at once.
typedef struct {
  uint64_t ticket;
  uint64_t around_ticket[15];
  uint64_t finished;
  uint64_t around_finished[15];
} ck_phase;

enum { CK_PHASE_BITS = 20, CK_PHASE_ALIGNMENT = 128 };

static inline int64_t ck_phase_item(uint64_t ticket) {
  const uint64_t mask = (1u << CK_PHASE_BITS) - 1;
  const uint64_t total = ticket >> CK_PHASE_BITS & mask, index = ticket & mask;
  return index < total ? (int64_t)index : -1;
}

// One thread alone opens phases, each after all items of the one before are done. What it wrote
// before is seen by whoever claims an item.
static inline void ck_phase_open(ck_phase *phase, uint64_t items) {
  const uint64_t before = __atomic_load_n(&phase->ticket, __ATOMIC_RELAXED);
  const uint64_t number = (before >> 2 * CK_PHASE_BITS) + 1;
  __atomic_store_n(&phase->finished, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&phase->ticket, number << 2 * CK_PHASE_BITS | items << CK_PHASE_BITS,
                   __ATOMIC_RELEASE);
}

// Whether an item is left; looks without writing.
static inline int ck_phase_is_open(const ck_phase *phase) {
  return ck_phase_item(__atomic_load_n(&phase->ticket, __ATOMIC_RELAXED)) >= 0;
}

// The next item, or -1.
static inline int64_t ck_phase_claim(ck_phase *phase) {
  if (!ck_phase_is_open(phase)) return -1;
  return ck_phase_item(__atomic_fetch_add(&phase->ticket, 1, __ATOMIC_ACQUIRE));
}

// An item is done: what was written for it is seen by whoever finds the phase done.
static inline void ck_phase_finish(ck_phase *phase) {
  __atomic_fetch_add(&phase->finished, 1, __ATOMIC_RELEASE);
}

static inline int ck_phase_is_done(const ck_phase *phase, uint64_t items) {
  return __atomic_load_n(&phase->finished, __ATOMIC_ACQUIRE) >= items;
}

// A number that threads raise and lower, on cache lines of its own.
typedef struct {
  int64_t count;
  int64_t around[15];
} ck_counter;

static inline int64_t ck_counter_value(const ck_counter *counter) {
  return __atomic_load_n(&counter->count, __ATOMIC_RELAXED);
}

static inline void ck_counter_add(ck_counter *counter, int64_t change) {
  __atomic_fetch_add(&counter->count, change, __ATOMIC_RELAXED);
}
