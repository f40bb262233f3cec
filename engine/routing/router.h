// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One routing decision: what a router sees, what it returns, and the parts that it is made of.
// T tokens of the local micro-batch, D model width, E routed experts, K choices, M (token, expert) pairs (never assume M = T*K).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/base/ids.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

class Group;
class ParameterStore;

/// Lets a part see what experts answer. Implemented by the expert bank.
class ExpertOutputs {
public:
    virtual ~ExpertOutputs() = default;
    virtual int numExperts() const = 0;
    virtual at::Tensor all(const at::Tensor& hidden_TD) const = 0;  ///< [E, T, D], ungated, carries the graph
    virtual at::Tensor one(ExpertId expert, const at::Tensor& hidden_TD) const = 0;  ///< [T, D]
};

struct RouteContext {
    at::Tensor hidden_TD;  ///< any float type; routers compute in fp32
    at::Tensor tokens_T, positions_T, sequences_T;  ///< int64; sequences by global number
    at::Tensor valid_T;  ///< bool; undefined = all
    std::int64_t firstToken = 0;  ///< global index of token 0, so that noise is equal for any number of ranks
    std::int64_t sequenceLength = 0;  ///< tokens per sequence; T is a multiple of it (1 token: 1)
    LayerId layer;
    int numLayers = 1;
    Step step;
    std::int64_t totalSteps = 0;  ///< training.steps, for schedules
    std::uint64_t seed = 0;  ///< of the run; noise is a function of (seed, layer, step, global token, expert)
    bool training = false;
    bool recordStats = true;  ///< false in recomputation and probes
    const ExpertOutputs* experts = nullptr;
    at::Tensor carry;  ///< from the previous MoE layer; undefined for the first
};

struct AuxLoss {
    std::string name;
    at::Tensor value;  ///< scalar, raw (without its coefficient), mean form; carries the graph
    double coefficient = 0;
};

/// Pairs in token order (token 0's choices first, best first). `order_M` sorts the kept pairs by expert, stable in token order.
struct RoutePlan {
    at::Tensor token_M, expert_M;  ///< int64
    at::Tensor weight_M;  ///< fp32, carries the graph
    at::Tensor kept_M;  ///< bool; undefined = all kept
    at::Tensor order_N;  ///< int64 [N]: indices into M of the kept pairs, by expert
    at::Tensor offsets_E1;  ///< int64 [E+1] on the CPU: expert e owns order_N[offsets[e] .. offsets[e+1])
    at::Tensor assigned_E, kept_E;  ///< int64: counts before and after capacity
    std::int64_t choices = 0;  ///< K where every token has exactly K pairs, else 0

    at::Tensor logits_TE, probs_TE;  ///< fp32, carry the graph for the losses; detach before keeping
    at::Tensor entropySum;  ///< scalar: sum over valid tokens of H(p_t), nats, detached
    std::int64_t numTokens = 0;  ///< valid ones
    at::Tensor carry;
};

/// What a loss part sees after the whole forward pass: counts are already summed over all ranks.
struct LossContext {
    const RouteContext& route;
    const RoutePlan& plan;
    at::Tensor globalAssigned_E;  ///< int64, over all ranks
    at::Tensor globalFirst_E;  ///< int64: first choices only
    std::int64_t globalTokens = 0;
    int numRanks = 1;
};

/// Global numbers after an optimiser step, for hooks (bias update, λ, EMA): summed over micro-batches and ranks.
struct StepStats {
    Step step;
    std::int64_t totalSteps = 0;
    at::Tensor assigned_E;  ///< int64
    std::int64_t tokens = 0;
};

/// One MoE layer's router: parts in a row. Training thread only.
class Router {
public:
    virtual ~Router() = default;
    virtual RoutePlan route(const RouteContext& context) = 0;
    virtual std::vector<AuxLoss> losses(const LossContext& context) = 0;
    virtual void onStepBegin(Step step, std::int64_t totalSteps) = 0;
    virtual void onStepEnd(const StepStats& stats) = 0;
};

/// Builds a layer's router; its parameters and buffers go into `parameters` under `prefix` ("layers.3.moe.router").
/// The initial numbers depend only on (seed, layer). Errors are ours: the configuration was checked.
std::unique_ptr<Router> makeRouter(const RoutingConfig& routing, const ModelConfig& model, LayerId layer, std::uint64_t seed,
    ParameterStore& parameters, const std::string& prefix);

}  // namespace moescope
