// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A decision as visible text, token by token, so that two of them compare whole and a failure shows what differs.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <ATen/TensorOperators.h>

#include "engine/routing/dense_plan.h"
#include "tests/support/router_fixture.h"

namespace moescope {

/// A dense plan has no pairs: one number per token that changes with every weight that its answer depends on. Positive
/// sums in fp64, so that equal weights give equal texts.
inline std::vector<std::string> denseText(const RoutePlan& plan, std::int64_t begin, std::int64_t end, int digits)
{
    const DensePlan& dense = *plan.dense;
    const std::int64_t tokens = plan.logits_TE.size(0);
    const auto prices = [](const char* name, std::int64_t count) {
        return initialNormal(9, name, {count}, 1).to(at::kDouble).exp();
    };
    at::Tensor value_T;
    if (dense.mixesParameters()) {
        const at::Tensor value_G11 = dense.mix_GE.detach().to(at::kDouble).matmul(prices("mix", dense.mix_GE.size(1)));
        const std::int64_t length = dense.token_GN.defined() ? dense.token_GN.size(1) : tokens / dense.numGroups;
        value_T = rowsOfTokens(dense, value_G11.view({-1, 1, 1}).expand({-1, length, 1}), tokens);
    } else {
        const at::Tensor dispatch_GSN = dense.dispatch_GSN.detach().to(at::kDouble);
        const at::Tensor input_GS = dispatch_GSN.matmul(prices("tokens", dispatch_GSN.size(2)));
        const at::Tensor answer_GS1 = (input_GS + 1).mul(prices("slots", input_GS.size(1))).unsqueeze(2);
        value_T = rowsOfTokens(dense, dense.combine_GNS.detach().to(at::kDouble).matmul(answer_GS1), tokens);
    }
    std::vector<std::string> lines;
    for (const double value : numbersOf<double>(value_T.slice(0, begin, end))) {
        char number[40];
        std::snprintf(number, sizeof number, "%.*g", std::min(digits, 12), value);  // sums may round in another order
        lines.emplace_back(number);
    }
    return lines;
}

/// One text per token in [begin, end): "3:0.731059x 0:0.268941" is expert 3 with its weight, dropped, then expert 0.
/// `digits` of the weight are shown: 17 means bit for bit, 0 the experts alone.
inline std::vector<std::string> planText(const RoutePlan& plan, std::int64_t begin, std::int64_t end, int digits)
{
    if (plan.dense)
        return denseText(plan, begin, end, std::max(digits, 6));
    const auto token = numbersOf<std::int64_t>(plan.token_M), expert = numbersOf<std::int64_t>(plan.expert_M);
    const auto weight = numbersOf<double>(plan.weight_M);
    const auto kept = plan.kept_M.defined() ? numbersOf<bool>(plan.kept_M) : std::vector<bool>(token.size(), true);
    std::vector<std::string> lines(static_cast<std::size_t>(end - begin));
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] < begin || token[i] >= end)
            continue;
        char number[40] = "";
        if (digits > 0)
            std::snprintf(number, sizeof number, ":%.*g", digits, weight[i]);
        const std::string pair = std::to_string(expert[i]) + number + (kept[i] ? " " : "x ");
        lines[static_cast<std::size_t>(token[i] - begin)] += pair;
    }
    return lines;
}

inline std::vector<std::string> planText(const RoutePlan& plan, int digits = 17)
{
    return planText(plan, 0, plan.logits_TE.size(0), digits);
}

}  // namespace moescope
