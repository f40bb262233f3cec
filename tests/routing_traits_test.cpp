// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The traits that a recipe declares are those that are found, both ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/TensorOperators.h>

#include "tests/support/plan_text.h"
#include "tests/support/routing_subjects.h"
#include "tests/support/thread_group.h"

namespace moescope {
namespace {

class RoutingTraits : public OfEverySubject { };
INSTANTIATE_TEST_SUITE_P(Every, RoutingTraits, testing::Range<std::size_t>(0, subjects().size()), subjectName);

constexpr std::uint64_t kBatches = 5;  // several, so that what can differ does somewhere

/// Does a change of the tokens behind a prefix change the decisions about the prefix?
bool dependsOnSuffix(Router& router, bool training)
{
    for (std::uint64_t batch = 1; batch <= kBatches; ++batch) {
        const at::Tensor hidden = hiddenOf(64, batch), other = hiddenOf(64, batch + 100);
        const RoutePlan plan = router.route(contextOf(hidden, 64, training));
        for (const std::int64_t prefix : {1, 3, 7, 15, 31, 32, 63}) {
            const at::Tensor mixed = at::cat({hidden.slice(0, 0, prefix), other.slice(0, prefix)});
            const RoutePlan changed = router.route(contextOf(mixed, 64, training));
            if (planText(changed, 0, prefix, 6) != planText(plan, 0, prefix, 6))
                return true;
        }
    }
    return false;
}

TEST_P(RoutingTraits, FutureLeaksInTrainingAsDeclared)
{
    EXPECT_EQ(dependsOnSuffix(*examined(subject())->router, true), subject().has(Trait::LeaksFuture));
}

TEST_P(RoutingTraits, FutureLeaksInEvaluationAsDeclared)
{
    EXPECT_EQ(dependsOnSuffix(*examined(subject())->router, false), subject().has(Trait::LeaksFutureInEvaluation));
}

TEST_P(RoutingTraits, SequencesInfluenceEachOtherAsDeclared)
{
    const auto fixture = examined(subject());
    bool differs = false;
    for (std::uint64_t batch = 1; batch <= kBatches; ++batch) {
        const at::Tensor hidden = hiddenOf(64, batch).to(at::kDouble);  // no last digit depends on the number of tokens
        for (const bool training : {true, false}) {
            const RoutePlan together = fixture->router->route(contextOf(hidden, 16, training));
            for (const std::int64_t sequence : {0, 1, 3}) {
                RouteContext alone = contextOf(hidden.slice(0, 16 * sequence, 16 * sequence + 16), 16, training);
                alone.firstToken = 16 * sequence;
                differs = differs
                    || planText(fixture->router->route(alone), 6)
                        != planText(together, 16 * sequence, 16 * sequence + 16, 6);
            }
        }
    }
    EXPECT_EQ(differs, subject().has(Trait::BatchCoupled));
}

TEST_P(RoutingTraits, EvaluationDiffersAsDeclared)
{
    const auto fixture = examined(subject());
    bool differs = false;
    for (std::uint64_t batch = 1; batch <= kBatches; ++batch) {
        const RoutePlan training = fixture->router->route(contextOf(hiddenOf(64, batch), 16, true));
        const RoutePlan evaluation = fixture->router->route(contextOf(hiddenOf(64, batch), 16, false));
        differs = differs || planText(training) != planText(evaluation);
    }
    EXPECT_EQ(differs, subject().has(Trait::EvalDiffers));
}

TEST_P(RoutingTraits, ExpertsPerTokenVaryAsDeclared)
{
    const auto fixture = examined(subject());
    bool varies = false;
    for (std::uint64_t batch = 1; batch <= kBatches; ++batch) {
        const RoutePlan plan = fixture->router->route(contextOf(hiddenOf(64, batch), 16, true));
        if (plan.dense)
            break;  // nobody has experts of its own
        varies = varies || plan.choices == 0 || plan.assigned_E.sum().item<std::int64_t>() != 64 * plan.choices;
    }
    EXPECT_EQ(varies, subject().has(Trait::VariableK));
}

TEST_P(RoutingTraits, ExpertsDifferAsDeclared)
{
    const std::vector<RoutedExpert> experts = routedExperts(examined(subject())->model);
    const bool differ = std::ranges::any_of(experts, [&](const RoutedExpert& expert) {
        return expert.kind != ExpertKind::FeedForward || expert.width != experts[0].width || expert.sign != 1;
    });
    EXPECT_EQ(differ, subject().has(Trait::ChangesExperts));
}

TEST_P(RoutingTraits, BlockAndOptimiserAreChangedAsDeclared)
{
    const auto fixture = examined(subject());
    EXPECT_EQ(fixture->router->residualRule() != nullptr, subject().has(Trait::ChangesBlock));
    EXPECT_EQ(fixture->router->gradientRule() != nullptr, subject().has(Trait::ChangesOptimiser));
}

/// All buffers of a fresh router after a step with these counts.
std::vector<double> stateAfterStep(const Subject& subject, const at::Tensor& assigned_E, std::int64_t tokens)
{
    const auto fixture = examined(subject);
    fixture->router->onStepEnd({Step{3}, 10, assigned_E, tokens, assigned_E.unsqueeze(0)});
    std::vector<double> state;
    for (const ParameterStore::Buffer& buffer : fixture->store.buffers())
        for (const double number : numbersOf<double>(buffer.value))
            state.push_back(number);
    return state;
}

bool decisionsNeedAllRanks(Router& router)
{
    AskedGroup group;
    RouteContext context = contextOf(hiddenOf(32), 16, true);
    context.group = &group;
    router.onStepBegin(Step{3}, 10);
    const RoutePlan plan = router.route(context);
    router.onStepEnd({Step{3}, 10, plan.assigned_E, 32, plan.assigned_E.unsqueeze(0)});
    return group.asked;
}

TEST_P(RoutingTraits, AllRanksAreNeededAsDeclared)
{
    const auto fixture = examined(subject());
    const at::Tensor hidden = hiddenOf(64);
    const RouteContext context = contextOf(hidden.slice(0, 0, 32), 16, true);
    const RoutePlan plan = fixture->router->route(context);
    const LossSums own = fixture->router->sums(context, plan);
    RouteContext otherContext = contextOf(hidden.slice(0, 32, 64), 16, true);
    otherContext.firstToken = 32;
    const RoutePlan otherPlan = fixture->router->route(otherContext);
    const at::Tensor all = own.row + fixture->router->sums(otherContext, otherPlan).row;
    const auto alone = fixture->router->losses(makeLossContext(context, plan, own, own.row, 1));
    const auto global = fixture->router->losses(makeLossContext(context, plan, own, all, 2));
    bool differs = decisionsNeedAllRanks(*examined(subject())->router)
        || stateAfterStep(subject(), plan.assigned_E, 32)
            != stateAfterStep(subject(), plan.assigned_E + otherPlan.assigned_E, 64);
    for (std::size_t i = 0; i < alone.size(); ++i) {
        const double a = alone[i].value.item<double>(), b = global[i].value.item<double>();
        differs = differs || std::abs(a - b) > 1e-5 * std::max(1.0, std::abs(a));
    }
    EXPECT_EQ(differs, subject().has(Trait::GlobalScope));
}

}  // namespace
}  // namespace moescope
