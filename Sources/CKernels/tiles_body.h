// Convolutions on tiles of bfloat16 (tiles.h), and their sums in ordinary arithmetic where there is no
// matrix engine.

// A block as ck_tile_engine has it, in ordinary arithmetic. Products of bfloat16 are exact, so
// whether they are fused with their sums changes nothing.
CK_WIDE static void CK(plain_block)(const ck_tile_sum *sum, float *c) {
  const uint8_t (*pairs)[2];
  const int products = ck_part_products(sum->parts, &pairs);
  memset(c, 0, CK_SIDE * CK_SIDE * sizeof *c);
  const ck_half *b[2] = {sum->b[0], sum->b[1]};
  for (int run = 0; run < sum->run_count; run++) {
    ptrdiff_t at = sum->runs[run];
    for (int step = 0; step < sum->step_count; step++, at += sum->a_step) {
      for (int product = 0; product < products; product++) {
        float even[16][CK_SIDE], odd[16][CK_SIDE];
        for (int k = 0; k < 16; k++)
          for (int side = 0; side < 2; side++) {
            const ck_half *row = b[side] + pairs[product][1] * sum->b_part + k * sum->b_row;
            for (int j = 0; j < 16; j++) {
              even[k][16 * side + j] = ck_from_bits((uint32_t)row[2 * j] << 16);
              odd[k][16 * side + j] = ck_from_bits((uint32_t)row[2 * j + 1] << 16);
            }
          }
        for (int i = 0; i < CK_SIDE; i++) {
          const ck_half *row =
              sum->a[i / 16] + at + pairs[product][0] * sum->a_part + i % 16 * sum->a_row;
          float evens[CK_SIDE] = {0}, odds[CK_SIDE] = {0};
          for (int k = 0; k < 16; k++) {
            const float left = ck_from_bits((uint32_t)row[2 * k] << 16);
            const float right = ck_from_bits((uint32_t)row[2 * k + 1] << 16);
            CK_WHOLE_LOOP
            for (int j = 0; j < CK_SIDE; j++) {
              evens[j] += left * even[k][j];
              odds[j] += right * odd[k][j];
            }
          }
          CK_WHOLE_LOOP
          for (int j = 0; j < CK_SIDE; j++) c[i * CK_SIDE + j] += evens[j] + odds[j];
        }
      }
      b[0] += sum->b_step;
      b[1] += sum->b_step;
    }
  }
}

static void CK(nothing)(void) {}
static const ck_tile_engine CK(plain_engine) = {CK(nothing), CK(plain_block), CK(nothing)};

static const ck_tile_engine *CK(engine)(const ck_convolution *shape) {
  const ck_tile_engine *own = shape->is_plain ? NULL : ck_matrix_engine();
  return own ? own : &CK(plain_engine);
}

// One row of a block onto its place.
CK_INLINE void CK(put)(const float *c, float *to, ptrdiff_t count, const float *bias,
                       int accumulate) {
  if (count >= CK_SIDE) {
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_SIDE; j += CK_LANES) {
      CK(vec) start = bias ? CK(load)(bias + j) : (CK(vec)){0};
      if (accumulate) start += CK(load)(to + j);
      CK(save)(to + j, start + CK(load)(c + j));
    }
    return;
  }
  for (ptrdiff_t j = 0; j < count; j++) {
    float start = bias ? bias[j] : 0.0f;
    if (accumulate) start += to[j];
    to[j] = start + c[j];
  }
}

CK_WIDE static void CK(put_pixels)(const ck_convolution *shape, const ck_tile_plan *plan,
                                   const float *c, ptrdiff_t row, ptrdiff_t end, ptrdiff_t column,
                                   float *y, int outputs, ptrdiff_t from, const float *bias,
                                   int accumulate) {
  ptrdiff_t image_row = CK(image_row)(shape, plan, row);
  const float *start = bias ? bias + from : NULL;
  for (int i = 0; i < CK_SIDE && row < end; i++, c += CK_SIDE) {
    if (image_row >= 0 && column < shape->width)
      CK(put)(c, y + (image_row * shape->width + column) * outputs + from, outputs - from, start,
              accumulate);
    if (++column < plan->pitch) continue;
    column = 0;
    image_row = CK(image_row)(shape, plan, ++row);
  }
}

