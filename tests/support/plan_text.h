// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A decision as visible text, token by token, so that two of them compare whole and a failure shows what differs.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/router_fixture.h"

namespace moescope {

/// One text per token in [begin, end): "3:0.731059x 0:0.268941" is expert 3 with its weight, dropped, then expert 0.
/// `digits` of the weight are shown: 17 means bit for bit, 0 the experts alone.
inline std::vector<std::string> planText(const RoutePlan& plan, std::int64_t begin, std::int64_t end, int digits)
{
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
