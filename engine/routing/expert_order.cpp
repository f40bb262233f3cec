// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/expert_order.h"

#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

namespace moescope {

namespace {

const bool* maskData(const at::Tensor& mask_M) { return mask_M.defined() ? mask_M.const_data_ptr<bool>() : nullptr; }

}  // namespace

at::Tensor countByBucket(const at::Tensor& bucket_M, const at::Tensor& mask_M, std::int64_t buckets)
{
    at::Tensor counts = at::zeros({buckets}, at::kLong);
    std::int64_t* count = counts.mutable_data_ptr<std::int64_t>();
    const std::int64_t* bucket = bucket_M.const_data_ptr<std::int64_t>();
    const bool* mask = maskData(mask_M);
    for (std::int64_t i = 0; i < bucket_M.numel(); ++i)
        count[bucket[i]] += mask == nullptr || mask[i];
    return counts;
}

at::Tensor firstOfToken(const at::Tensor& token_M, const at::Tensor& mask_M)
{
    at::Tensor firsts = at::empty({token_M.numel()}, at::kBool);
    bool* first = firsts.mutable_data_ptr<bool>();
    const std::int64_t* token = token_M.const_data_ptr<std::int64_t>();
    const bool* mask = maskData(mask_M);
    std::int64_t last = -1;
    for (std::int64_t i = 0; i < token_M.numel(); ++i) {
        first[i] = (mask == nullptr || mask[i]) && token[i] != last;
        if (first[i])
            last = token[i];
    }
    return firsts;
}

ExpertOrder orderByExpert(const at::Tensor& expert_M, const at::Tensor& kept_M, std::int64_t numExperts)
{
    const at::Tensor counts = countByBucket(expert_M, kept_M, numExperts);
    const std::int64_t* count = counts.const_data_ptr<std::int64_t>();
    at::Tensor offsets_E1 = at::zeros({numExperts + 1}, at::kLong);
    std::int64_t* offset = offsets_E1.mutable_data_ptr<std::int64_t>();
    for (std::int64_t e = 0; e < numExperts; ++e)
        offset[e + 1] = offset[e] + count[e];

    std::vector<std::int64_t> next(offset, offset + numExperts);
    at::Tensor order_N = at::empty({offset[numExperts]}, at::kLong);
    std::int64_t* order = order_N.mutable_data_ptr<std::int64_t>();
    const std::int64_t* expert = expert_M.const_data_ptr<std::int64_t>();
    const bool* kept = maskData(kept_M);
    for (std::int64_t i = 0; i < expert_M.numel(); ++i)
        if (kept == nullptr || kept[i])
            order[next[static_cast<std::size_t>(expert[i])]++] = i;
    return {order_N, offsets_E1};
}

}  // namespace moescope