// How far each tap's pixel lies from the first pixel of a strip with its neighbours.
CK_INLINE void CK(taps)(const ck_tile_plan *plan, ptrdiff_t scale, ptrdiff_t runs[9]) {
  for (int tap = 0; tap < 9; tap++) runs[tap] = (tap / 3 * plan->pitch + tap % 3) * scale;
}

// Memory for halves, a whole number of cache lines each.
CK_INLINE ck_half *CK(reserve)(float **scratch, ptrdiff_t halves) {
  ck_half *start = (ck_half *)*scratch;
  *scratch += ck_lines((size_t)(halves + 1) / 2);
  return start;
}

CK_INLINE float *CK(zeros)(float **scratch, ptrdiff_t count) {
  float *start = *scratch;
  memset(start, 0, (size_t)count * sizeof *start);
  *scratch += ck_lines((size_t)count);
  return start;
}

static void CK(tiles)(const ck_convolution *shape, int inputs, int outputs, const float *x,
                      const float *w, const float *bias, float *y, int accumulate,
                      float *scratch, ck_part part) {
  const ck_tile_plan plan = ck_tiles_plan(shape, inputs, outputs, 0);
  const ck_tile_engine *engine = CK(engine)(shape);
  float *const c = scratch;
  scratch += CK_SIDE * CK_SIDE;
  float *const zeros = CK(zeros)(&scratch, inputs > outputs ? inputs : outputs);
  ck_half *const weights = CK(reserve)(&scratch, plan.parts * 9 * plan.inputs * plan.outputs);
  ck_half *const pixels = CK(reserve)(&scratch, plan.parts * plan.around * plan.inputs);
  ptrdiff_t runs[9];
  CK(taps)(&plan, plan.inputs, runs);
  ck_tile_sum sum = {
      .runs = runs, .run_count = 9, .step_count = (int)(plan.inputs / CK_DEPTH),
      .parts = plan.parts,
      .a_row = plan.inputs, .a_step = CK_DEPTH, .a_part = plan.around * plan.inputs,
      .b_row = 2 * CK_SIDE, .b_step = 32 * CK_SIDE,
      .b_part = 9 * plan.inputs * plan.outputs};
  const unsigned mode = ck_flush_subnormals();
  CK(pack_weights)(&plan, w, inputs, outputs, zeros, weights);
  engine->begin();
  for (ptrdiff_t first = part.first; first < part.end; first += plan.rows) {
    const ptrdiff_t last = first + plan.rows < part.end ? first + plan.rows : part.end;
    CK(pack_strip)(shape, &plan, x, inputs, plan.inputs, first - 1, last + 1, pixels);
    for (ptrdiff_t column = 0; column < outputs; column += CK_SIDE)
      for (ptrdiff_t pixel = 0; pixel < (last - first) * plan.pitch; pixel += CK_SIDE) {
        sum.a[0] = pixels + pixel * plan.inputs;
        sum.a[1] = sum.a[0] + 16 * plan.inputs;
        sum.b[0] = weights + column * 9 * plan.inputs;
        sum.b[1] = sum.b[0] + 32;
        engine->block(&sum, c);
        CK(put_pixels)(shape, &plan, c, first + pixel / plan.pitch, last, pixel % plan.pitch, y,
                       outputs, column, bias, accumulate);
      }
  }
  engine->end();
  ck_restore_subnormals(mode);
}

