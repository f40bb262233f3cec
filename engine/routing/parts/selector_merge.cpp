// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// SMEAR: no choice at all, but one expert for each group of tokens whose parameters are a mixture of the experts'. Lory
// is the same with groups that are segments, mixed by what the segment before says.
// G groups of N tokens, B sequences of J segments, E experts.
#include <algorithm>
#include <limits>
#include <utility>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>
#include <ATen/TensorOperators.h>

#include "engine/base/check.h"
#include "engine/routing/dense_plan.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

class MergeSelector final : public Selector {
public:
    explicit MergeSelector(const PartArgs& args)
        : m_bySegments(args.text("pool") == "previous-segment")
        , m_segment(args.integer("segment"))
        , m_dropout(args.number("expert_dropout"))
    {
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const std::int64_t tokens = plan.logits_TE.size(0), length = context.sequenceLength;
        MOESCOPE_CHECK(length > 0 && tokens % length == 0, "the tokens are whole sequences");
        const std::int64_t segment = m_bySegments ? std::min(m_segment, length) : length;
        DensePlan dense = groupsOf(tokens, length, segment);
        at::Tensor logits_GE = pooled(dense, context, plan.logits_TE);
        if (m_bySegments)
            logits_GE = ofSegmentBefore(logits_GE, context, plan.logits_TE, (length + segment - 1) / segment);
        if (context.training && m_dropout > 0) {
            const double never = -std::numeric_limits<float>::max();
            logits_GE = at::where(keptExperts(context, logits_GE, tokens / length), logits_GE, never);
        }
        dense.mix_GE = logits_GE.softmax(1);
        Selection selection;
        selection.dense = std::move(dense);
        return selection;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "merge";
        info.summary = "No token is sent anywhere: one expert works on the whole sequence, and its parameters are a "
                       "mixture of all experts' by the mean logits. Score map, capacity and weigher have no say.";
        info.formula = "p = softmax(mean_t z_t); θ̄ = Σᵢ pᵢ θᵢ; y_t = F(h_t; θ̄)";
        info.source =
            "Muqeeth et al. 2023, SMEAR (arXiv:2306.03745) section 3; with a linear scorer the mean of logits "
            "is the logit of the mean. previous-segment: Zhong et al. 2024, Lory (arXiv:2405.03133)";
        info.traits = {Trait::DenseForm};
        info.conditionalTraits = {{Trait::LeaksFuture, {{"pool", 0, {"sequence"}}}},
            {Trait::LeaksFutureInEvaluation, {{"pool", 0, {"sequence"}}}},
            {Trait::EvalDiffers, {{"expert_dropout", 0, {}}}}};
        info.choices = 1;
        info.fields = {
            choiceField("pool", "Mixed by", {"sequence", "previous-segment"},
                "The whole sequence, its future included (SMEAR), or the segment before (Lory). Under the latter the "
                "first token alone mixes for the first segment."),
            integerField("segment", "Segment", 256, 1, 1 << 20, "Tokens of a segment under previous-segment."),
            numberField("expert_dropout", "Expert dropout", 0, 0, 0.99,
                "Probability of leaving an expert out of a sequence's mixture in training; the others make up for it."),
        };
        return info;
    }

private:
    /// Sequences, or their segments; the last segment of a sequence may be shorter.
    static DensePlan groupsOf(std::int64_t tokens, std::int64_t length, std::int64_t segment)
    {
        DensePlan dense;
        const std::int64_t perSequence = (length + segment - 1) / segment;
        dense.numGroups = tokens / length * perSequence;
        if (length % segment == 0)
            return dense;
        const at::Tensor place_JN = at::arange(perSequence * segment, at::kLong).view({perSequence, segment});
        const at::Tensor first_B11 = at::arange(tokens / length, at::kLong).view({-1, 1, 1}) * length;
        dense.token_GN = at::where(place_JN < length, first_B11 + place_JN, -1).view({dense.numGroups, segment});
        return dense;
    }

    /// Means over the tokens of each group; 0 where a group has none.
    static at::Tensor pooled(const DensePlan& dense, const RouteContext& context, const at::Tensor& logits_TE)
    {
        const at::Tensor logits_GNE = rowsOfGroups(dense, logits_TE), filled_GN = filledPlaces(dense, context.valid_T);
        if (!filled_GN.defined())
            return logits_GNE.mean(1);
        const at::Tensor sum_GE = at::where(filled_GN.unsqueeze(2), logits_GNE, 0.0).sum(1);
        return sum_GE / filled_GN.sum(1, /*keepdim=*/true).clamp_min(1);
    }

    /// Segment j takes the logits of segment j - 1; the first one those of its first token, which sees nothing later.
    static at::Tensor ofSegmentBefore(
        const at::Tensor& logits_GE, const RouteContext& context, const at::Tensor& logits_TE, std::int64_t perSequence)
    {
        const std::int64_t experts = logits_TE.size(1);
        at::Tensor first_B1E = logits_TE.view({-1, context.sequenceLength, experts}).slice(1, 0, 1);
        if (context.valid_T.defined()) {
            const at::Tensor valid_B1 = context.valid_T.view({-1, context.sequenceLength}).slice(1, 0, 1);
            first_B1E = at::where(valid_B1.unsqueeze(2), first_B1E, 0.0);
        }
        const at::Tensor before_BJE = logits_GE.view({-1, perSequence, experts}).slice(1, 0, perSequence - 1);
        return at::cat({first_B1E, before_BJE}, 1).view({-1, experts});
    }

    /// bool [G, E], a function of (seed, layer, step, first token of the sequence): all segments of a sequence leave
    /// out the same experts, and never all of them.
    at::Tensor keptExperts(const RouteContext& context, const at::Tensor& logits_GE, std::int64_t sequences) const
    {
        const std::int64_t experts = logits_GE.size(1);
        at::Tensor kept_BE = at::empty({sequences, experts}, at::kBool);
        bool* kept = kept_BE.mutable_data_ptr<bool>();
        for (std::int64_t b = 0; b < sequences; ++b, kept += experts) {
            CounterRandom random = tokenRandom('M', context, b * context.sequenceLength);
            for (std::int64_t e = 0; e < experts; ++e)
                kept[e] = random.unit() >= m_dropout;
            if (std::none_of(kept, kept + experts, [](bool k) { return k; }))
                std::fill_n(kept, experts, true);
        }
        return kept_BE.repeat_interleave(logits_GE.size(0) / sequences, 0);
    }

    bool m_bySegments;
    std::int64_t m_segment;
    double m_dropout;
};

MOESCOPE_ROUTING_PART(MergeSelector);

}  // namespace

}  // namespace moescope
