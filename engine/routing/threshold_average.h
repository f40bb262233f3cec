// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Moving averages of the scores at which a training selector stopped, so that evaluation can choose each token by
// itself: score >= threshold. Kept in the checkpoint.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/selection_scope.h"

namespace moescope {

class Group;

/// Training thread only. Until the first step has ended the thresholds are `initial`.
class ThresholdAverage {
public:
    /// Buffers prefix + ".threshold" [size] fp32 and ".observed" (steps so far).
    ThresholdAverage(const PartArgs& args, std::int64_t size, double initial);

    /// Of one group of tokens; the average over those of a step counts. `apart`: the ranks, where each observes groups
    /// of its own and endStep() has to sum over them; else null.
    void observe(std::span<const double> values, Group* apart);

    void beginStep();
    /// t <- m t + (1 - m) v with m = min(momentum, n / (n + 1)) after n steps: the plain mean at first.
    void endStep();

    double value(std::int64_t index) const { return m_threshold.const_data_ptr<float>()[index]; }
    std::int64_t size() const { return m_threshold.numel(); }

private:
    double m_momentum;
    at::Tensor m_threshold, m_observed;
    std::vector<double> m_sums;  ///< and at the end their number
    Group* m_apart = nullptr;
};

Field momentumField();

/// Marks what scores at least its threshold: one for each expert, or one for all.
void chooseAbove(const SelectionScope& scope, const ThresholdAverage& thresholds, EntryMask& chosen_NE);

/// Of a selector whose field `evaluation` is threshold or as-training, and that has the field of tokenGroupField().
std::vector<ConditionalTrait> thresholdTraits();

}  // namespace moescope
