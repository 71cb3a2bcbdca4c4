// The outer update: sums over the meta-batch in episode order, and Adam.

static double CK(sum_slots)(const float *in, size_t stride, size_t slots, float *out, size_t count,
                            float scale) {
  double norm = 0;
  for (size_t begin = 0; begin < count; begin += 256) {
    size_t n = count - begin < 256 ? count - begin : 256;
    float sum[256];
    memcpy(sum, in + begin, n * sizeof(float));
    for (size_t s = 1; s < slots; s++) {
      const float *slot = in + s * stride + begin;
      for (size_t i = 0; i < n; i++) sum[i] += slot[i];
    }
    float lanes[16] = {0};
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
      for (int j = 0; j < 16; j++) {
        float g = sum[i + j] * scale;
        out[begin + i + j] = g;
        lanes[j] += g * g;
      }
    }
    for (; i < n; i++) {
      float g = sum[i] * scale;
      out[begin + i] = g;
      lanes[0] += g * g;
    }
    float block = 0;
    for (int j = 0; j < 16; j++) block += lanes[j];
    norm += (double)block;
  }
  return norm;
}

// Whether the exponents of all numbers leave them finite; without a branch, so that it is vectors.
static int CK(all_finite)(const float *x, size_t count) {
  uint32_t found = 0;
  for (size_t i = 0; i < count; i++) found |= (ck_to_bits(x[i]) & 0x7f800000u) == 0x7f800000u;
  return !found;
}

// Weights that no loss asks for decay for ever, and subnormal numbers, which take the processor a
// hundred times as long, would be all that is left of them and of their moments: here they are zero.
static void CK(adam)(float *restrict p, const float *restrict g, float *restrict m,
                     float *restrict v, size_t count, float rate, float b1, float b2, float root,
                     float epsilon, float weight_decay) {
  const unsigned mode = ck_flush_subnormals();
  for (size_t i = 0; i < count; i++) {
    float gradient = g[i] + weight_decay * p[i];
    float first = b1 * m[i] + (1.0f - b1) * gradient;
    float second = b2 * v[i] + (1.0f - b2) * gradient * gradient;
    m[i] = first;
    v[i] = second;
    p[i] -= rate * first / (__builtin_sqrtf(second) * root + epsilon);
  }
  ck_restore_subnormals(mode);
}
