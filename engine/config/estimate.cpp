// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/estimate.h"

#include <algorithm>

#include "engine/config/flops.h"
#include "engine/config/model_shape.h"

namespace moescope {

namespace {

constexpr double kLibraryBytes = 150e6;  ///< LibTorch at start 118 MB (spec: toolchain 1), program and recorder
constexpr double kAllocatorShare = 0.10;
constexpr double kFloatBytes = 4;

MemoryEstimate memoryOf(const RunConfig& config, const ModelShape& shape, double parameters)
{
    const double b = shape.computeBytes;
    // The peak is a step with a competition, in which all experts answer.
    const bool competes = config.routing.selector.part == "competition";
    const double k = competes ? shape.experts : shape.k;
    const double slots = shape.tokens * k;
    const double scores = config.model.attention == AttentionKernel::Fused ? kFloatBytes : 2 * b * shape.context;
    const double norm = kFloatBytes * shape.width + b * shape.width;  // residual stream and normalised copy
    const double attention = norm + b * (2 * shape.width + 2 * shape.kvWidth) + shape.heads * scores;
    const double moe = norm + 3 * kFloatBytes * shape.routed + b * k * shape.expertColumns * shape.expertSize + 12 * k
        + b * shape.shared * (shape.expertColumns + 1) * shape.expertSize;
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
double logBytes(const RunConfig& config, const ModelShape& shape)
{
    const double steps = static_cast<double>(config.training.steps);
    const double matrix = shape.moeBlocks * shape.routed;
    const double scalars = 900;  // about 20 tags with their names and framing
    double bytes = steps / static_cast<double>(config.record.every) * scalars;
    bytes += steps / static_cast<double>(config.record.loadEvery) * (matrix * (8 + 8 + 4) + 400);
    if (config.probe.every > 0) {
        const double tokens = static_cast<double>(config.probe.sequences) * static_cast<double>(config.probe.positions);
        bytes += steps / static_cast<double>(config.probe.every)
            * (2 * kFloatBytes * matrix * shape.routed + 8 * shape.moeBlocks * tokens * std::min(4.0, shape.routed));
    }
    return bytes;
}

/// A count that no machine reaches is cut off at the largest integer.
std::int64_t countOf(double number) { return static_cast<std::int64_t>(std::min(number, 9.2e18)); }

}  // namespace

Estimate estimateRun(const RunConfig& config, const Catalog& catalog)
{
    const ModelShape shape = modelShape(config, catalog);
    const ModelWeights weights = modelWeights(shape, config);
    const double blocks = shape.attentionBlocks + shape.moeBlocks + shape.denseBlocks;
    const double shared = shape.attentionBlocks * weights.attention + shape.denseBlocks * weights.dense
        + shape.moeBlocks * weights.router + weights.head + weights.embedding + (blocks + 1) * shape.norm;
    const double constants = static_cast<double>(config.model.constantExperts) * 3 * shape.width;
    const double experts = shape.moeBlocks * ((shape.experts + shape.shared) * weights.expert + constants);
    const FlopPlan mean = planMeanFlops(config, catalog);

    Estimate estimate;
    estimate.parameters = {countOf(shared + experts), countOf(mean.activeParameters), countOf(experts)};
    estimate.flopsPerToken = mean.perToken;
    estimate.routingShare = mean.routingShare;
    estimate.steps = plannedSteps(config, catalog);
    estimate.tokensPerStep = config.data.batchSequences * config.model.context;
    estimate.totalTokens = countOf(static_cast<double>(estimate.tokensPerStep) * static_cast<double>(estimate.steps));
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
