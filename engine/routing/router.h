// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One routing decision: what a router sees, what it returns, and the parts that it is made of.
// T tokens of the local micro-batch, D model width, E routed experts, K choices, M (token, expert) pairs (never assume
// M = T*K).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/base/ids.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

class ExpertGradientRule;
class Group;
class ParameterStore;
class ResidualRule;

/// Lets a part see what experts answer. Implemented by the expert bank.
class ExpertOutputs {
public:
    virtual ~ExpertOutputs() = default;
    virtual int numExperts() const = 0;
    virtual at::Tensor all(const at::Tensor& hidden_TD) const = 0;  ///< [E, T, D], ungated, carries the graph
    virtual at::Tensor one(ExpertId expert, const at::Tensor& hidden_TD) const = 0;  ///< [T, D]
};

struct RouteContext {
    at::Tensor hidden_TD;                           ///< any float type; routers compute in fp32
    at::Tensor tokens_T, positions_T, sequences_T;  ///< int64; sequences by global number
    at::Tensor valid_T;                             ///< bool; undefined = all
    std::int64_t firstToken = 0;      ///< global index of token 0, so that noise is equal for any number of ranks
    std::int64_t sequenceLength = 0;  ///< tokens per sequence; T is a multiple of it (1 token: 1)
    LayerId layer;
    int numLayers = 1;
    Step step;
    std::int64_t totalSteps = 0;  ///< training.steps, for schedules
    std::uint64_t seed = 0;       ///< of the run; noise is a function of (seed, layer, step, global token, expert)
    bool training = false;
    bool recordStats = true;  ///< false in recomputation and probes
    const ExpertOutputs* experts = nullptr;
    at::Tensor carry;        ///< from the previous MoE layer; undefined for the first
    Group* group = nullptr;  ///< for selectors over the tokens of all ranks; null = one process, and in evaluation
};

struct AuxLoss {
    std::string name;
    at::Tensor value;  ///< scalar, raw (without its coefficient), mean form; carries the graph
    double coefficient = 0;
};

/// The dense form of a plan: groups of tokens are mixed into slots, or the experts' parameters are mixed into one
/// expert for each group. G groups of N tokens, S slots of a group, expert by expert, S / E each.
struct DensePlan {
    std::int64_t numGroups = 0;
    at::Tensor token_GN;  ///< int64: every token of the batch once, -1 fills a group up; undefined = in order, T = G*N
    at::Tensor dispatch_GSN;  ///< input of a slot = sum over tokens of dispatch * hidden; carries the graph
    at::Tensor combine_GNS;   ///< answer to a token = sum over slots of combine * answer of the slot; carries the graph
    at::Tensor mix_GE;    ///< instead of both: parameters of the group's expert = sum of mix * parameters of expert e
    at::Tensor share_TE;  ///< weight of each expert in the answer to a token, summed over its slots

    bool mixesParameters() const { return mix_GE.defined(); }
};

/// Pairs in token order (token 0's choices first, best first). `order_M` sorts the kept pairs by expert, stable in
/// token order. Router arithmetic is fp32; fp64 hidden states (tests by finite differences) keep it in fp64.
struct RoutePlan {
    std::optional<DensePlan> dense;  ///< set: there are no pairs; what ends in _M or _N and the offsets are undefined
    at::Tensor mass_E;  ///< fp64, of a dense plan: share_TE summed over valid tokens; the counts are its rounding

    at::Tensor token_M, expert_M;  ///< int64
    at::Tensor weight_M;           ///< carries the graph; also given for pairs that are not kept, which combine ignores
    at::Tensor taken_M;            ///< bool: chosen by a valid token, before capacity; undefined = all
    at::Tensor kept_M;             ///< bool: and within capacity; undefined = all kept
    at::Tensor order_N;            ///< int64 [N]: indices into M of the kept pairs, by expert
    at::Tensor offsets_E1;         ///< int64 [E+1] on the CPU: expert e owns order_N[offsets[e] .. offsets[e+1])
    at::Tensor assigned_E, kept_E;  ///< int64: counts before and after capacity
    at::Tensor first_E;             ///< int64: first choices only, before capacity
    std::int64_t choices = 0;       ///< K where every token has exactly K pairs (taken or not), else 0

    /// Only where all experts have answered all tokens, undefined otherwise: fp32 or fp64, carry the graph. The layer
    /// then combines these outputs instead of asking the chosen experts again.
    at::Tensor outputs_ETD;
    at::Tensor responses_TE;  ///< how strongly each expert answered; scores and probabilities are made of it then

