// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/threshold_average.h"

#include <algorithm>

#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include "engine/dist/group.h"
#include "engine/model/parameters.h"

namespace moescope {

ThresholdAverage::ThresholdAverage(const PartArgs& args, std::int64_t size, double initial)
    : m_momentum(args.number("momentum"))
    , m_threshold(args.parameters.addBuffer(args.prefix + ".threshold", at::full({size}, initial, at::kFloat)))
    , m_observed(args.parameters.addBuffer(args.prefix + ".observed", at::zeros({1}, at::kLong)))
    , m_sums(static_cast<std::size_t>(size) + 1)
{
}

void ThresholdAverage::observe(std::span<const double> values, Group* apart)
{
    m_apart = apart;
    for (std::size_t i = 0; i < values.size(); ++i)
        m_sums[i] += values[i];
    m_sums.back() += 1;
}

void ThresholdAverage::beginStep()
{
    std::ranges::fill(m_sums, 0);
    m_apart = nullptr;
}

void ThresholdAverage::endStep()
{
    if (m_apart != nullptr) {
        at::Tensor sums = at::from_blob(m_sums.data(), {static_cast<std::int64_t>(m_sums.size())}, at::kDouble);
        m_apart->sum(sums);
    }
    if (m_sums.back() == 0)
        return;
    std::int64_t& observed = *m_observed.mutable_data_ptr<std::int64_t>();
    const auto n = static_cast<double>(observed++);
    const double momentum = std::min(m_momentum, n / (n + 1));
    float* threshold = m_threshold.mutable_data_ptr<float>();
    for (std::size_t i = 0; i + 1 < m_sums.size(); ++i)
        threshold[i] = static_cast<float>(momentum * threshold[i] + (1 - momentum) * m_sums[i] / m_sums.back());
}

Field momentumField()
{
    return numberField("momentum", "Momentum", 0.99, 0, 1,
        "Of the thresholds of evaluation: how much of the former value a step keeps. At first they are plain means.");
}

void chooseAbove(const SelectionScope& scope, const ThresholdAverage& thresholds, EntryMask& chosen_NE)
{
    const std::int64_t experts = scope.numExperts();
    for (const TokenGroup& group : scope.groups)
        for (const std::int64_t n : group.rows)
            for (std::int64_t e = 0; e < experts; ++e) {
                const double threshold = thresholds.value(thresholds.size() == 1 ? 0 : e);
                chosen_NE[static_cast<std::size_t>(n * experts + e)] = scope.row(n)[e] >= threshold;
            }
}

std::vector<ConditionalTrait> thresholdTraits()
{
    return {
        coupledByTokenGroup(),
        {Trait::EvalDiffers, {{"evaluation", 0, {"threshold"}}}},
        {Trait::LeaksFutureInEvaluation, {{"evaluation", 0, {"as-training"}}}},
    };
}

}  // namespace moescope
