// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What every recipe and every part promises about its decisions (spec/routing-field.md section 9).
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randperm.h>
#include <ATen/TensorOperators.h>

#include "tests/support/plan_text.h"
#include "tests/support/routing_subjects.h"

namespace moescope {
namespace {

using Ints = std::vector<std::int64_t>;

class RoutingConformance : public OfEverySubject { };
INSTANTIATE_TEST_SUITE_P(Every, RoutingConformance, testing::Range<std::size_t>(0, subjects().size()), subjectName);

std::vector<bool> maskOf(const at::Tensor& mask_M, std::size_t pairs)
{
    return mask_M.defined() ? numbersOf<bool>(mask_M) : std::vector<bool>(pairs, true);
}

/// All that must agree inside one plan. The plan says itself how many tokens and experts there are.
void expectConsistent(const RoutePlan& plan)
{
    const std::int64_t tokens = plan.logits_TE.size(0), experts = plan.logits_TE.size(1);
    const auto token = numbersOf<std::int64_t>(plan.token_M), expert = numbersOf<std::int64_t>(plan.expert_M);
    const auto taken = maskOf(plan.taken_M, token.size()), kept = maskOf(plan.kept_M, token.size());
    const auto weight = numbersOf<double>(plan.weight_M);
    ASSERT_EQ(expert.size(), token.size());
    ASSERT_EQ(weight.size(), token.size());
    if (plan.choices > 0) {
        ASSERT_EQ(static_cast<std::int64_t>(token.size()), tokens * plan.choices);
    }

    Ints assigned(static_cast<std::size_t>(experts)), keptCounts(static_cast<std::size_t>(experts));
    std::set<std::pair<std::int64_t, std::int64_t>> pairs;
    std::vector<std::pair<std::int64_t, std::int64_t>> byExpert;
    for (std::size_t i = 0; i < token.size(); ++i) {
        ASSERT_TRUE(token[i] >= 0 && token[i] < tokens && expert[i] >= 0 && expert[i] < experts);
        ASSERT_TRUE(i == 0 || token[i - 1] <= token[i]) << "pairs lie in token order";
        ASSERT_TRUE(pairs.emplace(token[i], expert[i]).second) << "no pair twice";
        ASSERT_TRUE(!kept[i] || taken[i]) << "kept pairs are taken";
        ASSERT_TRUE(std::isfinite(weight[i]));
        if (plan.choices > 0) {
            ASSERT_EQ(token[i], static_cast<std::int64_t>(i) / plan.choices);
        }
        if (i > 0 && token[i] == token[i - 1]) {
            ASSERT_GE(plan.scores_TE[token[i]][expert[i - 1]].item<double>(),
                plan.scores_TE[token[i]][expert[i]].item<double>())
                << "best first";
        }
        assigned[static_cast<std::size_t>(expert[i])] += taken[i];
        keptCounts[static_cast<std::size_t>(expert[i])] += kept[i];
        if (kept[i])
            byExpert.emplace_back(expert[i], i);
    }
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), assigned);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.kept_E), keptCounts);
    std::set<std::int64_t> served;
    for (std::size_t i = 0; i < token.size(); ++i)
        if (taken[i])
            served.insert(token[i]);
    EXPECT_EQ(plan.first_E.sum().item<std::int64_t>(), static_cast<std::int64_t>(served.size()));
    if (plan.choices > 0) {
        EXPECT_EQ(static_cast<std::int64_t>(served.size()), plan.numTokens) << "every valid token has a first choice";
    }

    std::ranges::sort(byExpert);
    Ints order, offsets = {0};
    for (const auto& [e, pair] : byExpert)
        order.push_back(pair);
    for (const std::int64_t count : keptCounts)
        offsets.push_back(offsets.back() + count);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.order_N), order);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.offsets_E1), offsets);

    for (const double sum : numbersOf<double>(plan.probs_TE.sum(1)))
        EXPECT_NEAR(sum, 1, 1e-5);
    for (const double entropy : numbersOf<double>(plan.entropy_T))
        EXPECT_TRUE(entropy >= -1e-6 && entropy <= std::log(static_cast<double>(experts)) + 1e-5) << entropy;
    EXPECT_NEAR(plan.probabilitySum_E.sum().item<double>(), static_cast<double>(plan.numTokens), 1e-3);
}

