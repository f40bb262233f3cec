// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The angle between token and expert, in the model's space or in a small one: X-MoE, cosine and perturbed cosine
// routers. T tokens, D model width, P width of the space, E experts.
#include <algorithm>
#include <utility>

#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

constexpr double kSmallestNorm = 1e-4;  // of the X-MoE layer: a zero vector has the score 0

class CosineScorer final : public Scorer {
public:
    explicit CosineScorer(const PartArgs& args)
        : m_normaliseToken(args.flag("normalise_token"))
        , m_perturbation(args.number("perturbation"))
        , m_scale(args.number("scale"))
    {
        const std::int64_t experts = args.model.numExperts, width = args.model.hiddenSize;
        const std::int64_t space = spaceOf(args);
        if (args.text("projection") != "none") {
            const std::string name = args.prefix + ".projection";
            m_projection = args.parameters.add(name, initialNormal(args.seed, name, {space, width}, 0.02));
        }
        const std::string name = args.prefix + ".weight";
        m_weight = args.parameters.add(name, initialOrthogonal(args.seed, name, experts, space));
    }

    Scores score(const RouteContext& context) override
    {
        at::Tensor token_TP = context.hidden_TD.to(routerType(context.hidden_TD));
        if (m_projection.defined())
            token_TP = at::linear(token_TP, m_projection.value().to(token_TP.scalar_type()));
        if (m_normaliseToken)
            token_TP = normalised(token_TP);
        const at::Tensor expert_EP = normalised(m_weight.value().to(token_TP.scalar_type()));
        return {at::linear(token_TP, expert_EP) * m_scale, {}};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "cosine";
        info.summary = "The angle between token and expert, so that long vectors do not win by their length.";
        info.formula = "z_{t,i} = c · r_t · e_i / ((‖r_t‖ + θ)(‖e_i‖ + θ)), r_t = W h_t or h_t";
        info.source = "X-MoE (arXiv:2204.09179): projection to E/2, θ = 0. Perturbed cosine (arXiv:2405.14131"
                      "): θ > 0. LibMoE's and CompeteSMoE's code: other spaces, tokens not normalised, c = 1.5";
        info.fields = {
            choiceField("projection", "Projection", {"half-experts", "dimensions", "none"},
                "The space of the angle: E / 2 dimensions as in X-MoE, a number of dimensions, or the model's own."),
            integerField("dimensions", "Dimensions", 8, 1, 1 << 16, "Of the space, where the projection says so."),
            switchField("normalise_token", "Normalise tokens", true,
                "Off: only the experts' vectors have length 1, as in torchscale and CompeteSMoE's code, and a token's "
                "length sharpens its scores."),
            numberField("perturbation", "Perturbation", 0, 0, 10,
                "θ, added to both lengths: scores of short tokens move towards 0, and the gradient stays finite."),
            numberField("scale", "Scale", 1, 1e-3, 1e3, "c: LibMoE keeps the experts' vectors at length 1.5."),
        };
        return info;
    }

private:
    static std::int64_t spaceOf(const PartArgs& args)
    {
        const std::string projection = args.text("projection");
        if (projection == "none")
            return args.model.hiddenSize;
        return projection == "dimensions" ? args.integer("dimensions")
                                          : std::max<std::int64_t>(2, args.model.numExperts / 2);
    }

    /// Rows of length 1 at right angles, or columns where there are more experts than dimensions.
    static at::Tensor initialOrthogonal(
        std::uint64_t seed, const std::string& name, std::int64_t experts, std::int64_t space)
    {
        const bool wide = experts <= space;
        const at::Tensor normal = initialNormal(seed, name, {std::max(experts, space), std::min(experts, space)}, 1.0);
        const auto [q, r] = at::linalg_qr(normal, "reduced");
        const at::Tensor signs = r.diagonal().sign();  // so that directions are uniform
        return wide ? (q * signs).t().contiguous() : (q * signs).contiguous();
    }

    at::Tensor normalised(const at::Tensor& rows) const
    {
        const at::Tensor norm = at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, /*keepdim=*/true);
        return rows / (m_perturbation > 0 ? norm + m_perturbation : norm.clamp_min(kSmallestNorm));
    }

    bool m_normaliseToken;
    double m_perturbation, m_scale;
    Weight m_projection, m_weight;
};

MOESCOPE_ROUTING_PART(CosineScorer);

}  // namespace

}  // namespace moescope
