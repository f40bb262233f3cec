// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>
#include <utility>

#include <ATen/ops/index_select.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/base/check.h"
#include "engine/config/routing_slots.h"
#include "engine/routing/expert_order.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/parts.h"

namespace moescope {

namespace {

struct NamedLoss {
    std::string name;
    double coefficient = 0;
    std::unique_ptr<Loss> part;
};

class ComposedRouter final : public Router {
public:
    ComposedRouter(const RoutingConfig& routing, const ModelConfig& model, const std::vector<RoutedExpert>& experts,
        LayerId layer, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix)
        : m_numExperts(model.numExperts)
    {
        const auto build = [&](Slot slot, const PartChoice& choice, const std::string& name) {
            const RegisteredPart* part = findPart(slot, choice.part);
            MOESCOPE_CHECK(part != nullptr, "there is no part " + std::string(slotKey(slot)) + ' ' + choice.part);
            const bool fits = m_state.choices == 0 || m_state.choices >= part->info.minimumChoices;
            MOESCOPE_CHECK(fits, choice.part + " needs k >= " + std::to_string(part->info.minimumChoices));
            return part->make({part->info, choice, model, layer, seed, parameters, name, m_state, experts});
        };
        m_scorer = as<Scorer>(build(Slot::Scorer, routing.scorer, prefix));
        m_map = as<ScoreMap>(build(Slot::ScoreMap, routing.scoreMap, prefix + ".score_map"));
        m_selector = as<Selector>(build(Slot::Selector, routing.selector, prefix + ".selector"));
        m_capacity = as<Capacity>(build(Slot::Capacity, routing.capacity, prefix + ".capacity"));
        m_weigher = as<Weigher>(build(Slot::Weigher, routing.weigher, prefix + ".weigher"));
        for (const auto& [name, choice] : routing.losses) {
            const PartArgs args{
                findPart(Slot::Loss, choice.part)->info, choice, model, layer, seed, parameters, "", m_state, experts};
            m_losses.push_back(
                {name, args.number("coefficient"), as<Loss>(build(Slot::Loss, choice, prefix + ".losses." + name))});
        }
        for (const auto& [name, choice] : routing.hooks)
            m_hooks.push_back(as<Hook>(build(Slot::Hook, choice, prefix + ".hooks." + name)));
        MOESCOPE_CHECK(m_state.choices <= m_numExperts, "k is at most the number of experts");
    }

    RoutePlan route(const RouteContext& context) override
    {
        MOESCOPE_CHECK(context.hidden_TD.is_cpu() && context.hidden_TD.dim() == 2, "routers take [T, D] on the CPU");
        RoutePlan plan;
        Scorer::Scores scores = m_scorer->score(context);
        plan.logits_TE = std::move(scores.logits_TE);
        plan.carry = std::move(scores.carry);
        ScoreMap::Mapped mapped = m_map->map(plan.logits_TE);
        plan.scores_TE = std::move(mapped.scores_TE);
        plan.probs_TE = std::move(mapped.probs_TE);
        plan.entropy_T = std::move(mapped.entropy_T);

        Selector::Selection selection = m_selector->select(context, plan);
        plan.token_M = std::move(selection.token_M);
        plan.expert_M = std::move(selection.expert_M);
        plan.choices = selection.choices;
        plan.taken_M = takenByValidTokens(context, plan, selection.taken_M);
        plan.assigned_E = countByBucket(plan.expert_M, plan.taken_M, m_numExperts);
        plan.first_E = countByBucket(plan.expert_M, firstOfToken(plan.token_M, plan.taken_M), m_numExperts);

        plan.kept_M = m_capacity->keep(context, plan);
        plan.weight_M = m_weigher->weigh(context, plan);
        ExpertOrder order = orderByExpert(plan.expert_M, plan.kept_M, m_numExperts);
        plan.order_N = std::move(order.order_N);
        plan.offsets_E1 = std::move(order.offsets_E1);
        plan.kept_E = plan.offsets_E1.slice(0, 1) - plan.offsets_E1.slice(0, 0, m_numExperts);
        sumStatistics(context, plan);
        return plan;
    }