TEST_P(RoutingConformance, PlanIsConsistent)
{
    const auto fixture = examined(subject());
    for (const bool training : {true, false}) {
        const RoutePlan plan = fixture->router->route(contextOf(hiddenOf(64), 16, training));
        expectConsistent(plan);
        if (!subject().has(Trait::VariableK)) {
            EXPECT_EQ(plan.assigned_E.sum().item<std::int64_t>(), 64 * plan.choices) << "sum of counts is k T";
        }
        if (plan.numTokens > 0 && !training) {
            EXPECT_GT(plan.kept_E.sum().item<std::int64_t>(), 0);
        }
    }
}

TEST_P(RoutingConformance, RecomputationChangesNothing)
{
    const auto fixture = examined(subject());
    RouteContext context = contextOf(hiddenOf(32), 16, true);
    const RoutePlan first = fixture->router->route(context);
    fixture->router->route(contextOf(hiddenOf(48, 7), 16, true));
    context.recordStats = false;
    const RoutePlan again = fixture->router->route(context);
    EXPECT_EQ(planText(again), planText(first));
    EXPECT_TRUE(at::equal(again.logits_TE, first.logits_TE));
    EXPECT_TRUE(at::equal(lossSums(again), lossSums(first)));
}

TEST_P(RoutingConformance, StateSurvivesBitForBit)
{
    const auto before = examined(subject(), 1);
    const auto after = examined(subject(), 99);
    const c10::NoGradGuard noGrad;
    for (const ParameterStore::Entry& entry : after->store.parameters())
        entry.value.copy_(before->parameter(entry.name));
    ASSERT_EQ(before->store.buffers().size(), after->store.buffers().size());
    for (std::size_t i = 0; i < before->store.buffers().size(); ++i)
        after->store.buffers()[i].value.copy_(before->store.buffers()[i].value);
    for (const bool training : {true, false}) {
        const RouteContext context = contextOf(hiddenOf(32), 16, training);
        EXPECT_EQ(planText(after->router->route(context)), planText(before->router->route(context)));
    }
}

TEST_P(RoutingConformance, InitialNumbersDependOnTheSeedAlone)
{
    const std::int64_t experts = subject().numFeedForward();
    const auto first = subject().fixture(experts, 4), second = subject().fixture(experts, 4),
               third = subject().fixture(experts, 5);
    const RouterFixture &one = *first, &same = *second, &other = *third;
    EXPECT_TRUE(at::equal(one.store.master(), same.store.master()));
    for (std::size_t i = 0; i < one.store.buffers().size(); ++i)
        EXPECT_TRUE(at::equal(one.store.buffers()[i].value, same.store.buffers()[i].value));
    if (!one.trainedByGradient().empty()) {
        EXPECT_FALSE(at::equal(one.store.master(), other.store.master()));
    }
}

TEST_P(RoutingConformance, SmallestAndLargestShapesAreDefined)
{
    const auto fixture = examined(subject());
    for (const bool training : {true, false}) {
        RouteContext one = contextOf(hiddenOf(1), 1, training);
        expectConsistent(fixture->router->route(one));
        expectConsistent(fixture->router->route(contextOf(hiddenOf(3), 3, training)));
    }
    const bool hasK = subject().recipe.selector.part == "top-k";
    if (hasK && subject().numExperts() > 1) {
        const std::int64_t experts = subject().numExperts();
        const RoutePlan plan =
            subject().fixture(subject().numFeedForward(), 1, experts)->router->route(contextOf(hiddenOf(5), 5, false));
        expectConsistent(plan);
        EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), Ints(static_cast<std::size_t>(experts), 5))
            << "k = E takes every expert";
    }
}

