// One step of a chain on a tile; included twice by chain_body.h, which defines
//   CK_STEP(name)    the function's attributes and name
//   CK_LOOP          how its loops become vectors
//   CK_NUMBERS       how many numbers the tile has

#define CK_EACH CK_LOOP for (int i = 0; i < CK_NUMBERS; i++)
#define CK_UNARY(expression) \
  CK_EACH { float x = a[i]; d[i] = (expression); } break
#define CK_BINARY(expression) \
  CK_EACH { float x = a[i], y = b[i]; d[i] = (expression); } break

// Not inlined: the constants of all cases would be loaded before every chain's first step.
__attribute__((noinline)) CK_STEP(const ck_step *step, float *const *slot, int n) {
  float *d = slot[step->dst];
  const float *a = slot[step->a];
  const float *b = slot[step->b];
  const float *c = slot[step->c];
  switch ((ck_opcode)step->op) {
    case CK_COPY: CK_UNARY(x);
    case CK_FILL_S: { float s = a[0]; CK_EACH d[i] = s; break; }
    case CK_NEGATE: CK_UNARY(-x);
    case CK_EXP: CK_UNARY(ck_exp(x));
    case CK_LOG: CK_UNARY(ck_log(x));
    case CK_SQRT: CK_UNARY(__builtin_sqrtf(x));
    case CK_TANH: CK_UNARY(ck_tanh(x));
    case CK_SIGMOID: CK_UNARY(ck_sigmoid(x));
    case CK_SOFTPLUS: CK_UNARY(ck_softplus(x));
    case CK_ADD: CK_BINARY(x + y);
    case CK_ADD_S: { float s = b[0]; CK_UNARY(x + s); }
    case CK_SUBTRACT: CK_BINARY(x - y);
    case CK_SUBTRACT_S: { float s = b[0]; CK_UNARY(x - s); }
    case CK_SUBTRACT_SV: { float s = a[0]; CK_EACH d[i] = s - b[i]; break; }
    case CK_MULTIPLY: CK_BINARY(x * y);
    case CK_MULTIPLY_S: { float s = b[0]; CK_UNARY(x * s); }
    case CK_DIVIDE: CK_BINARY(x / y);
    case CK_DIVIDE_S: { float s = b[0]; CK_UNARY(x / s); }
    case CK_DIVIDE_SV: { float s = a[0]; CK_EACH d[i] = s / b[i]; break; }
    // Asked so that not-a-number opens the gate: a rectifier hands it on.
    case CK_GATE: CK_BINARY(y <= 0.0f ? 0.0f : x);
    case CK_GATE_S: {
      float s = a[0];
      CK_EACH d[i] = b[i] <= 0.0f ? 0.0f : s;
      break;
    }
    case CK_ADD_SCALED_S: { float s = c[0]; CK_BINARY(x + s * y); }
    case CK_SUBTRACT_SCALED_S: { float s = c[0]; CK_BINARY(x - s * y); }
    case CK_MULTIPLY_ADD:
      CK_EACH d[i] = a[i] + b[i] * c[i];
      break;
  }
}

#undef CK_EACH
#undef CK_UNARY
#undef CK_BINARY
#undef CK_STEP
#undef CK_LOOP
#undef CK_NUMBERS
