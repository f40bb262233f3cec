// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class DenseToSparseSelector final : public Selector {
public:
    explicit DenseToSparseSelector(const PartArgs& args)
        : m_state(args.state)
        , m_threshold(args.number("threshold"))
    {
        m_state.choices = 1;
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const at::Tensor scores_TE = plan.scores_TE.detach().contiguous();
        const std::int64_t tokens = scores_TE.size(0), experts = scores_TE.size(1);
        if (!context.training || m_state.lastStage)
            return {at::arange(tokens, at::kLong), topKRows(scores_TE, 1), {}, 1};

        const at::Tensor ranked = topKRows(scores_TE, experts);
        const std::int64_t* best = ranked.const_data_ptr<std::int64_t>();
        std::vector<std::int64_t> token, expert;
        AT_DISPATCH_FLOATING_TYPES(scores_TE.scalar_type(), "denseToSparse", [&] {
            const scalar_t* row = scores_TE.const_data_ptr<scalar_t>();
            for (std::int64_t t = 0; t < tokens; ++t, row += experts, best += experts)
                for (std::int64_t i = 0; i < experts && (i == 0 || row[best[i]] > m_threshold); ++i) {
                    token.push_back(t);
                    expert.push_back(best[i]);
                }
        });
        return {at::tensor(token, at::kLong), at::tensor(expert, at::kLong), {}, 0};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "dense-to-sparse";
        info.summary = "In training every expert whose score is above a threshold; in the last stage and in evaluation "
                       "the best one alone.";
        info.formula = "S_t = {i : g_{t,i} > θ} ∪ {argmax g_t}; later S_t = {argmax g_t}";
        info.source =
            "EvoMoE (arXiv:2112.14397); code codecaution/EvoMoE fairseq/modules/moe/topkgate.py and top1gate.py";
        info.choices = 1;
        info.traits = {Trait::VariableK, Trait::EvalDiffers};
        info.fields = {numberField("threshold", "Threshold", 1e-3, 0, 1,
            "Experts with a smaller score are not asked. As scores sharpen, fewer stay above it.")};
        return info;
    }

private:
    RouterState& m_state;
    double m_threshold;
};

MOESCOPE_ROUTING_PART(DenseToSparseSelector);

}  // namespace

}  // namespace moescope