// The weight gradient's sums over one strip: for sixteen inputs and a tap, two such at a time.
static void CK(tile_weights)(const ck_tile_plan *plan, const ck_tile_engine *engine,
                             ck_tile_sum *sum, const ck_half *turned, const ck_half *pairs,
                             int inputs, int columns, int outputs, float *dw, int accumulate,
                             float *c) {
  ptrdiff_t taps[9];
  CK(taps)(plan, 1, taps);
  const int sources = 9 * (int)ck_up(inputs, 16) / 16;
  for (ptrdiff_t pixel = 0; pixel < plan->pixels; pixel += CK_GRADIENT_PIXELS) {
    const ptrdiff_t left = plan->pixels - pixel;
    sum->step_count = (int)((left < CK_GRADIENT_PIXELS ? left : CK_GRADIENT_PIXELS) / CK_DEPTH);
    for (ptrdiff_t column = 0; column < columns; column += CK_SIDE)
      for (int source = 0; source < sources; source += 2) {
        const int count = source + 1 < sources ? 2 : 1;
        for (int i = 0; i < 2; i++) {
          const int one = source + (i < count ? i : 0);
          sum->a[i] = turned + one / 9 * 16 * sum->a_row + taps[one % 9] + pixel;
        }
        sum->b[0] = pairs + column * plan->pixels + pixel * CK_SIDE;
        sum->b[1] = sum->b[0] + 32;
        engine->block(sum, c);
        for (int i = 0; i < 16 * count; i++) {
          const int one = source + i / 16, input = one / 9 * 16 + i % 16;
          if (input >= inputs) continue;
          CK(put)(c + i * CK_SIDE, dw + ((ptrdiff_t)(one % 9) * inputs + input) * outputs + column,
                  columns - column, NULL, accumulate || pixel > 0);
        }
      }
  }
}

static void CK(tiles_weights)(const ck_convolution *shape, const float *x, const float *g,
                              float *dw, int accumulate, float *scratch, ck_part part) {
  const int inputs = shape->inputs, outputs = shape->outputs;
  // Of this part.
  const int column = part.first * CK_SIDE;
  const int columns = (part.end * CK_SIDE < outputs ? part.end * CK_SIDE : outputs) - column;
  const ck_tile_plan plan = ck_tiles_plan(shape, inputs, outputs, 1);
  const ck_tile_engine *engine = CK(engine)(shape);
  const ptrdiff_t turned_row = ck_turned_row(&plan);
  float *const c = scratch;
  scratch += CK_SIDE * CK_SIDE;
  float *const zeros = CK(zeros)(&scratch, inputs > outputs ? inputs : outputs);
  ck_half *const turned = CK(reserve)(&scratch, plan.parts * plan.inputs * turned_row);
  ck_half *const pairs = CK(reserve)(&scratch, plan.parts * plan.pixels * plan.outputs);
  const ptrdiff_t runs[1] = {0};
  ck_tile_sum sum = {
      .runs = runs, .run_count = 1, .parts = plan.parts,
      .a_row = turned_row, .a_step = CK_DEPTH, .a_part = plan.inputs * turned_row,
      .b_row = 2 * CK_SIDE, .b_step = 32 * CK_SIDE,
      .b_part = plan.pixels * plan.outputs};
  const unsigned mode = ck_flush_subnormals();
  engine->begin();
  for (ptrdiff_t first = 0; first < plan.grid_rows; first += plan.rows) {
    const ptrdiff_t last =
        first + plan.rows < plan.grid_rows ? first + plan.rows : plan.grid_rows;
    CK(turn_strip)(shape, &plan, x, inputs, first - 1, zeros, turned, turned_row, sum.a_part);
    CK(walk) at = {shape, &plan, g + column, zeros, NULL, outputs, first, 0};
    CK(enter)(&at, first);
    for (ptrdiff_t pixel = 0; pixel < plan.pixels; pixel += 2) {
      const float *even = at.row < last ? CK(pass)(&at) : zeros;
      const float *odd = at.row < last ? CK(pass)(&at) : zeros;
      CK(pack_pair)(&plan, even, odd, columns, pairs + pixel * CK_SIDE, plan.pixels * CK_SIDE,
                    sum.b_part);
    }
    CK(tile_weights)(&plan, engine, &sum, turned, pairs, inputs, columns, outputs, dw + column,
                     accumulate || first > 0, c);
  }
  engine->end();
  ck_restore_subnormals(mode);
}
