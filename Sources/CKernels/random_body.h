// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011). A stream is named by a
// 64-bit key; word i of a stream does not depend on how, where or when the others were drawn.

typedef uint32_t CK(counters) __attribute__((vector_size(64), aligned(4)));
typedef uint64_t CK(products) __attribute__((vector_size(64)));

// The products of sixteen numbers with one, their lower and upper halves; even and odd ones apart,
// because a register holds eight products.
CK_INLINE void CK(halves_of)(const CK(counters) *x, uint64_t factor, CK(counters) *low,
                             CK(counters) *high) {
  const uint64_t lower = 0xffffffffu;
  const CK(products) pairs = (CK(products))*x;
  const CK(products) even = (pairs & lower) * factor, odd = (pairs >> 32) * factor;
  *low = (CK(counters))((even & lower) | odd << 32);
  *high = (CK(counters))(even >> 32 | (odd & ~lower));
}

// The upper 24 bits as a number in [0, 1).
CK_INLINE float CK(unit)(uint32_t word) { return (float)(word >> 8) * 5.9604644775390625e-08f; }

enum { CK(block) = 16 };  // counters drawn together: 64 words

// Sixteen counters from `counter` on, word by word.
CK_INLINE void CK(words)(uint32_t words[4][16], uint64_t key, uint64_t counter) {
  CK(counters) c[4] = {{0}};
  for (int i = 0; i < 16; i++) {
    const uint64_t own = counter + (uint64_t)i;
    c[0][i] = (uint32_t)own;
    c[1][i] = (uint32_t)(own >> 32);
  }
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    CK(counters) low[2], high[2];
    CK(halves_of)(c, 0xD2511F53u, low, high);
    CK(halves_of)(c + 2, 0xCD9E8D57u, low + 1, high + 1);
    c[0] = high[1] ^ c[1] ^ k0;
    c[2] = high[0] ^ c[3] ^ k1;
    c[1] = low[1];
    c[3] = low[0];
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < 4; i++) *(CK(counters) *)words[i] = c[i];
}

CK_WIDE static void CK(uniform)(float *out, size_t count, uint64_t key, uint64_t first) {
  for (size_t done = 0; done < count; done += 64) {
    uint32_t words[4][16];
    CK(words)(words, key, first + done / 4);
    float values[64];
    const uint32_t *word = words[0];
    CK_EVEN_LOOP
    for (int i = 0; i < 64; i++) values[i] = CK(unit)(word[i]);
    size_t n = count - done < 64 ? count - done : 64;
    memcpy(out + done, values, n * sizeof(float));
  }
}

CK_WIDE static void CK(normal)(float *out, size_t count, uint64_t key, uint64_t start) {
  for (size_t done = 0; done < count; done += 64) {
    uint32_t words[4][16];
    CK(words)(words, key, start + done / 4);
    float values[64];
    const uint32_t *first = words[0], *second = words[2];
    CK_EVEN_LOOP
    for (int i = 0; i < 32; i++) {
      // 1 - u lies in (0, 1], so its logarithm is finite.
      float radius = __builtin_sqrtf(-2.0f * ck_log(1.0f - CK(unit)(first[i])));
      float angle = CK(unit)(second[i]) * 6.28318530717958648f;
      values[i] = radius * ck_sin(angle);
      values[32 + i] = radius * ck_sin(angle + 1.57079632679489662f);
    }
    size_t n = count - done < 64 ? count - done : 64;
    memcpy(out + done, values, n * sizeof(float));
  }
}

static void CK(sinusoid)(const float *x, float *y, size_t count, float amplitude, float phase) {
  for (size_t i = 0; i < count; i++) y[i] = amplitude * ck_sin(x[i] - phase);
}
