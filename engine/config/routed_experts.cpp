// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/routed_experts.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/config/run_config.h"

namespace moescope {

namespace {

// Of the wide ones, in units of expert_size: MoDSE (arXiv:2409.12210) table 1, 6912, 6144, 4608 and 3840 of 3840.
constexpr double kWideShares[] = {1.8, 1.6, 1.2, 1.0};

void addExperts(std::vector<RoutedExpert>& experts, ExpertKind kind, std::int64_t count)
{
    for (std::int64_t slice = 0; slice < count; ++slice)
        experts.push_back({kind, slice, 0, 1});
}

}  // namespace

std::int64_t expertWidth(const ModelConfig& model, std::int64_t slice)
{
    const bool hasPartner = slice % 2 == 1 || slice + 1 < model.numExperts;
    if (model.expertWidths == ExpertWidths::Equal || !hasPartner)
        return model.expertSize;
    const double share = kWideShares[slice / 2 % std::ssize(kWideShares)];
    const auto wide = static_cast<std::int64_t>(std::llround(share * static_cast<double>(model.expertSize)));
    const std::int64_t atMost = std::max(model.expertSize, 2 * model.expertSize - 1);
    return slice % 2 == 0 ? std::min(wide, atMost) : 2 * model.expertSize - std::min(wide, atMost);
}

std::vector<RoutedExpert> routedExperts(const ModelConfig& model)
{
    std::vector<RoutedExpert> experts;
    for (const double sign : {1.0, -1.0})
        for (std::int64_t slice = 0; slice < (sign > 0 || model.negativeExperts ? model.numExperts : 0); ++slice)
            experts.push_back({ExpertKind::FeedForward, slice, expertWidth(model, slice), sign});
    addExperts(experts, ExpertKind::Zero, model.zeroExperts);
    addExperts(experts, ExpertKind::Copy, model.copyExperts);
    addExperts(experts, ExpertKind::Constant, model.constantExperts);
    return experts;
}

std::int64_t numRoutedExperts(const ModelConfig& model)
{
    return model.numExperts * (model.negativeExperts ? 2 : 1) + model.zeroExperts + model.copyExperts
        + model.constantExperts;
}

}  // namespace moescope
