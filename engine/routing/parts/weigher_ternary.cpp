// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// TC-MoE's weights: the mass that a token gives to zero experts makes its other weights smaller.
#include <ATen/ops/index_add.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class TernaryWeigher final : public Weigher {
public:
    explicit TernaryWeigher(const PartArgs& args)
        : m_isZero_E(at::zeros({args.model.numExperts}, at::kDouble))
    {
        for (std::int64_t expert = 0; expert < args.model.numExperts; ++expert)
            m_isZero_E[expert] = args.experts[static_cast<std::size_t>(expert)].kind == ExpertKind::Zero ? 1 : 0;
    }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        const at::Tensor score_M = pickPairs(plan.scores_TE, plan.token_M, plan.expert_M);
        const at::Tensor isZero_E = m_isZero_E.to(score_M.scalar_type());
        const at::Tensor working_M = score_M * (1 - isZero_E.index_select(0, plan.expert_M));
        const at::Tensor zeroMass_T = at::mv(plan.scores_TE, isZero_E);
        const at::Tensor sum_T = zeroMass_T.index_add(0, plan.token_M, working_M).clamp_min(1e-6);
        return working_M / sum_T.index_select(0, plan.token_M);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "ternary";
        info.summary = "Scores of the chosen experts over their sum plus the mass of all zero experts; a chosen zero "
                       "expert weighs nothing.";
        info.formula = "w_{t,i} = s_{t,i} / (Σ_{j ∈ S_t, j not zero} s_{t,j} + Σ_{j zero} s_{t,j})";
        info.source = "TC-MoE (Yan et al., ICLR 2025) as LibMoE codes it; negative experts bring their sign themselves";
        return info;
    }

private:
    at::Tensor m_isZero_E;
};

MOESCOPE_ROUTING_PART(TernaryWeigher);

}  // namespace

}  // namespace moescope
