// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Gradients of every recipe and part: against finite differences in fp64, where they go, and over two ranks.
#include <cmath>

#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "tests/support/plan_text.h"
#include "tests/support/routing_subjects.h"
#include "tests/support/thread_group.h"

namespace moescope {
namespace {

class RoutingGradients : public OfEverySubject { };
INSTANTIATE_TEST_SUITE_P(Every, RoutingGradients, testing::Range<std::size_t>(0, subjects().size()), subjectName);

/// A sum over weights (each with a factor of its own) and losses; the decision comes back to see whether it changed.
struct Objective {
    at::Tensor value;
    std::vector<std::string> decision;
};

Objective objectiveOf(Router& router, const RouteContext& context)
{
    const RoutePlan plan = router.route(context);
    const at::Tensor factor_M =
        initialNormal(3, "factor", {plan.weight_M.numel()}, 1.0).to(plan.weight_M.scalar_type());
    at::Tensor value = (plan.weight_M * factor_M).sum();
    for (const AuxLoss& loss : lossesOf(router, context, plan))
        value = value + loss.value;
    return {value, planText(plan, 0)};
}

double norm(const std::vector<double>& v)
{
    double sum = 0;
    for (const double x : v)
        sum += x * x;
    return std::sqrt(sum);
}

/// Central differences over every element of `variable`; elements whose neighbourhood holds another decision count 0 in
/// both vectors, and most must count.
void expectGradient(
    Router& router, RouteContext context, const at::Tensor& variable, const at::Tensor& gradient, double step)
{
    const auto before = objectiveOf(router, context).decision;
    std::vector<double> found, expected, difference;
    const c10::NoGradGuard noGrad;
    const at::Tensor flat = variable.detach().view({-1});
    const auto analytic = numbersOf<double>(gradient);
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
        const double original = flat[i].item<double>();
        flat[i].fill_(original + step);
        const double above = flat[i].item<double>();
        const Objective up = objectiveOf(router, context);
        flat[i].fill_(original - step);
        const double below = flat[i].item<double>();
        const Objective down = objectiveOf(router, context);
        flat[i].fill_(original);
        if (up.decision != before || down.decision != before)
            continue;
        expected.push_back((up.value.item<double>() - down.value.item<double>()) / (above - below));
        found.push_back(analytic[static_cast<std::size_t>(i)]);
        difference.push_back(found.back() - expected.back());
    }
    EXPECT_GT(static_cast<std::int64_t>(found.size()), flat.numel() * 9 / 10);
    EXPECT_LT(norm(difference), 1e-3 * norm(expected) + 1e-7) << "of " << norm(expected);
}

TEST_P(RoutingGradients, AgreeWithFiniteDifferences)
{
    const auto fixture = examined(subject());
    const at::Tensor hidden = hiddenOf(6).to(at::kDouble).set_requires_grad(true);
    const RouteContext context = contextOf(hidden, 3, true);
    const Objective objective = objectiveOf(*fixture->router, context);
    at::Tensor gradient = at::zeros_like(hidden);
    if (objective.value.requires_grad()) {
        objective.value.backward();
        gradient = hidden.grad();
    }
    const at::Tensor weightGradient = fixture->store.gradient().clone();
    // ACMoE's scales follow from the tokens, and its paper lets no gradient through them: differences see both.
    if (subject().recipe.scorer.part != "adaptive-clusters")
        expectGradient(*fixture->router, context, hidden, gradient, 1e-6);
    for (const ParameterStore::Entry& entry : fixture->trainedByGradient()) {
        SCOPED_TRACE(entry.name);
        const at::Tensor part = weightGradient.narrow(0, entry.offset, entry.value.numel());
        expectGradient(*fixture->router, context, entry.value, part, 1e-6);
    }
}

TEST_P(RoutingGradients, AuxiliaryLossesReachTheRouterAndNothingElse)
{
    const auto fixture = examined(subject());
    const RouteContext context = contextOf(hiddenOf(64), 16, true);
    const RoutePlan plan = fixture->router->route(context);
    for (const AuxLoss& loss : lossesOf(*fixture->router, context, plan)) {
        fixture->store.gradient().zero_();
        if (fixture->trainedByGradient().empty()) {
            EXPECT_FALSE(loss.value.requires_grad()) << loss.name;
            continue;
        }
        ASSERT_TRUE(loss.value.requires_grad()) << loss.name;
        loss.value.backward({}, /*retain_graph=*/true);
        EXPECT_TRUE(fixture->store.gradient().isfinite().all().item<bool>());
        double reached = 0;
        for (const ParameterStore::Entry& entry : fixture->trainedByGradient())
            reached += entry.value.grad().abs().sum().item<double>();
        // dB/dz = (E/T) p (f - sum f p): nothing where all loads are equal.
        const bool even = loss.name == "balance" && plan.first_E.numel() > 1
            && plan.first_E.max().item<std::int64_t>() == plan.first_E.min().item<std::int64_t>();
        EXPECT_EQ(reached > 1e-6, !even) << loss.name;
        EXPECT_EQ(fixture->parameter("experts.w1").grad().abs().sum().item<double>(), 0) << loss.name;
        EXPECT_GE(loss.coefficient, 0);
    }
}

/// The objective of all losses with sums over ranks, as the model adds them.
at::Tensor lossOfRank(
    Router& router, const RouteContext& context, const RoutePlan& plan, const at::Tensor& sums, int ranks)
{
    at::Tensor value = at::zeros({}, at::kDouble);
    for (const AuxLoss& loss : router.losses(makeLossContext(context, plan, sums, ranks)))
        value = value + loss.value.to(at::kDouble);
    return value;
}

bool asksOtherRanks(Router& router)
{
    AskedGroup group;
    RouteContext context = contextOf(hiddenOf(32), 16, true);
    context.group = &group;
    router.route(context);
    return group.asked;
}

// Noise, decisions, losses and gradients of a batch on two ranks are those on one.
TEST_P(RoutingGradients, TwoRanksAgreeWithOne)
{
    const auto fixture = examined(subject());
    const at::Tensor hidden = hiddenOf(64).to(at::kDouble);
    Router& router = *fixture->router;
    if (subject().has(Trait::BatchCoupled) && !asksOtherRanks(router))
        return;  // such a recipe says that it depends on how the batch is divided
    const RouteContext whole = contextOf(hidden, 16, true);
    const RoutePlan plan = router.route(whole);
    const at::Tensor sums = lossSums(plan);
    const at::Tensor loss = lossOfRank(router, whole, plan, sums, 1);
    if (loss.requires_grad())
        loss.backward();
    const at::Tensor gradient = fixture->store.gradient().clone();
    fixture->store.gradient().zero_();

    RouteContext left = contextOf(hidden.slice(0, 0, 32), 16, true),
                 right = contextOf(hidden.slice(0, 32, 64), 16, true);
    right.firstToken = 32;
    const auto other = examined(subject());
    RoutePlan leftPlan, rightPlan;
    onTwoRanks([&](Group& group) {
        RouteContext& context = group.rank() == 0 ? left : right;
        context.group = &group;
        Router& own = group.rank() == 0 ? router : *other->router;
        (group.rank() == 0 ? leftPlan : rightPlan) = own.route(context);
    });
    auto lines = planText(leftPlan);
    for (const std::string& line : planText(rightPlan))
        lines.push_back(line);
    EXPECT_EQ(lines, planText(plan));
    const at::Tensor both = lossSums(leftPlan) + lossSums(rightPlan);
    EXPECT_LT((both - sums).abs().max().item<double>(), 1e-9);

    const at::Tensor mean =
        (lossOfRank(router, left, leftPlan, both, 2) + lossOfRank(*other->router, right, rightPlan, both, 2)) / 2;
    EXPECT_NEAR(mean.item<double>(), loss.item<double>(), 1e-9 * std::abs(loss.item<double>()));
    if (mean.requires_grad())
        mean.backward();
    const at::Tensor summed = fixture->store.gradient() + other->store.gradient();
    const double scale = gradient.abs().max().item<double>();
    EXPECT_LT((summed - gradient).abs().max().item<double>(), 1e-5 * scale + 1e-12);
}

}  // namespace
}  // namespace moescope
