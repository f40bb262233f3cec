// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A bank of experts that are not all alike: unequal widths, negative, zero, copy and constant experts. Equal
// feed-forward experts take the short way in moe_layer.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/config/routed_experts.h"
#include "engine/config/run_config.h"
#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

/// T tokens, D features, N kept pairs. Training thread only. Parameters: prefix + ".width_H.w1" and ".w2" for each
/// width H (".w1" and ".w2" where all are equal, as in ExpertBank), ".constant_C.vector" [D] and ".mix" [2, D].
class MixedExperts {
public:
    MixedExperts(const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix);

    /// y[T, D] fp32 = sum over kept pairs of weight * answer of the expert; carries the graph. One call of
    /// expertMixture for each width.
    at::Tensor forward(const at::Tensor& hidden_TD, const RoutePlan& plan) const;

    int numExperts() const { return static_cast<int>(m_experts.size()); }

private:
    struct WidthGroup {
        std::int64_t width = 0;
        std::vector<std::int64_t> slices;
        Weight w1, w2;
    };
    struct Constant {
        Weight vector, mix;
    };

    RoutePlan planOf(const WidthGroup& group, const RoutePlan& plan, const at::Tensor& weight_M) const;
    at::Tensor signedWeights(const RoutePlan& plan) const;
    at::Tensor answer(const RoutedExpert& expert, const at::Tensor& tokens_ND) const;

    Activation m_activation;
    std::vector<RoutedExpert> m_experts;
    std::vector<WidthGroup> m_groups;
    std::vector<Constant> m_constants;
};

}  // namespace moescope
