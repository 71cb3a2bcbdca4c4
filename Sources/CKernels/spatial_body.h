// Sums over the pixels of each image, and their transpose.

// A vector of channels at a time: the sums stay in registers.
CK_WIDE static void CK(sum_pixels)(const ck_map *map, const float *x, float *y) {
  const int channels = map->channels;
  const ptrdiff_t pixels = (ptrdiff_t)map->height * map->width;
  for (int b = 0; b < map->batch; b++, x += pixels * channels, y += channels) {
    int c = 0;
    for (; c + CK_LANES <= channels; c += CK_LANES) {
      CK(vec) sum[4] = {0};
      ptrdiff_t p = 0;
      for (; p + 4 <= pixels; p += 4)
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) sum[i] += CK(load)(x + (p + i) * channels + c);
      for (; p < pixels; p++) sum[0] += CK(load)(x + p * channels + c);
      CK(save)(y + c, (sum[0] + sum[1]) + (sum[2] + sum[3]));
    }
    for (; c < channels; c++) {
      float sum = 0;
      for (ptrdiff_t p = 0; p < pixels; p++) sum += x[p * channels + c];
      y[c] = sum;
    }
  }
}

CK_WIDE static void CK(repeat_pixels)(const ck_map *map, const float *y, float *x) {
  const int channels = map->channels;
  const ptrdiff_t pixels = (ptrdiff_t)map->height * map->width;
  for (int b = 0; b < map->batch; b++, y += channels)
    for (ptrdiff_t p = 0; p < pixels; p++, x += channels)
      for (int c = 0; c < channels; c++) x[c] = y[c];
}
