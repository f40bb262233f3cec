// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/expert_slots.h"

#include <algorithm>

#include "engine/base/check.h"

namespace moescope {

namespace {

std::vector<std::int32_t> toList(const at::Tensor& numbers)
{
    const at::Tensor dense = numbers.contiguous();
    const std::int64_t* from = dense.const_data_ptr<std::int64_t>();
    return std::vector<std::int32_t>(from, from + dense.numel());
}

}  // namespace

ExpertSlots expertSlots(const RoutePlan& plan, std::int64_t numTokens)
{
    ExpertSlots slots;
    const std::vector<std::int32_t> token_M = toList(plan.token_M);
    MOESCOPE_CHECK(std::is_sorted(token_M.begin(), token_M.end()), "the pairs of a plan stand in token order");
    slots.offset_E1 = toList(plan.offsets_E1);
    slots.pair_N = toList(plan.order_N);
    MOESCOPE_CHECK(slots.offset_E1.back() == static_cast<std::int32_t>(slots.pair_N.size()), "offsets end at N");

    slots.slot_M.assign(token_M.size(), -1);
    slots.token_N.resize(slots.pair_N.size());
    for (std::size_t slot = 0; slot < slots.pair_N.size(); ++slot) {
        slots.token_N[slot] = token_M[slots.pair_N[slot]];
        slots.slot_M[slots.pair_N[slot]] = static_cast<std::int32_t>(slot);
    }
    slots.firstPair_T1.assign(numTokens + 1, 0);
    for (const std::int32_t token : token_M) {
        MOESCOPE_CHECK(token >= 0 && token < numTokens, "a pair names a token of the batch");
        ++slots.firstPair_T1[token + 1];
    }
    for (std::int64_t token = 0; token < numTokens; ++token)
        slots.firstPair_T1[token + 1] += slots.firstPair_T1[token];
    return slots;
}

std::vector<RowTile> rowTiles(const ExpertSlots& slots, std::int32_t rows)
{
    std::vector<RowTile> tiles;
    for (std::int32_t expert = 0; expert < slots.numExperts(); ++expert) {
        const std::int32_t end = slots.offset_E1[expert + 1];
        for (std::int32_t begin = slots.offset_E1[expert]; begin < end; begin += rows)
            tiles.push_back({expert, begin, std::min(end, begin + rows)});
    }
    return tiles;
}

}  // namespace moescope