// Renormalised weights and one expert: refused before there is a router, whatever the recipe.
TEST_P(RoutingConformance, OneExpertWorksOrIsRefused)
{
    const RoutingConfig routing = subject().routing(1);
    const Catalog catalog = testCatalog();
    const bool refused = catalog.part(Slot::Weigher, routing.weigher.part)->minimumChoices > 1
        || routing.selector.part == "top-2-random";
    if (refused) {
        EXPECT_DEATH(subject().fixture(1), "needs k >= 2|k is at most the number of experts");
        return;
    }
    const auto one = subject().fixture(1);
    RouterFixture& fixture = *one;
    for (const bool training : {true, false}) {
        const RouteContext context = contextOf(hiddenOf(16), 16, training);
        const RoutePlan plan = fixture.router->route(context);
        expectConsistent(plan);
        if (!subject().has(Trait::VariableK) && numRoutedExperts(fixture.model) == 1) {
            EXPECT_EQ(numbersOf<std::int64_t>(plan.kept_E), Ints{16}) << "one expert has places for all";
        }
        for (const AuxLoss& loss : lossesOf(*fixture.router, context, plan))
            EXPECT_TRUE(std::isfinite(loss.value.item<double>())) << loss.name;
    }
}

TEST_P(RoutingConformance, IdenticalTokensAreTreatedAlike)
{
    const auto fixture = examined(subject());
    const at::Tensor same = hiddenOf(1).expand({32, kWidth}).contiguous();
    const RoutePlan plan = fixture->router->route(contextOf(same, 32, false));
    expectConsistent(plan);
    const auto expert = numbersOf<std::int64_t>(plan.expert_M);
    const std::size_t perToken = expert.size() / 32;
    const bool placesForSome = subject().has(Trait::VariableK) && subject().has(Trait::LeaksFutureInEvaluation);
    for (std::size_t i = perToken; i < expert.size() && !placesForSome; ++i)
        EXPECT_EQ(expert[i], expert[i - perToken]);
    expectConsistent(fixture->router->route(contextOf(same, 32, true)));
}

TEST_P(RoutingConformance, AnEmptyExpertIsAnEmptyRange)
{
    if (subject().numExperts() == 1)
        return;
    const auto fixture = examined(subject());
    const RouteContext context = contextOf(hiddenOf(2), 2, true);  // fewer pairs than experts
    const RoutePlan plan = fixture->router->route(context);
    expectConsistent(plan);
    if (plan.token_M.numel() < subject().numExperts()) {
        EXPECT_EQ(plan.kept_E.min().item<std::int64_t>(), 0);
    }
    for (const AuxLoss& loss : lossesOf(*fixture->router, context, plan))
        EXPECT_TRUE(std::isfinite(loss.value.item<double>())) << loss.name;
}

TEST_P(RoutingConformance, PaddingChangesNothing)
{
    const auto fixture = examined(subject());
    const at::Tensor valid = at::ones({32}, at::kBool);
    valid.slice(0, 10, 16).fill_(false);
    valid.slice(0, 28, 32).fill_(false);
    const at::Tensor one = hiddenOf(32), other = at::where(valid.unsqueeze(1), one, hiddenOf(32, 8) * 3);
    for (const bool training : {true, false}) {
        RouteContext context = contextOf(one, 16, training), changed = contextOf(other, 16, training);
        context.valid_T = changed.valid_T = valid;
        const RoutePlan plan = fixture->router->route(context), again = fixture->router->route(changed);
        expectConsistent(plan);
        EXPECT_EQ(plan.numTokens, 22);
        EXPECT_TRUE(at::equal(lossSums(plan), lossSums(again)));
        EXPECT_EQ(plan.entropySum.item<double>(), again.entropySum.item<double>());
        for (const auto& [begin, end] : {std::pair{0, 10}, std::pair{16, 28}})
            EXPECT_EQ(planText(plan, begin, end, 17), planText(again, begin, end, 17));
        const auto losses = lossesOf(*fixture->router, context, plan),
                   same = lossesOf(*fixture->router, changed, again);
        for (std::size_t i = 0; i < losses.size(); ++i)
            EXPECT_EQ(losses[i].value.item<double>(), same[i].value.item<double>()) << losses[i].name;
    }
}

