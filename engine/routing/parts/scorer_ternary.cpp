// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// TC-MoE's scorer: a linear one that starts with a preference for an expert as it is over its negative over none.
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class TernaryScorer final : public Scorer {
public:
    explicit TernaryScorer(const PartArgs& args)
        : m_offset_E(at::zeros({args.model.numExperts}, at::kFloat))
    {
        const std::string name = args.prefix + ".weight";
        m_weight_ED = args.parameters.add(name,
            initialNormal(args.seed, name, {args.model.numExperts, args.model.hiddenSize}, args.number("init_std")));
        for (std::int64_t expert = 0; expert < args.model.numExperts; ++expert)
            m_offset_E[expert] = offsetOf(args, args.experts[static_cast<std::size_t>(expert)]);
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const at::Tensor logits_TE = at::linear(hidden_TD, m_weight_ED.value().to(hidden_TD.scalar_type()));
        return {logits_TE + m_offset_E, {}};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "ternary";
        info.summary = "A linear router with a fixed lead of experts over their negatives, and of those over none.";
        info.formula = "z = x W^T + (0 | −1 | −10) for positive, negative and zero experts";
        info.source = "TC-MoE (Yan et al., ICLR 2025) as LibMoE codes it (vision_language_model/moe_model/model/moe)";
        info.fields = {
            numberField("init_std", "Initial deviation", 0.02, 0, 10,
                "Standard deviation of the initial weights. Small ones start with nearly uniform routing."),
            numberField("negative_offset", "Offset of negative experts", -1, -100, 100, "Added to their logits."),
            numberField("zero_offset", "Offset of zero experts", -10, -100, 100, "Added to their logits."),
        };
        return info;
    }

private:
    static double offsetOf(const PartArgs& args, const RoutedExpert& expert)
    {
        if (expert.kind == ExpertKind::Zero)
            return args.number("zero_offset");
        return expert.sign < 0 ? args.number("negative_offset") : 0;
    }

    at::Tensor m_offset_E;
    Weight m_weight_ED;
};

MOESCOPE_ROUTING_PART(TernaryScorer);

}  // namespace

}  // namespace moescope
