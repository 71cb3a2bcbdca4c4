// What the convolutions on tiles of bfloat16 multiply: numbers cut into their parts, in the layouts that
// ck_tile_sum takes on its left and right sides.

typedef uint32_t CK(bits) __attribute__((vector_size(64), aligned(4)));
typedef float CK(sixteen) __attribute__((vector_size(64), aligned(4)));
typedef ck_half CK(halves) __attribute__((vector_size(64), aligned(2)));

// Takes the next part off what is left of sixteen numbers; it stands in the upper halves of `part`.
// Three parts are cut off as they are, which leaves nothing; one or two are rounded to nearest, ties to
// even. What is not a number leaves none in this part or the next.
CK_INLINE void CK(cut)(const int parts, CK(sixteen) *rest, CK(bits) *part) {
  const CK(bits) bits = (CK(bits))*rest;
  if (parts == 3) {
    *part = bits & 0xffff0000;
  } else {
    const CK(bits) is_none = (CK(bits))((bits & 0x7fffffff) > 0x7f800000);
    const CK(bits) rounded = bits + 0x7fff + ((bits >> 16) & 1);
    *part = ((is_none & (bits | 0x400000)) | (~is_none & rounded)) & 0xffff0000;
  }
  *rest -= (CK(sixteen))*part;
}

// Up to sixteen numbers, zeros behind the last.
CK_INLINE void CK(some)(const float *from, ptrdiff_t count, CK(sixteen) *to) {
  if (count >= 16) {
    *to = *(const CK(sixteen) *)from;
    return;
  }
  *to = (CK(sixteen)){0};
  for (ptrdiff_t i = 0; i < count; i++) (*to)[i] = from[i];
}

// A row of numbers as halves, `width` of them, a multiple of 32: the last are zeros.
CK_INLINE void CK(row_of)(const int parts, const float *x, ptrdiff_t count, ptrdiff_t width,
                          ck_half *to, ptrdiff_t part) {
  for (ptrdiff_t i = 0; i < width; i += 32) {
    CK(sixteen) first, second;
    CK(some)(x + i, count - i, &first);
    CK(some)(x + i + 16, count - i - 16, &second);
#pragma clang loop unroll(full)
    for (int p = 0; p < parts; p++) {
      CK(bits) left, right;
      CK(cut)(parts, &first, &left);
      CK(cut)(parts, &second, &right);
      *(CK(halves) *)(to + p * part + i) = __builtin_shufflevector(
          (CK(halves))left, (CK(halves))right, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27,
          29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
    }
  }
}

CK_WIDE static void CK(row)(int parts, const float *x, ptrdiff_t count, ptrdiff_t width,
                            ck_half *to, ptrdiff_t part) {
  if (parts == 1)
    CK(row_of)(1, x, count, width, to, part);
  else if (parts == 2)
    CK(row_of)(2, x, count, width, to, part);
  else
    CK(row_of)(3, x, count, width, to, part);
}

CK_INLINE void CK(zero)(ck_half *to, ptrdiff_t count, int parts, ptrdiff_t part) {
  for (int p = 0; p < parts; p++) memset(to + p * part, 0, (size_t)count * sizeof *to);
}

// The image row of a row of the grid, or -1 where the grid has zeros.
CK_INLINE ptrdiff_t CK(image_row)(const ck_convolution *shape, const ck_tile_plan *plan,
                                  ptrdiff_t row) {
  if (row < 0 || row >= plan->grid_rows) return -1;
  const ptrdiff_t image = row / (shape->height + 1), y = row % (shape->height + 1);
  return y == shape->height ? -1 : image * shape->height + y;
}

// Rows `first` to `last` of the grid as halves, pixel by pixel, behind one pixel of zeros and before
// as many as fill `around`; each pixel has `width` numbers, the last of them zeros.
static void CK(pack_strip)(const ck_convolution *shape, const ck_tile_plan *plan, const float *x,
                           int channels, ptrdiff_t width, ptrdiff_t first, ptrdiff_t last,
                           ck_half *to) {
  const int parts = plan->parts;
  const ptrdiff_t part = plan->around * width;
  CK(zero)(to, width, parts, part);
  ck_half *at = to + width;
  for (ptrdiff_t row = first; row < last; row++, at += plan->pitch * width) {
    const ptrdiff_t from = CK(image_row)(shape, plan, row);
    if (from < 0) {
      CK(zero)(at, plan->pitch * width, parts, part);
      continue;
    }
    const float *pixels = x + from * shape->width * channels;
    if (channels == width)
      CK(row)(parts, pixels, shape->width * width, shape->width * width, at, part);
    else
      for (int i = 0; i < shape->width; i++)
        CK(row)(parts, pixels + (ptrdiff_t)i * channels, channels, width, at + i * width, part);
    CK(zero)(at + shape->width * width, width, parts, part);
  }
  CK(zero)(at, to + part - at, parts, part);
}

// Two rows of numbers side by side: the parts of the one in the lower halves, of the other in the
// upper ones; in panels of CK_SIDE columns that lie `panel` apart, zeros behind the last.
CK_INLINE void CK(pair_of)(const int parts, const float *even, const float *odd, ptrdiff_t count,
                           ck_half *to, ptrdiff_t panel, ptrdiff_t part) {
  for (ptrdiff_t i = 0; i < ck_up(count, CK_SIDE); i += 16) {
    CK(sixteen) low, high;
    CK(some)(even + i, count - i, &low);
    CK(some)(odd + i, count - i, &high);
    ck_half *at = to + i / CK_SIDE * panel + i % CK_SIDE * 2;
#pragma clang loop unroll(full)
    for (int p = 0; p < parts; p++) {
      CK(bits) left, right;
      CK(cut)(parts, &low, &left);
      CK(cut)(parts, &high, &right);
      *(CK(bits) *)(at + p * part) = left >> 16 | right;
    }
  }
}

CK_WIDE static void CK(pack_pair)(const ck_tile_plan *plan, const float *even, const float *odd,
                                  ptrdiff_t count, ck_half *to, ptrdiff_t panel, ptrdiff_t part) {
  if (plan->parts == 1)
    CK(pair_of)(1, even, odd, count, to, panel, part);
  else if (plan->parts == 2)
    CK(pair_of)(2, even, odd, count, to, panel, part);
  else
    CK(pair_of)(3, even, odd, count, to, panel, part);
}

// Weights as right sides: for every tap its inputs, two by two.
static void CK(pack_weights)(const ck_tile_plan *plan, const float *w, int inputs, int outputs,
                             const float *zeros, ck_half *to) {
  const ptrdiff_t panel = 9 * plan->inputs * CK_SIDE, part = 9 * plan->inputs * plan->outputs;
  for (int tap = 0; tap < 9; tap++)
    for (ptrdiff_t k = 0; k < plan->inputs; k += 2, to += 2 * CK_SIDE) {
      const float *row = w + ((ptrdiff_t)tap * inputs + k) * outputs;
      CK(pack_pair)(plan, k < inputs ? row : zeros, k + 1 < inputs ? row + outputs : zeros,
                    outputs, to, panel, part);
    }
}

// A walk over the grid, pixel by pixel; `start` is NULL in its rows of zeros.
typedef struct {
  const ck_convolution *shape;
  const ck_tile_plan *plan;
  const float *map;
  const float *zeros;
  const float *start;
  ptrdiff_t channels, row, column;
} CK(walk);

CK_INLINE void CK(enter)(CK(walk) *at, ptrdiff_t row) {
  const ptrdiff_t from = CK(image_row)(at->shape, at->plan, row);
  at->row = row;
  at->start = from < 0 ? NULL : at->map + from * at->shape->width * at->channels;
}

// The numbers of this pixel, and on to the next one.
CK_INLINE const float *CK(pass)(CK(walk) *at) {
  const float *pixel = at->start && at->column < at->shape->width
                           ? at->start + at->column * at->channels
                           : at->zeros;
  if (++at->column == at->plan->pitch) {
    at->column = 0;
    CK(enter)(at, at->row + 1);
  }
  return pixel;
}

// Sixteen vectors of sixteen become their transpose: those S apart exchange blocks of S numbers.
#define CK_EXCHANGE(S, LOW, HIGH)                                                         \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) {                       \
    if (i & S) continue;                                                                  \
    const CK(bits) first = v[i], second = v[i + S];                                      \
    v[i] = __builtin_shufflevector(first, second, LOW);                                   \
    v[i + S] = __builtin_shufflevector(first, second, HIGH);                              \
  }
