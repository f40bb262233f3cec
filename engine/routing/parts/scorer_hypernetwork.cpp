// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A frozen random network makes the router's weights from a learnt embedding of the layer. D features, E experts.
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/relu.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class HypernetworkScorer final : public Scorer {
public:
    explicit HypernetworkScorer(const PartArgs& args)
        : m_width(args.model.hiddenSize)
    {
        const std::int64_t size = args.integer("size");
        const double deviation = args.number("init_std");
        const std::string embedding = args.prefix + ".embedding", in = args.prefix + ".hypernetwork.w1",
                          out = args.prefix + ".hypernetwork.w2";
        m_embedding =
            args.parameters.add(embedding, initialNormal(args.seed, embedding, {m_width}, 1), {.decay = false});
        m_in = args.parameters.add(in, initialNormal(args.seed, in, {size, m_width}, deviation), {.trained = false});
        m_out = args.parameters.add(out,
            initialNormal(args.seed, out, {args.model.numExperts, m_width + 1, size}, deviation), {.trained = false});
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const auto typed = [&](const Weight& weight) { return weight.value().to(hidden_TD.scalar_type()); };
        const at::Tensor inner = at::relu(at::mv(typed(m_in), typed(m_embedding)));
        const at::Tensor made = at::matmul(typed(m_out), inner);  // [E, D + 1], the last column is the bias
        return {at::linear(hidden_TD, made.narrow(1, 0, m_width), made.select(1, m_width)), {}};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "hypernetwork";
        info.summary = "A frozen random network makes the router's weights out of one learnt vector per layer.";
        info.formula = "(W_r | b_r) = U₂ ReLU(U₁ e), z = x W_r^T + b_r; e is trained, U₁ and U₂ are frozen";
        info.source =
            "HyperRouter (arXiv:2312.07035); code giangdip2410/HyperRouter custom_gate.py HyperRouterGate, whose "
            "frozen biases are 0";
        info.fields = {
            integerField("size", "Inner width", 256, 1, 16384,
                "Width m of the frozen network. The published scripts ask for 64 or 256, but their code always has "
                "256."),
            numberField("init_std", "Deviation", 0.02, 0, 10,
                "Of the frozen weights. The router's weights start with about σ √(m D σ² / 2): 0.07 at m = D = 256."),
        };
        return info;
    }

private:
    std::int64_t m_width;
    Weight m_embedding, m_in, m_out;
};

MOESCOPE_ROUTING_PART(HypernetworkScorer);

}  // namespace

}  // namespace moescope
