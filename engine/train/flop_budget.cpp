// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/flop_budget.h"

#include <algorithm>
#include <limits>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

Catalog partsOnly()
{
    Catalog catalog;
    catalog.parts = registeredParts();
    return catalog;
}

/// As if training.steps set no limit.
std::int64_t paidSteps(RunConfig config, const Catalog& catalog)
{
    if (config.training.flops <= 0)
        return std::numeric_limits<std::int64_t>::max();
    config.training.steps = 1'000'000'000;  // the largest that the field allows
    return plannedSteps(config, catalog);
}

}  // namespace

FlopBudget::FlopBudget(const RunConfig& config)
    : m_config(config)
    , m_rates(flopRates(config, partsOnly()))
    , m_paidSteps(paidSteps(config, partsOnly()))
{
}

double FlopBudget::ofStep(std::int64_t tokens, std::int64_t answers) const
{
    return stepFlops(m_rates, static_cast<double>(tokens), static_cast<double>(answers));
}

std::int64_t FlopBudget::totalSteps() const { return std::min(m_config.training.steps, m_paidSteps); }

double FlopBudget::position(std::int64_t step, double spent) const
{
    const double budget = m_config.training.flops;
    if (budget <= 0)
        return static_cast<double>(step);
    const auto total = static_cast<double>(totalSteps());
    const double ofSteps = static_cast<double>(step) / static_cast<double>(m_config.training.steps);
    const double ofBudget = spent / budget + 1 / static_cast<double>(m_paidSteps);  // this step included
    return std::clamp(total * std::max(ofSteps, ofBudget), 1.0, total);
}

bool FlopBudget::isDone(std::int64_t step, double spent) const
{
    return step >= m_config.training.steps || (m_config.training.flops > 0 && spent >= m_config.training.flops);
}

}  // namespace moescope
