// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a router does over and over to short rows, one pass each: LibTorch's own softmax and topk are several times
// slower at few columns. T tokens, E experts, K choices, M pairs. CPU tensors, fp32 or fp64, results independent of
// threads.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace moescope {

/// exp(scale * z_e) / sum over the row. Carries the graph. `entropy_T`, when given, becomes the entropy of each row in
/// nats (0 ln 0 = 0), without graph.
at::Tensor softmaxRows(const at::Tensor& logits_TE, double scale, at::Tensor* entropy_T = nullptr);

/// ln sum_e exp(z_e) of each row, [T]. Carries the graph.
at::Tensor logSumExpRows(const at::Tensor& logits_TE);

/// Entropy of each row of probabilities in nats, [T], without graph.
at::Tensor entropyRows(const at::Tensor& probs_TE);

/// The K largest of each row, largest first, int64 [T*K]; equal ones by the lower column, NaN last. K in [1, E].
at::Tensor topKRows(const at::Tensor& scores_TE, std::int64_t choices);

/// values_TE[token_M[i], expert_M[i]], [M]. Carries the graph.
at::Tensor pickPairs(const at::Tensor& values_TE, const at::Tensor& token_M, const at::Tensor& expert_M);

}  // namespace moescope
