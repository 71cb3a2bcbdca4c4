// Sums of sums that were made apart, in the order of the blocks, whoever made them.
#include "CKernels.h"
#include <string.h>

size_t ck_partials(const ck_chain *chain, const ck_chain_pool *pool) {
  const ck_sink *sinks = pool->sinks + chain->first_sink;
  size_t count = 0;
  for (int s = 0; s < chain->sink_count; s++) count += ck_partial_count(chain, sinks + s);
  return count;
}

void ck_combine(const ck_chain *chain, const ck_chain_pool *pool, float *const *bases,
                const float *partials, size_t blocks) {
  const ck_sink *sinks = pool->sinks + chain->first_sink;
  const size_t stride = ck_partials(chain, pool);
  for (int s = 0; s < chain->sink_count; s++) {
    const size_t count = ck_partial_count(chain, sinks + s);
    if (count == 0) continue;
    float *out = bases[sinks[s].address >> 28] + (sinks[s].address & 0x0fffffffu);
    if (sinks[s].reduction == CK_SUM_ALL) {
      double sum = 0, one;
      for (size_t block = 0; block < blocks; block++) {
        memcpy(&one, partials + block * stride, sizeof one);
        sum += one;
      }
      out[0] = (float)sum;
    } else {
      memcpy(out, partials, chain->columns * sizeof *out);
      for (size_t block = 1; block < blocks; block++)
        for (size_t i = 0; i < chain->columns; i++) out[i] += partials[block * stride + i];
    }
    partials += count;
  }
}

void ck_combine_images(const double *partials, size_t blocks, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) {
    double sum = 0;
    for (size_t block = 0; block < blocks; block++) sum += partials[block * count + i];
    out[i] = (float)sum;
  }
}