TEST_P(RoutingConformance, Bf16TokensAreRoutedInFp32)
{
    const auto fixture = examined(subject());
    const at::Tensor exact = hiddenOf(256), rounded = exact.to(at::kBFloat16);
    const RoutePlan plan = fixture->router->route(contextOf(rounded, 16, false));
    EXPECT_EQ(plan.weight_M.scalar_type(), at::kFloat);
    EXPECT_EQ(plan.logits_TE.scalar_type(), at::kFloat);
    expectConsistent(plan);
    EXPECT_EQ(planText(plan), planText(fixture->router->route(contextOf(rounded.to(at::kFloat), 16, false))));

    const auto unrounded = planText(fixture->router->route(contextOf(exact, 16, false)), 0);
    const auto found = planText(plan, 0);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
        equal += found[i] == unrounded[i];
    RecordProperty("tokens routed as in fp32", static_cast<int>(100 * equal / found.size()));
    EXPECT_GT(equal, found.size() * 9 / 10);
}

TEST_P(RoutingConformance, NonFiniteTokensHarmNoOtherToken)
{
    const auto fixture = examined(subject());
    const at::Tensor hidden = hiddenOf(32);
    const RoutePlan clean = fixture->router->route(contextOf(hidden, 16, false));
    at::Tensor broken = hidden.clone();
    broken[31].fill_(std::nan(""));
    const RoutePlan plan = fixture->router->route(contextOf(broken, 16, false));
    for (const std::int64_t expert : numbersOf<std::int64_t>(plan.expert_M))
        EXPECT_TRUE(expert >= 0 && expert < subject().numExperts());
    if (!subject().has(Trait::LeaksFutureInEvaluation)) {
        EXPECT_EQ(planText(plan, 0, 31, 17), planText(clean, 0, 31, 17));
    }
    fixture->router->route(contextOf(broken, 16, true));
}

// Where no pair is dropped, a token's experts do not depend on its place.
TEST_P(RoutingConformance, PermutedTokensHavePermutedPlans)
{
    const auto fixture = examined(subject());
    const at::Tensor hidden = hiddenOf(32);
    Ints permutation(32);
    for (std::size_t i = 0; i < 32; ++i)
        permutation[i] = static_cast<std::int64_t>((i * 13 + 5) % 32);
    const RoutePlan plan = fixture->router->route(contextOf(hidden, 32, false));
    if (plan.kept_E.sum().item<std::int64_t>() != plan.token_M.numel())
        return;
    const RoutePlan permuted =
        fixture->router->route(contextOf(hidden.index_select(0, at::tensor(permutation)), 32, false));
    const auto lines = planText(plan, 5), permutedLines = planText(permuted, 5);
    for (std::size_t i = 0; i < 32; ++i)
        EXPECT_EQ(permutedLines[i], lines[static_cast<std::size_t>(permutation[i])]);
}

TEST(RoutingConformanceCount, RecipeTimesPromise)
{
    int promises = 0;
    std::size_t cases = 0;
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const testing::TestSuite& suite = *all.GetTestSuite(i);
        if (!std::string_view(suite.name()).starts_with("Every/"))
            continue;
        cases += static_cast<std::size_t>(suite.total_test_count());
        promises += suite.total_test_count() / static_cast<int>(subjects().size());
    }
    const Catalog catalog = testCatalog();
    std::printf("%zu recipes, %zu parts and %zu settings x %d promises = %zu cases\n", catalog.recipes.size(),
        catalog.parts.size(), subjects().size() - catalog.recipes.size() - catalog.parts.size(), promises, cases);
    EXPECT_EQ(cases, subjects().size() * static_cast<std::size_t>(promises));
    EXPECT_GE(promises, 18);
}

}  // namespace
}  // namespace moescope
