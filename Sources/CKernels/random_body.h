// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011). A stream is named by a
// 64-bit key; word i of a stream does not depend on how, where or when the others were drawn.

CK_INLINE void CK(philox)(uint32_t c0, uint32_t c1, uint64_t key, uint32_t out[4]) {
  uint32_t c2 = 0, c3 = 0;
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0;
    uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
    uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// The upper 24 bits as a number in [0, 1).
CK_INLINE float CK(unit)(uint32_t word) { return (float)(word >> 8) * 5.9604644775390625e-08f; }

enum { CK(block) = 16 };  // counters drawn together: 64 words

CK_INLINE void CK(words)(uint32_t words[4][16], uint64_t key, uint64_t counter) {
  for (int i = 0; i < 16; i++) {
    uint64_t c = counter + (uint64_t)i;
    uint32_t out[4];
    CK(philox)((uint32_t)c, (uint32_t)(c >> 32), key, out);
    words[0][i] = out[0];
    words[1][i] = out[1];
    words[2][i] = out[2];
    words[3][i] = out[3];
  }
}

static void CK(uniform)(float *out, size_t count, uint64_t key, uint64_t first) {
  for (size_t done = 0; done < count; done += 64) {
    uint32_t words[4][16];
    CK(words)(words, key, first + done / 4);
    float values[64];
    for (int i = 0; i < 64; i++) values[i] = CK(unit)(words[i / 16][i % 16]);
    size_t n = count - done < 64 ? count - done : 64;
    memcpy(out + done, values, n * sizeof(float));
  }
}

static void CK(normal)(float *out, size_t count, uint64_t key, uint64_t first) {
  for (size_t done = 0; done < count; done += 64) {
    uint32_t words[4][16];
    CK(words)(words, key, first + done / 4);
    float values[64];
    for (int i = 0; i < 32; i++) {
      // 1 - u lies in (0, 1], so its logarithm is finite.
      float radius = __builtin_sqrtf(-2.0f * ck_log(1.0f - CK(unit)(words[i / 16][i % 16])));
      float angle = CK(unit)(words[2 + i / 16][i % 16]) * 6.28318530717958648f;
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
