// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/estimate.h"

#include <algorithm>

#include "engine/config/routed_experts.h"

namespace moescope {

namespace {

constexpr double kLibraryBytes = 150e6;  ///< LibTorch at start 118 MB (spec: toolchain 1), program and recorder
constexpr double kAllocatorShare = 0.10;
constexpr double kFloatBytes = 4;

/// Sizes that recur, as double: products of checked fields can pass 2^63.
struct Shape {
    double width, heads, kvWidth, context, vocabulary, experts, k, expertSize, shared, denseSize;
    double routed;         ///< columns of the router
    double expertColumns;  ///< of the first matrix: gate and up for SwiGLU
    double attentionBlocks, moeBlocks, denseBlocks;
    double norm;  ///< parameters of one norm
    double computeBytes;
    double tokens;  ///< of one micro-batch on one rank
};

Shape shapeOf(const RunConfig& config, const Catalog& catalog)
{
    const ModelConfig& model = config.model;
    const auto blocks = [&](char letter) {
        return static_cast<double>(std::ranges::count(model.blockPattern, letter))
            * static_cast<double>(model.numLayers);
    };
    Shape shape{};
    shape.width = static_cast<double>(model.hiddenSize);
    shape.heads = static_cast<double>(model.numHeads);
    shape.kvWidth = shape.width / shape.heads * static_cast<double>(model.numKvHeads);
    shape.context = static_cast<double>(model.context);
    shape.vocabulary = static_cast<double>(model.vocabulary);
    shape.experts = static_cast<double>(model.numExperts);
    shape.routed = static_cast<double>(numRoutedExperts(model));
    shape.k = static_cast<double>(std::min(choicesOf(config.routing, catalog), model.numExperts));
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

struct Weights {
    double attention, router, expert, dense, head, embedding;  ///< of one block, one expert, the whole model
};

bool hasRouterBias(const RoutingConfig& routing)
{
    const auto bias = routing.scorer.settings.find("bias");
    return bias != routing.scorer.settings.end() && bias->second == Value(true);
}

Weights weightsOf(const Shape& shape, const RunConfig& config)
{
    const ModelConfig& model = config.model;
    Weights weights{};
    weights.attention = 2 * shape.width * shape.width + 2 * shape.width * shape.kvWidth;
    weights.router = shape.routed * (shape.width + (hasRouterBias(config.routing) ? 1 : 0));
    weights.expert = (shape.expertColumns + 1) * shape.width * shape.expertSize;
    weights.dense = (shape.expertColumns + 1) * shape.width * shape.denseSize;
    weights.head = shape.vocabulary * shape.width;
    weights.embedding =
        (model.tiedHead ? 0 : weights.head) + (model.positions == Positions::Learned ? shape.context * shape.width : 0);
    return weights;
}

MemoryEstimate memoryOf(const RunConfig& config, const Shape& shape, double parameters)
{
    const double b = shape.computeBytes;
    const double slots = shape.tokens * shape.k;
    const double scores = config.model.attention == AttentionKernel::Fused ? kFloatBytes : 2 * b * shape.context;
    const double norm = kFloatBytes * shape.width + b * shape.width;  // residual stream and normalised copy
    const double attention = norm + b * (2 * shape.width + 2 * shape.kvWidth) + shape.heads * scores;
    const double moe = norm + 3 * kFloatBytes * shape.routed + b * shape.k * shape.expertColumns * shape.expertSize
        + 12 * shape.k + b * shape.shared * (shape.expertColumns + 1) * shape.expertSize;
    const double dense = norm + b * (shape.expertColumns + 1) * shape.denseSize;
    const double head = norm + 2 * kFloatBytes * shape.vocabulary;

    MemoryEstimate memory;
    memory.weights = parameters * (kFloatBytes + (b < kFloatBytes ? b : 0));
    memory.gradients = parameters * kFloatBytes;
    memory.optimizer = parameters * 2 * kFloatBytes;
    memory.activations =
        shape.tokens * (shape.attentionBlocks * attention + shape.moeBlocks * moe + shape.denseBlocks * dense + head);
    memory.expertBuffers =
        shape.moeBlocks == 0 ? 0 : slots * b * (4 * shape.width + 2 * (shape.expertColumns + 1) * shape.expertSize);
    memory.margin = kLibraryBytes + kAllocatorShare * memory.total();
    return memory;
}

/// Bytes that the log grows by in the whole run; spec: formats 2.1.
double logBytes(const RunConfig& config, const Shape& shape)
{
    const double steps = static_cast<double>(config.training.steps);
    const double matrix = shape.moeBlocks * shape.routed;
    const double scalars = 900;  // about 20 tags with their names and framing
    double bytes = steps / static_cast<double>(config.record.every) * scalars;
    bytes += steps / static_cast<double>(config.record.loadEvery) * (matrix * (8 + 8 + 4) + 400);
    if (config.probe.every > 0)
        bytes += steps / static_cast<double>(config.probe.every) * 2 * kFloatBytes * matrix * shape.routed;
    return bytes;
}

/// A count that no machine reaches is cut off at the largest integer.
std::int64_t countOf(double number) { return static_cast<std::int64_t>(std::min(number, 9.2e18)); }

}  // namespace

Estimate estimateRun(const RunConfig& config, const Catalog& catalog)
{
    const Shape shape = shapeOf(config, catalog);
    const Weights weights = weightsOf(shape, config);
    const double blocks = shape.attentionBlocks + shape.moeBlocks + shape.denseBlocks;
    const double shared = shape.attentionBlocks * weights.attention + shape.denseBlocks * weights.dense
        + shape.moeBlocks * weights.router + weights.head + weights.embedding + (blocks + 1) * shape.norm;
    const double constants = static_cast<double>(config.model.constantExperts) * 3 * shape.width;
    const double experts = shape.moeBlocks * ((shape.experts + shape.shared) * weights.expert + constants);
    const double activeExperts = shape.moeBlocks * (shape.k + shape.shared) * weights.expert;

    Estimate estimate;
    estimate.parameters = {countOf(shared + experts), countOf(shared + activeExperts), countOf(experts)};
    const double multiplied = shape.attentionBlocks * weights.attention + shape.denseBlocks * weights.dense
        + shape.moeBlocks * weights.router + activeExperts + weights.head;
    estimate.flopsPerToken = 6 * multiplied + shape.attentionBlocks * 6 * shape.context * shape.width;
    estimate.tokensPerStep = config.data.batchSequences * config.model.context;
    estimate.totalTokens =
        countOf(static_cast<double>(estimate.tokensPerStep) * static_cast<double>(config.training.steps));
    estimate.memory = memoryOf(config, shape, shared + experts);
    estimate.checkpointBytes = (shared + experts) * 3 * kFloatBytes;
    const double kept = static_cast<double>(config.checkpoint.keepLast) + (config.checkpoint.keepBest ? 1 : 0) + 1;
    const double written =
        config.checkpoint.every == 0 ? 1 : 1 + static_cast<double>(config.training.steps / config.checkpoint.every);
    estimate.diskBytes = estimate.checkpointBytes * std::min(kept, written) + logBytes(config, shape);
    return estimate;
}

double secondsAt(const Estimate& estimate, double tokensPerSecond)
{
    return static_cast<double>(estimate.totalTokens) / tokensPerSecond;
}

}  // namespace moescope
