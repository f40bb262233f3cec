// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What selectors share that look at many tokens before they decide: whose scores they see, which tokens compete, and
// how a set of chosen entries becomes a list of pairs. N rows of scores, T tokens of this rank, E experts.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/routing/part_registry.h"

namespace moescope {

struct TokenGroup {
    std::vector<std::int64_t> rows;  ///< of the scope's scores, rising; padding and tokens with NaN are left out
};

struct SelectionScope {
    at::Tensor scores_NE;       ///< fp64, contiguous, without graph
    std::int64_t firstOwn = 0;  ///< row of this rank's token 0
    std::int64_t numOwn = 0;    ///< T
    std::vector<TokenGroup> groups;

    std::int64_t numExperts() const { return scores_NE.size(1); }
    const double* row(std::int64_t n) const { return scores_NE.const_data_ptr<double>() + n * numExperts(); }
    bool isOwn(std::int64_t n) const { return n >= firstOwn && n < firstOwn + numOwn; }
};

/// One group for each sequence, or one for the whole micro-batch: over all ranks where the context has a group (one
/// all-reduce of N E numbers; every rank has equally many tokens), so that all ranks decide the same.
SelectionScope selectionScope(const RouteContext& context, const at::Tensor& scores_TE, bool bySequence);

/// Entries of scores_NE, row after row.
using EntryMask = std::vector<bool>;

/// This rank's chosen entries as pairs: tokens in order, a token's best score first, equal ones by expert.
Selector::Selection pairsOf(const SelectionScope& scope, const EntryMask& chosen_NE);

/// The field `group` and the trait that goes with its first choice.
Field tokenGroupField();
ConditionalTrait coupledByTokenGroup();
bool groupsAreSequences(const PartArgs& args);

}  // namespace moescope
