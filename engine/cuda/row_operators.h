// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The two row movements of a MoE layer as dispatcher operators: the GPU plug-in adds its kernels to the same names.
// T tokens, M (token, expert) pairs in token order, N kept pairs sorted by expert, D features.
#pragma once

#include <ATen/core/Tensor.h>

namespace moescope {

/// moescope::gather_rows. hidden [T, D] fp32 or bf16, token [N] int32 in [0, T) -> [N, D], row n = hidden[token[n]].
at::Tensor gatherRows(const at::Tensor& hidden_TD, const at::Tensor& token_N);

/// moescope::combine_rows. rows [N, D] fp32 or bf16, weight [M] fp32, slot [M] int32 (-1: dropped), firstPair [T + 1]
/// int32
/// -> [T, D]: y[t] = sum over t's pairs m, in order, of weight[m] * rows[slot[m]], added in fp32 and rounded once. No
/// atomics: the result does not depend on threads.
at::Tensor combineRows(
    const at::Tensor& rows_ND, const at::Tensor& weight_M, const at::Tensor& slot_M, const at::Tensor& firstPair_T1);

}  // namespace moescope
