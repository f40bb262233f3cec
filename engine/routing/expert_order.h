// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Counting pairs and sorting them by expert. M pairs, E experts, N pairs kept. CPU tensors; integers are int64.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace moescope {

/// How often each of `buckets` numbers stands in bucket_M; `mask_M` (bool, undefined = all) leaves pairs out. [buckets]
at::Tensor countByBucket(const at::Tensor& bucket_M, const at::Tensor& mask_M, std::int64_t buckets);

/// True for the first pair of each token that the mask (undefined = all) admits; pairs lie in token order. bool [M]
at::Tensor firstOfToken(const at::Tensor& token_M, const at::Tensor& mask_M);

struct ExpertOrder {
    at::Tensor order_N;     ///< indices of the kept pairs by expert, by position within one expert
    at::Tensor offsets_E1;  ///< expert e owns order_N[offsets[e] .. offsets[e+1])
};

/// Stable counting sort in O(M + E).
ExpertOrder orderByExpert(const at::Tensor& expert_M, const at::Tensor& kept_M, std::int64_t numExperts);

}  // namespace moescope
