// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Router and expert bank together: counting sort, gather, grouped products, deterministic combine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include "engine/base/ids.h"
#include "engine/config/run_config.h"
#include "engine/model/mixed_experts.h"
#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

/// The experts of one layer: W1 [E, D, H1] (H1 = 2H for SwiGLU: gate | up), W2 [E, H, D], each slice initialised on its
/// own: N(0, 1/D) and N(0, 1/H) / sqrt(2 * blocks), as the last product of a residual branch. No biases. Names: prefix
/// + ".w1", ".w2". Training thread only.
class ExpertBank final : public ExpertOutputs {
public:
    /// Equal feed-forward experts.
    ExpertBank(const ModelConfig& model, std::int64_t numExperts, std::int64_t expertSize, std::uint64_t seed,
        ParameterStore& parameters, const std::string& prefix);

    /// The routed experts of the model, equal or not.
    ExpertBank(const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix);

    /// y[T, D] fp32 = sum over kept pairs of weight * expert(hidden[token]); one autograd node where all are equal.
    at::Tensor forward(const at::Tensor& hidden_TD, const RoutePlan& plan) const;

    int numExperts() const override;
    at::Tensor all(const at::Tensor& hidden_TD) const override;
    at::Tensor one(ExpertId expert, const at::Tensor& hidden_TD) const override;

private:
    Activation m_activation;
    Weight m_w1, m_w2;
    std::unique_ptr<MixedExperts> m_mixed;  ///< null where all are equal, else it holds the weights
};

/// A MoE layer: routed experts, plus shared ones (one bank of joint size) that see every token with weight 1.
class MoeLayer {
public:
    MoeLayer(const ModelConfig& model, const RoutingConfig& routing, LayerId layer, std::uint64_t seed,
        ParameterStore& parameters, const std::string& prefix);

    /// [T, D] -> [T, D] fp32; the plan goes to `plan` for losses and statistics. `context.experts` is set to our bank.
    at::Tensor forward(RouteContext& context, RoutePlan& plan);

    Router& router() { return *m_router; }
    const ExpertBank& experts() const { return m_experts; }

private:
    ExpertBank m_experts;
    std::unique_ptr<ExpertBank> m_shared;  ///< null without shared experts
    std::unique_ptr<Router> m_router;
};

}  // namespace moescope
