// One instruction set's copy of every kernel; included by variant_*.c, which define CK_SUFFIX and
// CK_MAX_MR and CK_NARROW_MR (rows of the product's register tile, bounded by the number of vector registers,
// of wide panels and of those of up to 16 columns),
// CK_LANES and CK_STRIP (floats of a vector and rows of the convolutions' register tile), and
// CK_BLAS_THRESHOLD (see CKernels.h; measured on Zen 4 against OpenBLAS's kernels of the same set).
#include "CKernels.h"
#include <string.h>
#include "conv_plan.h"
#include "tiles.h"
#include "vector_math.h"

#define CK_JOIN2(name, suffix) ck_##name##_##suffix
#define CK_JOIN(name, suffix) CK_JOIN2(name, suffix)
#define CK(name) CK_JOIN(name, CK_SUFFIX)

typedef float CK(v8) __attribute__((vector_size(32), aligned(4)));
typedef int32_t CK(v8i) __attribute__((vector_size(32)));

// Keeps vectors of this width in one register each, whatever the compiler prefers.
#define CK_WIDE __attribute__((min_vector_width(CK_LANES * 32)))

#define CK_PRAGMA(text) _Pragma(#text)
#define CK_LOOP_OF(width, count)                                                             \
  CK_PRAGMA(clang loop vectorize(assume_safety) vectorize_width(width) interleave_count(count))
#define CK_WHOLE_LOOP CK_LOOP_OF(CK_LANES, 2)
#define CK_EVEN_LOOP CK_LOOP_OF(CK_LANES, 1)

#include "pooling_body.h"

#include "chain_body.h"
#include "matmul_body.h"
#include "random_body.h"
#include "update_body.h"

#include "conv_tile.h"
#include "conv_direct.h"
#include "conv_transforms.h"
#include "conv_winograd.h"
#include "tiles_pack.h"
#include "tiles_body.h"
#include "conv_api.h"
#include "moments_body.h"
#include "spatial_body.h"
#include "sparse_body.h"
#include "stencil_body.h"

const ck_table CK(table) = {
    .chain = CK(chain),         .matmul = CK(matmul),       .transpose = CK(transpose),
    .finish = CK(finish),
    .uniform = CK(uniform),     .normal = CK(normal),       .sinusoid = CK(sinusoid),
    .sum_slots = CK(sum_slots), .adam = CK(adam),           .name = CK_NAME,
    .all_finite = CK(all_finite),
    .convolve = CK(convolve),   .image_gradient = CK(image_gradient),
    .weight_gradient = CK(weight_gradient),
    .blas_threshold = CK_BLAS_THRESHOLD,
    .pooling = {.moments = CK(moments), .choose = CK(choose), .gather = CK(gather),
                .scatter = CK(scatter), .sum_pixels = CK(sum_pixels),
                .repeat_pixels = CK(repeat_pixels)},
    .sparse = {.multiply = CK(sparse_multiply),
               .multiply_transposed = CK(sparse_multiply_transposed)},
    .stencil = {.apply = CK(stencil), .kernel_gradient = CK(stencil_kernel_gradient),
                .choose = CK(choose_responses), .respond = CK(respond),
                .response_input = CK(response_input), .response_kernels = CK(response_kernels)},
};
