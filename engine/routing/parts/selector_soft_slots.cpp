// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Soft MoE: every slot of every expert gets a mixture of all tokens of the sequence, every token a mixture of all
// slots' answers. G sequences of N tokens, S slots.
#include <utility>

#include <ATen/TensorOperators.h>

#include "engine/base/check.h"
#include "engine/routing/dense_plan.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class SoftSlotsSelector final : public Selector {
public:
    explicit SoftSlotsSelector(const PartArgs&) { }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const std::int64_t tokens = plan.logits_TE.size(0), length = context.sequenceLength;
        MOESCOPE_CHECK(length > 0 && tokens % length == 0, "the tokens are whole sequences");
        DensePlan dense;
        dense.numGroups = tokens / length;
        const at::Tensor logits_GNS = rowsOfGroups(dense, plan.slots_TS.defined() ? plan.slots_TS : plan.logits_TE);
        const at::Tensor filled_GN = filledPlaces(dense, context.valid_T);
        dense.dispatch_GSN = softmaxOverTokens(logits_GNS, filled_GN).transpose(1, 2);
        dense.combine_GNS = logits_GNS.softmax(2);
        Selection selection;
        selection.dense = std::move(dense);
        return selection;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "soft-slots";
        info.summary = "Experts work on mixtures of all tokens of a sequence, later ones included: nothing is chosen "
                       "and nothing dropped. Score map, capacity and weigher have no say.";
        info.formula = "D = softmax over tokens of z; C = softmax over slots of z; X̃ = Dᵀ X; Y = C Ỹ";
        info.source = "Puigcerver et al. 2023, Soft MoE (arXiv:2308.00951) eq. 1 to 3";
        info.traits = {Trait::LeaksFuture, Trait::LeaksFutureInEvaluation, Trait::DenseForm};
        info.choices = 1;
        return info;
    }
};

MOESCOPE_ROUTING_PART(SoftSlotsSelector);

}  // namespace

}  // namespace moescope
