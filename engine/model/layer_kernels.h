// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Element-wise work of the layers on raw rows, chosen for the processor at run time. All rows lie without a gap unless
// a stride is given. Raw pointers only, for the same reason as in gemm_kernels.h.
#pragma once

#include <cstdint>

namespace moescope {

using Bf16Bits = std::uint16_t;

enum class ActivationKind { Relu, Gelu, SwiGlu };  ///< in the order of the configuration's enum

/// For rows stored as fp32 or bf16.
template <class T> struct TypedLayerKernels {
    /// a[hidden] of every row of pre-activations z; SwiGLU reads gate | up.
    void (*activate)(ActivationKind kind, const T* z, T* a, std::int64_t rows, std::int64_t hidden);
    /// Backward of rows that were multiplied by weight[row] afterwards; da is the gradient without that weight. Out:
    /// dz, the weighted activation, and the gradient of each weight.
    void (*activateBackward)(ActivationKind kind, const T* z, const T* da, const float* weight, T* dz, T* weighted,
        float* dWeight, std::int64_t rows, std::int64_t hidden);
    void (*fromFloat)(const float* from, T* to, std::int64_t count);
};

struct LayerKernels {
    TypedLayerKernels<float> fp32;
    TypedLayerKernels<Bf16Bits> bf16;

    /// scores[row][0 .. columns of row) becomes exp(scale * score) / sum, the rest of the row zero. Row r has
    /// firstLength
    /// + r columns (causal). logSum[r] = log of the sum.
    void (*softmaxCausal)(
        float* scores, std::int64_t stride, std::int64_t rows, std::int64_t firstLength, float scale, float* logSum);
    /// The same probabilities again, from scores and logSum.
    void (*softmaxCausalAgain)(float* scores, std::int64_t stride, std::int64_t rows, std::int64_t firstLength,
        float scale, const float* logSum);
    /// dScores = probs * (dProbs - delta[row]) * scale, in place of dProbs; stride as before.
    void (*softmaxCausalBackward)(const float* probs, float* dProbs, std::int64_t stride, std::int64_t rows,
        std::int64_t columns, float scale, const float* delta);
    /// sum of a * b of every row.
    void (*rowDots)(const float* a, std::int64_t strideA, const float* b, std::int64_t strideB, std::int64_t rows,
        std::int64_t columns, float* dots);
    /// Turns channel i against i + half of one head by the angles of its position; sign -1 turns back.
    void (*rotate)(float* head, const float* cosines, const float* sines, std::int64_t half, float sign);
    /// Row of logits becomes softmax - onehot(target); returns the cross-entropy in nats.
    float (*crossEntropy)(float* logits, std::int64_t columns, std::int64_t target);
    /// y = x / rms * scale; returns 1 / rms. For LayerNorm: (x - mean) / deviation * scale + shift, mean by pointer.
    float (*rmsNorm)(const float* x, const float* scale, float epsilon, float* y, std::int64_t columns);
    float (*layerNorm)(const float* x, const float* scale, const float* shift, float epsilon, float* y,
        std::int64_t columns, float* mean);
    /// dx of one row; dScale and dShift (null for RMSNorm) are added to.
    void (*normBackward)(const float* x, const float* scale, const float* dy, float mean, float inverse, float* dx,
        float* dScale, float* dShift, std::int64_t columns);
    /// to += factor * from
    void (*addScaled)(float factor, const float* from, float* to, std::int64_t count);
};

extern const LayerKernels kPortableLayerKernels;
extern const LayerKernels kAvx512LayerKernels;  ///< needs hasAvx512()

/// The best that this processor runs.
const LayerKernels& layerKernels();

}  // namespace moescope
