// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// GShard's selector: the second expert is used with a probability that grows with its weight.
#include <ATen/Dispatch.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

class Top2RandomSelector final : public Selector {
public:
    explicit Top2RandomSelector(const PartArgs& args)
        : m_threshold(args.number("threshold"))
    {
        args.state.choices = 2;
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const at::Tensor scores_TE = plan.scores_TE.detach().contiguous();
        Selection selection;
        selection.choices = 2;
        selection.token_M = at::arange(scores_TE.size(0), at::kLong).repeat_interleave(2);
        selection.expert_M = topKRows(scores_TE, 2);
        if (!context.training)
            return selection;

        selection.taken_M = at::ones({selection.token_M.numel()}, at::kBool);
        bool* taken = selection.taken_M.mutable_data_ptr<bool>();
        const std::int64_t* expert = selection.expert_M.const_data_ptr<std::int64_t>();
        AT_DISPATCH_FLOATING_TYPES(scores_TE.scalar_type(), "top2Random", [&] {
            const scalar_t* row = scores_TE.const_data_ptr<scalar_t>();
            for (std::int64_t t = 0; t < scores_TE.size(0); ++t, row += scores_TE.size(1))
                taken[2 * t + 1] = acceptsSecond(context, t, row[expert[2 * t]], row[expert[2 * t + 1]]);
        });
        return selection;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "top-2-random";
        info.summary = "The best expert always; in training the second one by chance, the likelier the more it weighs.";
        info.formula = "g₂' = g₂ / (g₁ + g₂); the second expert is used with probability min(1, g₂' / threshold)";
        info.source = "GShard (arXiv:2006.16668) algorithm 1 (threshold 0.5: probability 2 g₂'); Mesh TensorFlow's "
                      "policy `random` has 0.2";
        info.choices = 2;
        info.traits = {Trait::VariableK, Trait::EvalDiffers};
        info.fields = {
            numberField("threshold", "Threshold", 0.5, 1e-3, 1,
                "Normalised weight from which on the second expert is always used."),
        };
        return info;
    }

private:
    bool acceptsSecond(const RouteContext& context, std::int64_t token, double first, double second) const
    {
        return tokenRandom('2', context, token).unit() * m_threshold < second / (first + second);
    }

    double m_threshold;
};

MOESCOPE_ROUTING_PART(Top2RandomSelector);

}  // namespace

}  // namespace moescope
