// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The losses beside the language model: computed after the forward pass, with counts summed over all ranks.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/model/moe_layer.h"
#include "engine/routing/router.h"

namespace moescope {

class Group;

/// What a MoE layer leaves behind for losses and statistics.
struct LayerTrace {
    MoeLayer* layer = nullptr;
    RouteContext context;
    RoutePlan plan;
};

struct AuxiliaryLosses {
    std::vector<AuxLoss> byName;  ///< raw values summed over the layers, in order of first appearance
    at::Tensor weighted;          ///< sum over layers of coefficient * value; undefined without losses
};

/// One collective for the counts of all layers (none for a group of one or null), then each router's losses.
AuxiliaryLosses auxiliaryLosses(const std::vector<LayerTrace>& layers, Group* group);

}  // namespace moescope
