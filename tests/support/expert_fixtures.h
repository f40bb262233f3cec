// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Experts for routers that want to see what experts answer, without a model around them.
#pragma once

#include <memory>
#include <utility>

#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>

#include "engine/base/check.h"
#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

/// Expert e answers W_e x, with W [E, D, D].
class LinearExperts final : public ExpertOutputs {
public:
    explicit LinearExperts(Weight weight_EDD)
        : m_weight(std::move(weight_EDD))
    {
    }

    int numExperts() const override { return static_cast<int>(m_weight.value().size(0)); }

    at::Tensor one(ExpertId expert, const at::Tensor& hidden_TD) const override
    {
        rowsAsked += hidden_TD.size(0);
        const at::ScalarType type = hidden_TD.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        return at::linear(hidden_TD.to(type), m_weight.value()[expert.value].to(type));
    }

    at::Tensor all(const at::Tensor& hidden_TD) const override
    {
        std::vector<at::Tensor> outputs;
        for (int expert = 0; expert < numExperts(); ++expert)
            outputs.push_back(one(ExpertId{expert}, hidden_TD));
        return at::stack(outputs);
    }

    mutable std::int64_t rowsAsked = 0;

private:
    Weight m_weight;
};

/// What every expert answers is given; the hidden states do not matter.
struct GivenAnswers final : ExpertOutputs {
    at::Tensor answers_ETD;

    explicit GivenAnswers(at::Tensor answers)
        : answers_ETD(std::move(answers))
    {
    }
    int numExperts() const override { return static_cast<int>(answers_ETD.size(0)); }
    at::Tensor all(const at::Tensor&) const override { return answers_ETD; }
    at::Tensor one(ExpertId expert, const at::Tensor&) const override { return answers_ETD[expert.value]; }
};

/// A router whose contexts get these experts where they have none.
class RouterWithExperts final : public Router {
public:
    RouterWithExperts(std::unique_ptr<Router> router, const ExpertOutputs& experts)
        : m_router(std::move(router))
        , m_experts(experts)
    {
    }

    RoutePlan route(const RouteContext& context) override { return m_router->route(withExperts(context)); }

    LossSums sums(const RouteContext& context, const RoutePlan& plan) override
    {
        return m_router->sums(withExperts(context), plan);
    }

    std::vector<AuxLoss> losses(const LossContext& c) override
    {
        const RouteContext route = withExperts(c.route);
        return m_router->losses({route, c.plan, c.globalAssigned_E, c.globalFirst_E, c.globalProbability_E,
            c.globalImportance_E, c.globalTokens, c.numRanks, c.ownSums, c.globalSums});
    }

    void onStepBegin(Step step, std::int64_t totalSteps) override { m_router->onStepBegin(step, totalSteps); }
    void onStepEnd(const StepStats& stats) override { m_router->onStepEnd(stats); }
    bool needsTokenCounts() const override { return m_router->needsTokenCounts(); }
    void onTokenCounts(const at::Tensor& counts_V) override { m_router->onTokenCounts(counts_V); }
    const ResidualRule* residualRule() const override { return m_router->residualRule(); }
    ExpertGradientRule* gradientRule() override { return m_router->gradientRule(); }

private:
    RouteContext withExperts(RouteContext context) const
    {
        if (context.experts == nullptr)
            context.experts = &m_experts;
        return context;
    }

    std::unique_ptr<Router> m_router;
    const ExpertOutputs& m_experts;
};

}  // namespace moescope
