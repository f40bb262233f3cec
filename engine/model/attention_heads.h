// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Causal attention of one group of heads, block of queries by block of queries, on fp32 rows.
// S positions, C channels, W floats from one position's row to the next.
#pragma once

#include <cstdint>

namespace moescope {

/// One sequence, one query head and its key/value head inside rows of [q | k | v].
struct HeadView {
    const float *q, *k, *v;
    std::int64_t stride;  ///< W
    std::int64_t S, C;
};

/// out[S, C] (stride strideOut) = softmax(q k' / sqrt(C), causal) v; logSum[S] for backward.
void attendHead(const HeadView& head, float* out, std::int64_t strideOut, float* logSum);

struct HeadGradients {
    float *q, *k, *v;  ///< dq is written, dk and dv are added to; stride as in the view
};

/// Backward of attendHead. delta comes from out and dOut, both with stride strideOut.
void attendHeadBackward(const HeadView& head, const float* out, const float* dOut, std::int64_t strideOut,
    const float* logSum, const HeadGradients& gradients);

}  // namespace moescope
