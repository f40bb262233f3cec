// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a top-k selector compares: the scores, and what a hook may have added to them.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/parts.h"

namespace moescope {

/// scores_TE + selectionBias_E where there is a bias, without graph. [T, E]
inline at::Tensor selectionScores(const RouterState& state, const RoutePlan& plan)
{
    const at::Tensor scores_TE = plan.scores_TE.detach();
    return state.selectionBias_E.defined() ? scores_TE + state.selectionBias_E : scores_TE;
}

}  // namespace moescope
