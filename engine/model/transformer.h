// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The language model: a decoder built from a block pattern, with a MoE layer for every `g`.
// B sequences, S positions, L MoE layers, E experts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/base/ids.h"
#include "engine/config/run_config.h"
#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

class Group;
class MoeLayer;

struct TokenBatch {
    at::Tensor tokens_BS, targets_BS;  ///< int64; targets are the next tokens
    std::int64_t firstSequence = 0;    ///< number of sequence 0 in the global batch
};

struct ForwardContext {
    Step step;  ///< the step that this forward belongs to (1 = the first update)
    std::int64_t totalSteps = 0;
    std::uint64_t seed = 0;
    bool training = false;
    bool recordStats = false;
    Group* group = nullptr;  ///< null = one process
};

struct LayerStats {
    at::Tensor assigned_LE, kept_LE;  ///< int64, local
    at::Tensor probabilitySum_LE;     ///< fp32, local sums over tokens
    at::Tensor entropySum_L;          ///< fp32, nats
    std::int64_t tokens = 0;          ///< local, per layer
};

struct ForwardResult {
    at::Tensor nats_BS;           ///< fp32 cross-entropy of every target; detached unless training
    at::Tensor languageModel;     ///< scalar: mean of nats_BS, carries the graph in training
    at::Tensor total;             ///< languageModel + sum over layers of coefficient * auxiliary loss
    std::vector<AuxLoss> losses;  ///< by name, raw, summed over the MoE layers; empty in evaluation
    LayerStats stats;             ///< filled when recordStats
    std::int64_t answers = 0;     ///< of routed experts to tokens, all MoE layers and losses; in training
};

/// What went into one MoE layer and whom its router chose.
struct MoePass {
    at::Tensor input_TD;
    RoutePlan plan;
};

/// Training thread only. Weights depend on (seed, config) and on nothing else.
class Transformer {
public:
    Transformer(const ModelConfig& model, const RoutingConfig& routing, Precision precision, std::uint64_t seed);
    ~Transformer();
    Transformer(const Transformer&) = delete;
    Transformer& operator=(const Transformer&) = delete;

    ForwardResult forward(const TokenBatch& batch, const ForwardContext& context);

    ParameterStore& parameters();
    const std::vector<MoeLayer*>& moeLayers();  ///< in order; layer ordinal = index
    std::vector<int> moeBlocks() const;         ///< block index of each MoE layer

    /// Runs the tokens in evaluation and returns what every MoE layer saw and decided: no graph, no statistics, no
    /// noise. For the probe.
    std::vector<MoePass> moePasses(const TokenBatch& batch);

    bool needsTokenCounts();                        ///< of any router
    void onTokenCounts(const at::Tensor& counts_V);  ///< int64 [V]: how often the training text has each token
    void onStepBegin(Step step, std::int64_t totalSteps);

    /// Lets the routers' hooks change the experts' gradients, after the sum over ranks and equally on all of them. True
    /// when one did. Null group = one process.
    bool adjustGradients(Step step, Group* group);
    void onStepEnd(Step step, std::int64_t totalSteps, const at::Tensor& assigned_LE, std::int64_t tokens);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
