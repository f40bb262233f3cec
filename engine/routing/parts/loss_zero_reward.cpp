// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// TC-MoE's reward for doing without an expert.
#include <ATen/ops/dot.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/balance_terms.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class ZeroRewardLoss final : public Loss {
public:
    explicit ZeroRewardLoss(const PartArgs& args)
        : m_isZero_E(at::zeros({args.model.numExperts}, at::kDouble))
    {
        for (std::int64_t expert = 0; expert < args.model.numExperts; ++expert)
            m_isZero_E[expert] = args.experts[static_cast<std::size_t>(expert)].kind == ExpertKind::Zero ? 1 : 0;
    }

    at::Tensor value(const LossContext& context) override
    {
        const at::Tensor mean_E = meanProbability(context);
        return -at::dot(mean_E, m_isZero_E.to(mean_E.scalar_type()));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "zero-reward";
        info.summary = "Rewards probability for zero experts: the larger, the fewer experts work on a token.";
        info.formula = "L = −(1/T) Σ_t Σ_{i zero} p_{t,i}";
        info.source = "TC-MoE (Yan et al., ICLR 2025) as LibMoE codes it, coefficient 1e-5";
        info.fields = {coefficientField(1e-5)};
        return info;
    }

private:
    at::Tensor m_isZero_E;
};

MOESCOPE_ROUTING_PART(ZeroRewardLoss);

}  // namespace

}  // namespace moescope
