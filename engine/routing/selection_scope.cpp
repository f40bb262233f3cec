// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/selection_scope.h"

#include <algorithm>
#include <limits>

#include <ATen/ops/isnan.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "engine/base/check.h"
#include "engine/dist/group.h"

namespace moescope {

namespace {

const char* const kWholeBatch = "batch";
const char* const kSequence = "sequence";
constexpr double kLeftOut = -std::numeric_limits<double>::infinity();

/// fp64 copy in which tokens that take no part have -inf everywhere.
at::Tensor ownScores(const RouteContext& context, const at::Tensor& scores_TE)
{
    const c10::NoGradGuard noGrad;
    at::Tensor own_TE = scores_TE.detach().to(at::kDouble, /*non_blocking=*/false, /*copy=*/true).contiguous();
    at::Tensor leftOut_T = own_TE.isnan().any(1);
    if (context.valid_T.defined())
        leftOut_T = leftOut_T.logical_or(context.valid_T.logical_not());
    own_TE.masked_fill_(leftOut_T.unsqueeze(1), kLeftOut);
    return own_TE;
}

}  // namespace

SelectionScope selectionScope(const RouteContext& context, const at::Tensor& scores_TE, bool bySequence)
{
    SelectionScope scope;
    scope.scores_NE = ownScores(context, scores_TE);
    scope.numOwn = scores_TE.size(0);
    if (!bySequence && context.group != nullptr && context.group->size() > 1) {
        at::Tensor all_NE = at::zeros({scope.numOwn * context.group->size(), scores_TE.size(1)}, at::kDouble);
        scope.firstOwn = scope.numOwn * context.group->rank();
        all_NE.narrow(0, scope.firstOwn, scope.numOwn).copy_(scope.scores_NE);
        context.group->sum(all_NE);
        scope.scores_NE = all_NE;
    }
    const std::int64_t rows = scope.scores_NE.size(0), experts = scope.numExperts();
    const std::int64_t length = bySequence && context.sequenceLength > 0 ? context.sequenceLength : rows;
    MOESCOPE_CHECK(length == 0 || rows % length == 0, "the tokens are whole sequences");
    for (std::int64_t begin = 0; begin < rows; begin += length) {
        TokenGroup group;
        for (std::int64_t n = begin; n < begin + length; ++n)
            if (std::any_of(scope.row(n), scope.row(n) + experts, [](double score) { return score > kLeftOut; }))
                group.rows.push_back(n);
        scope.groups.push_back(std::move(group));
    }
    return scope;
}

Selector::Selection pairsOf(const SelectionScope& scope, const EntryMask& chosen_NE)
{
    const std::int64_t experts = scope.numExperts();
    std::vector<std::int64_t> token, expert;
    for (std::int64_t t = 0; t < scope.numOwn; ++t) {
        const std::int64_t n = scope.firstOwn + t;
        const double* score = scope.row(n);
        const auto first = static_cast<std::ptrdiff_t>(expert.size());
        for (std::int64_t e = 0; e < experts; ++e)
            if (chosen_NE[static_cast<std::size_t>(n * experts + e)])
                expert.push_back(e);
        std::stable_sort(expert.begin() + first, expert.end(),
            [score](std::int64_t a, std::int64_t b) { return score[a] > score[b]; });
        token.resize(expert.size(), t);
    }
    const auto pairs = static_cast<std::int64_t>(token.size());
    Selector::Selection selection;
    selection.token_M = at::zeros({pairs}, at::kLong);
    selection.expert_M = at::zeros({pairs}, at::kLong);
    std::ranges::copy(token, selection.token_M.mutable_data_ptr<std::int64_t>());
    std::ranges::copy(expert, selection.expert_M.mutable_data_ptr<std::int64_t>());
    return selection;
}

Field tokenGroupField()
{
    return choiceField("group", "Tokens that compete", {kWholeBatch, kSequence},
        "The batch: all tokens of a micro-batch over all ranks. One sequence: each by itself, so that sequences do not "
        "influence each other.");
}

ConditionalTrait coupledByTokenGroup() { return {Trait::BatchCoupled, {{"group", 0, {kWholeBatch}}}}; }

bool groupsAreSequences(const PartArgs& args) { return args.text("group") == kSequence; }

}  // namespace moescope
