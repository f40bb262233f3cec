// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/model_shape.h"

#include <algorithm>

#include "engine/config/choice_schedule.h"
#include "engine/config/routed_experts.h"

namespace moescope {

namespace {

bool hasRouterBias(const RoutingConfig& routing)
{
    const auto bias = routing.scorer.settings.find("bias");
    return bias != routing.scorer.settings.end() && bias->second == Value(true);
}

}  // namespace

ModelShape modelShape(const RunConfig& config, const Catalog& catalog)
{
    const ModelConfig& model = config.model;
    const auto blocks = [&](char letter) {
        return static_cast<double>(std::ranges::count(model.blockPattern, letter))
            * static_cast<double>(model.numLayers);
    };
    ModelShape shape{};
    shape.width = static_cast<double>(model.hiddenSize);
    shape.heads = static_cast<double>(model.numHeads);
    shape.kvWidth = shape.width / shape.heads * static_cast<double>(model.numKvHeads);
    shape.context = static_cast<double>(model.context);
    shape.vocabulary = static_cast<double>(model.vocabulary);
    shape.experts = static_cast<double>(model.numExperts);
    shape.routed = static_cast<double>(numRoutedExperts(model));
    shape.k = static_cast<double>(std::min(choiceRange(config.routing, catalog, model.numExperts).most, model.numExperts));
    shape.expertSize = static_cast<double>(model.expertSize);
    shape.shared = static_cast<double>(model.numSharedExperts);
    shape.denseSize = static_cast<double>(model.denseSize);
    shape.expertColumns = model.activation == Activation::SwiGlu ? 2 : 1;
    shape.attentionBlocks = blocks('s');
    shape.moeBlocks = blocks('g');
    shape.denseBlocks = blocks('f');
    shape.norm = shape.width * (model.norm == Norm::LayerNorm ? 2 : 1);
    shape.computeBytes = config.training.precision == Precision::Bf16 ? 2 : 4;
    shape.tokens = static_cast<double>(config.data.batchSequences) * shape.context
        / static_cast<double>(config.parallel.ranks * config.training.accumulation);
    return shape;
}

ModelWeights modelWeights(const ModelShape& shape, const RunConfig& config)
{
    const ModelConfig& model = config.model;
    ModelWeights weights{};
    weights.attention = 2 * shape.width * shape.width + 2 * shape.width * shape.kvWidth;
    weights.router = shape.routed * (shape.width + (hasRouterBias(config.routing) ? 1 : 0));
    weights.expert = (shape.expertColumns + 1) * shape.width * shape.expertSize;
    weights.dense = (shape.expertColumns + 1) * shape.width * shape.denseSize;
    weights.head = shape.vocabulary * shape.width;
    weights.embedding =
        (model.tiedHead ? 0 : weights.head) + (model.positions == Positions::Learned ? shape.context * shape.width : 0);
    return weights;
}

}  // namespace moescope
