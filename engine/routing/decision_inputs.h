// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The tensors of a single decision, checked before anything computes with them.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/config/router_interface.h"
#include "engine/config/run_config.h"
#include "engine/routing/named_tensors.h"
#include "engine/routing/router.h"

namespace moescope {

class ParameterStore;

/// `hidden`: a float type, [T, d], neither empty, all numbers finite.
Result<at::Tensor> hiddenOf(const NamedTensors& tensors);

/// Everything but the weights, against the sizes of `model`: what the recipe needs is there; shapes, types and ranges
/// hold.
Result<void> checkInputs(
    const NamedTensors& tensors, const RouterInterface& router, const ModelConfig& model, bool initialExperts);

/// Copies the weights that are given over the initial ones. Shapes must be equal, numbers finite, whole where the state
/// counts.
Result<void> takeWeights(const NamedTensors& tensors, ParameterStore& store);

/// Fills the context from checked inputs. `sequenceLength` 0: as sequence_ids say, else one sequence. An error where
/// the tokens are no whole sequences of one length.
Result<void> takeInputs(const NamedTensors& tensors, std::int64_t sequenceLength, RouteContext& context);

}  // namespace moescope