    at::Tensor logits_TE;         ///< carries the graph for the losses; detach before keeping
    at::Tensor secondLogits_TE;   ///< a student's logits, or those before noise; else undefined; carries the graph
    at::Tensor deviation_TE;      ///< of the normal noise in logits_TE; else undefined; carries the graph
    at::Tensor slots_TS;          ///< logits of slots, expert by expert; undefined = one slot each, logits_TE
    at::Tensor scores_TE;         ///< what selector and weigher see: the score map's answer; carries the graph
    at::Tensor probs_TE;          ///< rows sum to 1 (normalised scores where the map is no softmax); carries the graph
    at::Tensor entropy_T;         ///< H(p_t), nats, detached
    at::Tensor entropySum;        ///< scalar: sum of entropy_T over valid tokens, detached
    at::Tensor probabilitySum_E;  ///< sum of probs_TE over valid tokens, detached
    std::int64_t numTokens = 0;   ///< valid ones
    at::Tensor carry;
};

/// What a loss part sees after the whole forward pass. Losses are means over the tokens of all ranks: each rank's value
/// and gradient are such that their average over ranks is that of the undivided batch (modes that are means over
/// sequences need equally many sequences per rank).
struct LossContext {
    const RouteContext& route;
    const RoutePlan& plan;
    at::Tensor globalAssigned_E, globalFirst_E;  ///< fp64: counts (dense: masses) over all ranks; and of first choices
    at::Tensor globalProbability_E;              ///< fp64: probabilitySum_E over all ranks
    at::Tensor globalImportance_E;               ///< fp64: weights of taken pairs by expert, over all ranks
    double globalTokens = 0;
    int numRanks = 1;
    std::vector<at::Tensor> ownSums;  ///< LossSums::own of this rank
    at::Tensor globalSums;            ///< all of them one after the other over all ranks, fp64 without graph
};

/// What the losses need from all ranks, so that one all-reduce serves all layers.
struct LossSums {
    at::Tensor row;               ///< fp64 without graph: lossSums() of the plan, then `own` one after the other
    std::vector<at::Tensor> own;  ///< Loss::sums() of each loss part, with its graph; undefined where it needs none
};

/// What every loss may need of a plan: a row of 4E + 1 numbers, fp64.
at::Tensor lossSums(const RoutePlan& plan);

/// `own` is Router::sums() of this rank and `global` its row summed over `numRanks` ranks. The context borrows route
/// and plan.
LossContext makeLossContext(
    const RouteContext& route, const RoutePlan& plan, const LossSums& own, const at::Tensor& global, int numRanks);

/// Global numbers after an optimiser step, for hooks (bias update, λ, EMA): summed over micro-batches and ranks.
struct StepStats {
    Step step;
    std::int64_t totalSteps = 0;
    at::Tensor assigned_E;  ///< int64
    std::int64_t tokens = 0;
    at::Tensor assigned_LE;  ///< int64, of all MoE layers
};

/// One MoE layer's router: parts in a row. Training thread only.
class Router {
public:
    virtual ~Router() = default;

    /// One decision about the tokens of `context`. Equal contexts give equal plans: nothing is drawn from hidden state.
    virtual RoutePlan route(const RouteContext& context) = 0;

    /// This rank's share of what losses() needs from all ranks. Rows of equal routers are equally long on all ranks.
    virtual LossSums sums(const RouteContext& context, const RoutePlan& plan) = 0;

    /// All auxiliary losses of the recipe by name, in the order of the names. For training; the plan must carry its
    /// graph.
    virtual std::vector<AuxLoss> losses(const LossContext& context) = 0;

    /// Before the first micro-batch of a step, and once with the step of a checkpoint that was read: what it sets is a
    /// function of its arguments and of buffers.
    virtual void onStepBegin(Step step, std::int64_t totalSteps) = 0;
    virtual void onStepEnd(const StepStats& stats) = 0;  ///< after the update

    virtual bool needsTokenCounts() const = 0;  ///< true: a new run calls onTokenCounts before its first step
    virtual void onTokenCounts(const at::Tensor& counts_V) = 0;  ///< int64: how often the training text has each token
    virtual const ResidualRule* residualRule() const { return nullptr; }  ///< null: the block adds the answer
    virtual ExpertGradientRule* gradientRule() { return nullptr; }        ///< null: gradients stay as they are
};

/// Builds a layer's router; its parameters and buffers go into `parameters` under `prefix` ("layers.3.moe.router").
/// The initial numbers depend only on (seed, layer). Errors are ours: the configuration was checked.
std::unique_ptr<Router> makeRouter(const RoutingConfig& routing, const ModelConfig& model, LayerId layer,
    std::uint64_t seed, ParameterStore& parameters, const std::string& prefix);

}  // namespace moescope
