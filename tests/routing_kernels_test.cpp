// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/expert_order.h"
#include "tests/support/router_fixture.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using Ints = std::vector<std::int64_t>;
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(SoftmaxRows, IsTheSoftmaxWithinRoundingOfFp32)
{
    // Differences to the row's largest from 0 to -86: all that exp has to answer for in fp32.
    const at::Tensor falling = at::linspace(0, -86, 700).view({100, 7});
    const at::Tensor logits = at::cat({at::zeros({100, 1}), falling}, 1).add(3);
    at::Tensor entropy;
    const at::Tensor found = softmaxRows(logits, 1.0, &entropy), exact = at::softmax(logits.to(at::kDouble), 1);
    EXPECT_LT(((found.to(at::kDouble) - exact).abs() / exact).max().item<double>(), 6e-7);
    EXPECT_LT((entropy.to(at::kDouble) + (exact * exact.log()).sum(1)).abs().max().item<double>(), 1e-6);
}

TEST(SoftmaxRows, ExtremesAreDefined)
{
    const at::Tensor rows =
        at::tensor({-kInf, 0.0, 1.0, -1000.0, 1000.0, 1000.0, std::nan(""), 0.0, 0.0}).to(at::kFloat);
    at::Tensor entropy;
    const auto p = numbersOf<double>(softmaxRows(rows.view({3, 3}), 1.0, &entropy));
    EXPECT_EQ(p[0], 0);
    EXPECT_NEAR(p[1], 0.268941, 1e-6);
    EXPECT_THAT((std::vector<double>(p.begin() + 3, p.begin() + 6)), ElementsAre(0, 0.5, 0.5));
    EXPECT_TRUE(std::isnan(p[6]) && std::isnan(p[7]) && std::isnan(p[8])) << "a NaN is not hidden";
    EXPECT_NEAR(entropy[1].item<double>(), std::log(2.0), 1e-6);
}

TEST(SoftmaxRows, IsTheSameOnOneThreadAndOnTwo)
{
    const at::Tensor logits = initialNormal(1, "logits", {3000, 5}, 3.0);
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const at::Tensor one = softmaxRows(logits, 0.7);
    at::set_num_threads(2);
    EXPECT_TRUE(at::equal(softmaxRows(logits, 0.7), one));
    at::set_num_threads(before);
}

TEST(LogSumExpRows, IsTheOneOfLibTorch)
{
    const at::Tensor logits = initialNormal(1, "logits", {100, 7}, 30.0).to(at::kDouble);
    EXPECT_LT((logSumExpRows(logits) - at::logsumexp(logits, 1)).abs().max().item<double>(), 1e-12);
}

/// The definition: a stable sort by falling score, NaN as -inf.
Ints sortedTopK(const std::vector<double>& scores, std::int64_t choices)
{
    Ints columns(scores.size());
    std::iota(columns.begin(), columns.end(), 0);
    const auto order = [&](std::int64_t c) { return std::isnan(scores[c]) ? -kInf : scores[c]; };
    std::ranges::stable_sort(columns, [&](auto a, auto b) { return order(a) > order(b); });
    columns.resize(static_cast<std::size_t>(choices));
    return columns;
}

TEST(TopKRows, IsAStableSortForAnyK)
{
    // Few different values, so that rows are full of ties; NaN and infinities among them.
    const std::vector<double> values = {-kInf, -1, 0, 1, 2, kInf, std::nan("")};
    const auto draws = numbersOf<double>(initialNormal(4, "draws", {200 * 9}, 100.0));
    for (std::size_t row = 0; row < 200; ++row) {
        std::vector<double> scores(9);
        for (std::size_t c = 0; c < 9; ++c) {
            const auto draw = static_cast<std::size_t>(std::abs(draws[9 * row + c]) * 10);
            scores[c] = row % 2 == 0 ? values[draw % 7] : values[1 + draw % 4];
        }
        for (std::int64_t k = 1; k <= 9; ++k)
            EXPECT_EQ(numbersOf<std::int64_t>(topKRows(at::tensor(scores, at::kDouble).view({1, 9}), k)),
                sortedTopK(scores, k))
                << testing::PrintToString(scores) << " k = " << k;
    }
}

TEST(ExpertOrder, IsStableAndLeavesOutWhatIsNotKept)
{
    const at::Tensor expert = at::tensor(Ints{2, 0, 2, 1, 0, 2, 3}, at::kLong);
    const at::Tensor kept = at::tensor(Ints{1, 1, 1, 0, 1, 1, 1}, at::kLong).to(at::kBool);
    const ExpertOrder order = orderByExpert(expert, kept, 5);
    EXPECT_THAT(numbersOf<std::int64_t>(order.order_N), ElementsAre(1, 4, 0, 2, 5, 6));
    EXPECT_THAT(numbersOf<std::int64_t>(order.offsets_E1), ElementsAre(0, 2, 2, 5, 6, 6));
    EXPECT_THAT(numbersOf<std::int64_t>(countByBucket(expert, kept, 5)), ElementsAre(2, 0, 3, 1, 0));
    EXPECT_THAT(numbersOf<bool>(firstOfToken(at::tensor(Ints{0, 0, 1, 1, 2}, at::kLong),
                    at::tensor(Ints{0, 1, 1, 1, 0}, at::kLong).to(at::kBool))),
        ElementsAre(false, true, true, false, false));
}

}  // namespace
}  // namespace moescope
