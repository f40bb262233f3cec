// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One routing decision outside training: tensors in, the plan as tensors out. What `route` and its server run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/routing/named_tensors.h"

namespace moescope {

struct DecisionRequest {
    std::string recipe;
    /// key=value: of the configuration (routing.selector.k=2, model.num_experts=4, seed=3, training.steps=1000), and
    /// those of decisionKeys().
    std::vector<std::string> settings;
    /// By name: `hidden` and the other inputs and weights that describeRouter lists. Weights that are missing get the
    /// initial numbers of the seed.
    NamedTensors tensors;
};

struct DecisionLoss {
    std::string name;
    double value = 0;  ///< raw, in mean form
    double coefficient = 0;
};

struct Decision {
    /// token, expert, weight, taken and kept [M]; assigned and kept_counts [E] (before and after capacity); logits,
    /// scores and probabilities [T, E]; entropy [T]; carry where the recipe hands one on. A dense plan has
    /// group_tokens, dispatch, combine, mix and share in place of the pairs (DensePlan).
    NamedTensors plan;
    std::vector<DecisionLoss> losses;  ///< of training; evaluation has none
    NamedTensors weights;              ///< of the router, as this decision used them
    std::int64_t step = 0;
    bool training = true;
};

struct DecisionKey {
    std::string name, fallback, help;
};

/// Keys of a request that are no configuration: step, training, layer, layers, sequence_length, experts.
const std::vector<DecisionKey>& decisionKeys();

/// Wrong settings are errors of kind User; missing or unknown tensors, other shapes and types, numbers that are not
/// finite and ids out of range are errors of kind Data. Nothing is kept between two calls. Calling thread; takes
/// LibTorch's threads as they are set.
Result<Decision> decideOnce(const DecisionRequest& request, const Catalog& catalog);

}  // namespace moescope