#define CK_LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define CK_HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define CK_LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define CK_HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define CK_LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define CK_HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define CK_LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define CK_HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31

// 32 pixels by sixteen channels become channels by pixels, rows `to_row` halves apart.
CK_INLINE void CK(turn_block)(const int parts, const float *const *pixels, ptrdiff_t channel,
                              ptrdiff_t channels, ck_half *to, ptrdiff_t to_row, ptrdiff_t part) {
  CK(bits) all[CK_MAX_PARTS][16];
  for (int i = 0; i < 16; i++) {
    CK(sixteen) low, high;
    CK(some)(pixels[2 * i] + channel, channels - channel, &low);
    CK(some)(pixels[2 * i + 1] + channel, channels - channel, &high);
#pragma clang loop unroll(full)
    for (int p = 0; p < parts; p++) {
      CK(bits) left, right;
      CK(cut)(parts, &low, &left);
      CK(cut)(parts, &high, &right);
      all[p][i] = left >> 16 | right;
    }
  }
  for (int p = 0; p < parts; p++) {
    CK(bits) v[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) v[i] = all[p][i];
    CK_EXCHANGE(1, CK_LOW_1, CK_HIGH_1)
    CK_EXCHANGE(2, CK_LOW_2, CK_HIGH_2)
    CK_EXCHANGE(4, CK_LOW_4, CK_HIGH_4)
    CK_EXCHANGE(8, CK_LOW_8, CK_HIGH_8)
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++)
      *(CK(bits) *)(to + p * part + (channel + i) * to_row) = v[i];
  }
}

// A strip with its neighbours, channel by channel: what ck_tile_sum takes on its left side.
CK_WIDE static void CK(turn_strip)(const ck_convolution *shape, const ck_tile_plan *plan,
                                   const float *x, int channels, ptrdiff_t first,
                                   const float *zeros, ck_half *to, ptrdiff_t to_row,
                                   ptrdiff_t part) {
  // One pixel of zeros stands before the first row; more than the strip's own neighbours may stand
  // behind it, where the right sides have zeros.
  CK(walk) at = {shape, plan, x, zeros, NULL, channels, first - 1, plan->pitch - 1};
  for (ptrdiff_t pixel = 0; pixel < plan->around; pixel += 32) {
    const float *pixels[32];
    for (int i = 0; i < 32; i++) pixels[i] = CK(pass)(&at);
    for (ptrdiff_t channel = 0; channel < plan->inputs; channel += 16) {
      if (plan->parts == 1)
        CK(turn_block)(1, pixels, channel, channels, to + pixel, to_row, part);
      else if (plan->parts == 2)
        CK(turn_block)(2, pixels, channel, channels, to + pixel, to_row, part);
      else
        CK(turn_block)(3, pixels, channel, channels, to + pixel, to_row, part);
    }
  }
}
