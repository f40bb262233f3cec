// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// ACMoE's scorer: features are stretched where the tokens of an expert lie close together. T tokens, D features, E
// experts.
#include <ATen/ops/abs.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class AdaptiveClustersScorer final : public Scorer {
public:
    explicit AdaptiveClustersScorer(const PartArgs& args)
        : m_epsilon(args.number("epsilon"))
        , m_largest(args.number("largest"))
    {
        const std::string name = args.prefix + ".weight";
        const auto weight =
            initialNormal(args.seed, name, {args.model.numExperts, args.model.hiddenSize}, args.number("init_std"));
        m_weight = args.parameters.add(name, weight);
    }

    Scores score(const RouteContext& context) override
    {
        at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        if (context.carry.defined())
            hidden_TD = hidden_TD * scalesOfTokens(context, hidden_TD.detach());
        const at::Tensor logits_TE = at::linear(hidden_TD, m_weight.value().to(hidden_TD.scalar_type()));
        return {logits_TE, logits_TE.detach().argmax(1)};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "adaptive-clusters";
        info.summary = "Scales each feature by how close the tokens of a token's expert of the layer below lie in it: "
                       "tight clusters stand out. No parameters, no loss.";
        info.formula =
            "z = W (h ∘ a_{c(t)}), a_{i,q} = 1 / (MAD_{i,q} + ε), at most 10 times the mean, mean 1; MAD over "
            "the tokens of expert i in the layer below";
        info.source = "ACMoE (Nielsen et al., ICLR 2025, arXiv:2502.15315) definition 2; the first MoE layer is plain";
        info.traits = {Trait::BatchCoupled, Trait::LeaksFuture, Trait::LeaksFutureInEvaluation};
        info.fields = {
            numberField("init_std", "Initial deviation", 0.02, 0, 10,
                "Standard deviation of the initial weights. Small ones start with nearly uniform routing."),
            numberField("epsilon", "ε", 1e-4, 1e-12, 1, "Keeps the scale finite where all tokens agree."),
            numberField("largest", "Largest scale", 10, 1, 1e6, "In units of the mean over the features."),
        };
        return info;
    }

private:
    /// a_{c(t)} of each token, [T, D]. An expert without tokens has no token to scale.
    at::Tensor scalesOfTokens(const RouteContext& context, const at::Tensor& hidden_TD) const
    {
        const c10::NoGradGuard noGrad;
        at::Tensor scales_TD = at::ones_like(hidden_TD);
        const at::Tensor valid_T =
            context.valid_T.defined() ? context.valid_T : at::ones({hidden_TD.size(0)}, at::kBool);
        for (std::int64_t expert = 0; expert < m_weight.value().size(0); ++expert) {
            const at::Tensor rows = context.carry.eq(expert).logical_and(valid_T).nonzero().squeeze(1);
            if (rows.numel() == 0)
                continue;
            const at::Tensor tokens_nD = hidden_TD.index_select(0, rows);
            const at::Tensor spread_D = (tokens_nD - tokens_nD.mean(0)).abs().mean(0);
            at::Tensor scale_D = (spread_D + m_epsilon).reciprocal();
            scale_D = at::minimum(scale_D, scale_D.mean() * m_largest);
            scales_TD.index_copy_(0, rows, (scale_D / scale_D.mean()).expand_as(tokens_nD));
        }
        return scales_TD;
    }

    double m_epsilon, m_largest;
    Weight m_weight;
};

MOESCOPE_ROUTING_PART(AdaptiveClustersScorer);

}  // namespace

}  // namespace moescope
