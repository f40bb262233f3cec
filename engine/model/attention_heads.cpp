// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/attention_heads.h"

#include <algorithm>
#include <cmath>

#include "engine/model/gemm.h"
#include "engine/model/layer_kernels.h"
#include "engine/model/scratch.h"

namespace moescope {

namespace {

constexpr std::int64_t kQueryRows = 64;

// scores[rows, columns] = q k' of a block of queries and all keys that one of them sees.
void blockScores(const HeadView& head, std::int64_t first, std::int64_t rows, std::int64_t columns, float* scores)
{
    gemm(rows, columns, head.C, Operand<float>{head.q + first * head.stride, head.stride},
        Operand<float>{head.k, head.stride, true}, scores, columns);
}

float scoreScale(const HeadView& head) { return 1 / std::sqrt(static_cast<float>(head.C)); }

}  // namespace

void attendHead(const HeadView& head, float* out, std::int64_t strideOut, float* logSum)
{
    thread_local Scratch<float> memory;
    float* scores = memory.get(kQueryRows * head.S);
    for (std::int64_t first = 0; first < head.S; first += kQueryRows) {
        const std::int64_t rows = std::min(kQueryRows, head.S - first), columns = first + rows;
        blockScores(head, first, rows, columns, scores);
        layerKernels().softmaxCausal(scores, columns, rows, first + 1, scoreScale(head), logSum + first);
        gemm(rows, head.C, columns, Operand<float>{scores, columns}, Operand<float>{head.v, head.stride},
            out + first * strideOut, strideOut);
    }
}

void attendHeadBackward(const HeadView& head, const float* out, const float* dOut, std::int64_t strideOut,
    const float* logSum, const HeadGradients& gradients)
{
    thread_local Scratch<float> memory, slopes;
    float* probs = memory.get(kQueryRows * head.S);
    float* dScores = slopes.get(kQueryRows * head.S);
    const LayerKernels& kernels = layerKernels();
    for (std::int64_t first = 0; first < head.S; first += kQueryRows) {
        const std::int64_t rows = std::min(kQueryRows, head.S - first), columns = first + rows;
        const Operand<float> dRows{dOut + first * strideOut, strideOut};
        float delta[kQueryRows];
        kernels.rowDots(out + first * strideOut, strideOut, dRows.data, strideOut, rows, head.C, delta);
        blockScores(head, first, rows, columns, probs);
        kernels.softmaxCausalAgain(probs, columns, rows, first + 1, scoreScale(head), logSum + first);
        gemm(rows, columns, head.C, dRows, Operand<float>{head.v, head.stride, true}, dScores, columns);
        gemm(columns, head.C, rows, Operand<float>{probs, columns, true}, dRows, gradients.v, head.stride, true);
        kernels.softmaxCausalBackward(probs, dScores, columns, rows, columns, scoreScale(head), delta);
        gemm(rows, head.C, columns, Operand<float>{dScores, columns}, Operand<float>{head.k, head.stride},
            gradients.q + first * head.stride, head.stride);
        gemm(columns, head.C, rows, Operand<float>{dScores, columns, true},
            Operand<float>{head.q + first * head.stride, head.stride}, gradients.k, head.stride, true);
    }
}

}  // namespace moescope