    std::vector<AuxLoss> losses(const LossContext& context) override
    {
        std::vector<AuxLoss> values;
        for (const NamedLoss& loss : m_losses)
            values.push_back({loss.name, loss.part->value(context), loss.coefficient * loss.part->scale()});
        return values;
    }

    void onStepBegin(Step step, std::int64_t totalSteps) override
    {
        forAllParts([&](Part& part) { part.onStepBegin(step, totalSteps); });
    }

    void onStepEnd(const StepStats& stats) override
    {
        forAllParts([&](Part& part) { part.onStepEnd(stats); });
    }

    bool needsTokenCounts() const override
    {
        bool needed = false;
        forAllParts([&](const Part& part) { needed = needed || part.needsTokenCounts(); });
        return needed;
    }

    void onTokenCounts(const at::Tensor& counts_V) override
    {
        forAllParts([&](Part& part) { part.onTokenCounts(counts_V); });
    }

private:
    template <class Slotted> static std::unique_ptr<Slotted> as(std::unique_ptr<Part> part)
    {
        auto* slotted = dynamic_cast<Slotted*>(part.get());
        MOESCOPE_CHECK(slotted != nullptr, "a part's class is that of its slot");
        part.release();
        return std::unique_ptr<Slotted>(slotted);
    }

    static at::Tensor takenByValidTokens(const RouteContext& context, const RoutePlan& plan, const at::Tensor& taken_M)
    {
        if (!context.valid_T.defined())
            return taken_M;
        const at::Tensor valid_M = context.valid_T.index_select(0, plan.token_M);
        return taken_M.defined() ? valid_M.logical_and(taken_M) : valid_M;
    }

    static void sumStatistics(const RouteContext& context, RoutePlan& plan)
    {
        const c10::NoGradGuard noGrad;
        const at::Tensor& valid_T = context.valid_T;
        plan.numTokens = valid_T.defined() ? valid_T.sum().item<std::int64_t>() : plan.logits_TE.size(0);
        const at::Tensor probs_TE = plan.probs_TE.detach();
        if (!valid_T.defined()) {
            plan.probabilitySum_E = probs_TE.sum(0);
            plan.entropySum = plan.entropy_T.sum();
            return;
        }
        const at::Tensor rows = valid_T.nonzero().squeeze(1);
        plan.probabilitySum_E = probs_TE.index_select(0, rows).sum(0);
        plan.entropySum = plan.entropy_T.index_select(0, rows).sum();
    }

    template <class Visit> void forAllParts(const Visit& visit) const
    {
        for (Part* part : std::initializer_list<Part*>{
                 m_scorer.get(), m_map.get(), m_selector.get(), m_capacity.get(), m_weigher.get()})
            visit(*part);
        for (const NamedLoss& loss : m_losses)
            visit(*loss.part);
        for (const auto& hook : m_hooks)
            visit(*hook);
    }

    std::int64_t m_numExperts;
    RouterState m_state;
    std::unique_ptr<Scorer> m_scorer;
    std::unique_ptr<ScoreMap> m_map;
    std::unique_ptr<Selector> m_selector;
    std::unique_ptr<Capacity> m_capacity;
    std::unique_ptr<Weigher> m_weigher;
    std::vector<NamedLoss> m_losses;
    std::vector<std::unique_ptr<Hook>> m_hooks;
};

}  // namespace

std::unique_ptr<Router> makeRouter(const RoutingConfig& routing, const ModelConfig& model, LayerId layer,
    std::uint64_t seed, ParameterStore& parameters, const std::string& prefix)
{
    ModelConfig routed = model;
    routed.numExperts = numRoutedExperts(model);
    return std::make_unique<ComposedRouter>(routing, routed, routedExperts(model), layer, seed, parameters, prefix);
}

}  // namespace moescope
