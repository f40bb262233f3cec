// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// TC-MoE's balance loss: an expert and its negative are one.
#include <algorithm>

#include <ATen/ops/dot.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/zeros.h>

#include "engine/routing/balance_terms.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class BaseBalanceLoss final : public Loss {
public:
    explicit BaseBalanceLoss(const PartArgs& args)
        : m_base_E(at::zeros({args.model.numExperts}, at::kLong))
    {
        for (const RoutedExpert& expert : args.experts)
            if (expert.kind == ExpertKind::FeedForward)
                m_numBase = std::max(m_numBase, expert.slice + 1);
        for (std::int64_t column = 0; column < args.model.numExperts; ++column) {
            const RoutedExpert& expert = args.experts[static_cast<std::size_t>(column)];
            m_base_E[column] = expert.kind == ExpertKind::FeedForward ? expert.slice : m_numBase;
        }
    }

    at::Tensor value(const LossContext& context) override
    {
        return at::dot(sumByBase(loadShare(context, context.globalAssigned_E)), sumByBase(meanProbability(context)));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "base-balance";
        info.summary =
            "Pulls the load of feed-forward experts towards equal shares, an expert and its negative as one; "
            "zero experts are free.";
        info.formula = "L = Σ_b f_b P̄_b over base experts, f_b = (n_b + n_{−b}) / (k T); 1 / E when uniform";
        info.source =
            "TC-MoE (Yan et al., ICLR 2025) as LibMoE codes it, without its sum of counts over the whole batch "
            "in every row";
        info.traits = {Trait::GlobalScope};
        info.fields = {coefficientField(0.01)};
        return info;
    }

private:
    /// Sums by base expert, [numBase]; what belongs to none is left out.
    at::Tensor sumByBase(const at::Tensor& values_E) const
    {
        const at::Tensor zeros = at::zeros({m_numBase + 1}, values_E.options().requires_grad(false));
        return zeros.index_add(0, m_base_E, values_E).narrow(0, 0, m_numBase);
    }

    std::int64_t m_numBase = 0;
    at::Tensor m_base_E;
};

MOESCOPE_ROUTING_PART(BaseBalanceLoss);

}  // namespace

}  // namespace moescope
