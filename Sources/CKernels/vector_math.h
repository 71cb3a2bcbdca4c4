// Elementary functions as branch-free code that the compiler turns into vector code.
// Errors stay below 2 units in the last place on the ranges the engine uses; checked in
// KernelsTests against double precision.
#pragma once
#include <math.h>
#include <string.h>

#define CK_INLINE static inline __attribute__((always_inline))

CK_INLINE float ck_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CK_INLINE uint32_t ck_to_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// 2^n r with e^x = 2^n e^r, |r| <= ln 2 / 2; saturates to 0 and infinity, keeps NaN.
CK_INLINE float ck_exp(float x) {
  float clamped = x > 88.9f ? 88.9f : x;
  clamped = clamped < -103.0f ? -103.0f : clamped;
  float n = __builtin_rintf(clamped * 1.44269504088896341f);
  float r = clamped - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  float e = p * r * r + r + 1.0f;
  // The power of two in two factors, so that neither leaves the normal range.
  int32_t k = (int32_t)n;
  int32_t half = k >> 1;
  float s1 = ck_from_bits((uint32_t)(half + 127) << 23);
  float s2 = ck_from_bits((uint32_t)(k - half + 127) << 23);
  float y = e * s1 * s2;
  y = x > 88.72284f ? INFINITY : y;
  y = x < -103.0f ? 0.0f : y;
  return x != x ? x : y;
}

// log(1 + f) - f + f^2 / 2 for 1 + f from 1/sqrt(2) to sqrt(2).
CK_INLINE float ck_log_tail(float f) {
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  return p * f * (f * f);
}

CK_INLINE float ck_log(float x) {
  // Subnormals are scaled into the normal range first.
  int is_small = x < 1.17549435e-38f;
  float scaled = is_small ? x * 8388608.0f : x;
  uint32_t bits = ck_to_bits(scaled);
  int32_t exponent = (int32_t)(bits >> 23) - 126 - (is_small ? 23 : 0);
  float m = ck_from_bits((bits & 0x007fffffu) | 0x3f000000u);
  int below = m < 0.707106781186547524f;
  exponent -= below ? 1 : 0;
  float f = (below ? m + m : m) - 1.0f;
  float e = (float)exponent;
  float y = ck_log_tail(f);
  y = y + e * -2.12194440e-4f;
  y = y - 0.5f * (f * f);
  float result = f + y;
  result = result + e * 0.693359375f;
  result = x == 0.0f ? -INFINITY : result;
  result = x == INFINITY ? INFINITY : result;
  return x < 0.0f || x != x ? NAN : result;
}

// log(1 + y) for y in [0, 1], exact also for tiny y. Halving 1 + y when it exceeds sqrt(2) rounds
// nothing, so neither a correction nor a division is needed.
CK_INLINE float ck_log1p_unit(float y) {
  int above = y > 0.414213562373095f;
  float f = above ? 0.5f * y - 0.5f : y;
  float e = above ? 1.0f : 0.0f;
  float tail = ck_log_tail(f) + e * -2.12194440e-4f - 0.5f * (f * f);
  return (f + tail) + e * 0.693359375f;
}

CK_INLINE float ck_tanh(float x) {
  float a = __builtin_fabsf(x);
  float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float small = p * z * x + x;
  float big = 1.0f - 2.0f / (ck_exp(a + a) + 1.0f);
  big = x < 0.0f ? -big : big;
  return a < 0.625f ? small : big;
}

CK_INLINE float ck_sigmoid(float x) { return 1.0f / (1.0f + ck_exp(-x)); }

CK_INLINE float ck_softplus(float x) {
  float top = x > 0.0f ? x : 0.0f;
  float y = top + ck_log1p_unit(ck_exp(-__builtin_fabsf(x)));
  return x != x ? x : y;
}

// sin(x) for |x| up to some thousands: reduction by pi in three parts, then a polynomial.
CK_INLINE float ck_sin(float x) {
  float n = __builtin_rintf(x * 0.318309886183790672f);
  float r = x - n * 3.140625f;
  r = r - n * 9.67025756835937500e-4f;
  r = r - n * 6.27711415290832519531e-7f;
  r = r - n * 1.21644916362129151821e-10f;
  float z = r * r;
  float p = 2.6083159809786593541503e-06f;
  p = p * z - 1.981069071916863322258e-04f;
  p = p * z + 8.33307858556509017944336e-03f;
  p = p * z - 0.166666597127914428710938f;
  float s = p * z * r + r;
  return ((int32_t)n & 1) ? -s : s;
}
