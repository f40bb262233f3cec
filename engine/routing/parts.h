// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a routing part is, slot by slot. A router calls them in the order of this file; each sees what those before it
// put into the plan. Shapes as in router.h. Training thread only. Parts draw nothing from hidden state: noise is a
// function of (seed, layer, step, global token).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

/// What the parts of one layer share and hooks may change over time.
struct RouterState {
    std::int64_t choices = 0;    ///< K, read by the selector at each decision; 0 where the selector has no K
    at::Tensor selectionBias_E;  ///< fp32, undefined = none: added to the scores where top-k chooses, never to weights
    double temperature = 1;      ///< divides the logits of a softmax map, besides its own
    bool lastStage = false;      ///< of a router with stages; for good
    std::vector<Weight> firstStageOnly;  ///< parameters that are frozen when the last stage begins
    bool competes = true;        ///< a competition takes place in this step of training; a schedule may say no
};

class Part {
public:
    virtual ~Part() = default;
    virtual void onStepBegin(Step, std::int64_t /*totalSteps*/) { }
    virtual void onStepEnd(const StepStats&) { }
    virtual bool needsTokenCounts() const { return false; }
    virtual void onTokenCounts(const at::Tensor& /*counts_V*/) { }  ///< of the training text, equal on all ranks
};

/// What is the logit? Computes in fp32 (routerType) whatever the type of the hidden states.
class Scorer : public Part {
public:
    struct Scores {
        at::Tensor logits_TE;                          ///< carries the graph
        at::Tensor carry;                              ///< for the next MoE layer; may be undefined
        at::Tensor secondLogits_TE{}, deviation_TE{};  ///< see RoutePlan; may be undefined
        at::Tensor slots_TS = {};  ///< of slots, expert by expert, where an expert has several; undefined = logits_TE
    };
    virtual Scores score(const RouteContext& context) = 0;
};

/// What does the logit become?
class ScoreMap : public Part {
public:
    struct Mapped {
        at::Tensor scores_TE;  ///< what selector and weigher see; carries the graph
        at::Tensor probs_TE;   ///< rows sum to 1; the same tensor where the scores do
        at::Tensor entropy_T;  ///< of probs_TE, nats, without graph
    };
    virtual Mapped map(const at::Tensor& logits_TE) = 0;
};

/// Who gets the token? Sees logits, scores, probabilities and the logits of slots.
class Selector : public Part {
public:
    struct Selection {
        at::Tensor token_M, expert_M;  ///< pairs in token order, a token's best first; no pair twice
        at::Tensor taken_M;  ///< bool, undefined = all: false for pairs that are withdrawn though a token has K of them
        std::int64_t choices = 0;  ///< K, or 0 where tokens differ
        /// Of a competition only, undefined otherwise: replaces what scorer and score map gave (RoutePlan). entropy_T
        /// without graph.
        at::Tensor scores_TE{}, probs_TE{}, entropy_T{};
        at::Tensor outputs_ETD{}, responses_TE{};
        std::optional<DensePlan> dense = {};  ///< set: the rest is undefined, capacity and weigher are not asked
    };
    virtual Selection select(const RouteContext& context, const RoutePlan& plan) = 0;
};

/// Who is dropped? Sees the pairs and taken_M (which leaves out padding). Returns kept_M, a subset of taken_M.
class Capacity : public Part {
public:
    virtual at::Tensor keep(const RouteContext& context, const RoutePlan& plan) = 0;
};

/// How much? Sees all but the order by expert. Returns weight_M, which carries the graph.
class Weigher : public Part {
public:
    virtual at::Tensor weigh(const RouteContext& context, const RoutePlan& plan) = 0;
};

/// What else is minimised? A scalar in mean form, without its coefficient (the field `coefficient`, which every loss
/// has, is applied by the model); carries the graph.
class Loss : public Part {
public:
    /// What value() needs summed over all ranks, [n] with its graph and n equal on all ranks; undefined = nothing. The
    /// context of value() then has it as `ownSums[0]` and `globalSums`.
    virtual at::Tensor sums(const RouteContext&, const RoutePlan&) { return {}; }
    virtual at::Tensor value(const LossContext& context) = 0;
    virtual double scale() const { return 1; }  ///< times the coefficient: what the part itself changes over time
};

/// What changes over time? Acts in onStepBegin and onStepEnd, on RouterState and on buffers.
class Hook : public Part {
public:
    virtual const ResidualRule* residualRule() const { return nullptr; }  ///< of trait ChangesBlock
    virtual ExpertGradientRule* gradientRule() { return nullptr; }        ///< of trait ChangesOptimiser
};

/// fp32, or fp64 for fp64 hidden states, so that gradients can be checked by finite differences.
inline at::ScalarType routerType(const at::Tensor& hidden_TD)
{
    return hidden_TD.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

}  // namespace moescope
