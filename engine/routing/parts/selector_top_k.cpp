// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <ATen/Dispatch.h>
#include <ATen/ops/arange.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"
#include "engine/routing/selection_scores.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

class TopKSelector final : public Selector {
public:
    explicit TopKSelector(const PartArgs& args)
        : m_state(args.state)
        , m_expertDropout(args.number("expert_dropout"))
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const std::int64_t choices = m_state.choices;
        const at::Tensor token_T = at::arange(plan.scores_TE.size(0), at::kLong);
        at::Tensor scores_TE = selectionScores(m_state, plan);
        if (context.training && m_expertDropout > 0)
            scores_TE = withoutDropped(context, scores_TE);
        return {token_T.repeat_interleave(choices), topKRows(scores_TE, choices), {}, choices};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "top-k";
        info.summary = "Each token goes to the k experts with the highest scores; equal scores to the lower number.";
        info.formula = "S_t = TopK(s_t + b, k); b: the bias of loss-free balancing, else 0";
        info.source = "Shazeer et al. 2017 (arXiv:1701.06538) eq. 5; expert dropout: Csordás et al. 2023 "
                      "(arXiv:2310.10837) section 4";
        info.conditionalTraits = {{Trait::EvalDiffers, {{"expert_dropout", 0, {}}}}};
        info.fields = {
            integerField("k", "Experts per token", 2, 1, 1024,
                "How many experts work on each token; the cost of a layer grows with it."),
            numberField("expert_dropout", "Expert dropout", 0, 0, 0.99,
                "Share of the experts that a token cannot choose in training, drawn for each token; 0 is none."),
        };
        return info;
    }

private:
    /// -inf at a share of the experts, drawn for each token.
    at::Tensor withoutDropped(const RouteContext& context, const at::Tensor& scores_TE) const
    {
        at::Tensor left_TE = scores_TE.clone(at::MemoryFormat::Contiguous);
        const std::int64_t columns = left_TE.size(1);
        AT_DISPATCH_FLOATING_TYPES(left_TE.scalar_type(), "expertDropout", [&] {
            scalar_t* row = left_TE.mutable_data_ptr<scalar_t>();
            for (std::int64_t t = 0; t < left_TE.size(0); ++t, row += columns) {
                CounterRandom random = tokenRandom('X', context, t);
                for (std::int64_t e = 0; e < columns; ++e)
                    if (random.unit() < m_expertDropout)
                        row[e] = -std::numeric_limits<scalar_t>::infinity();
            }
        });
        return left_TE;
    }

    RouterState& m_state;
    double m_expertDropout;
};

MOESCOPE_ROUTING_PART(TopKSelector);

}  // namespace

}  // namespace moescope
