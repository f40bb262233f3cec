// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Competition: all experts answer, and the strongest answers win. T tokens, D features, E experts.
#include <ATen/ops/arange.h>
#include <ATen/ops/softplus.h>

#include "engine/base/check.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class CompetitionSelector final : public Selector {
public:
    explicit CompetitionSelector(const PartArgs& args)
        : m_state(args.state)
        , m_norm(args.text("response") == "norm")
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        Selection selection;
        selection.choices = m_state.choices;
        selection.token_M = at::arange(plan.scores_TE.size(0), at::kLong).repeat_interleave(m_state.choices);
        if (context.training && m_state.competes)
            compete(context, selection);
        const at::Tensor& scores_TE = selection.scores_TE.defined() ? selection.scores_TE : plan.scores_TE;
        selection.expert_M = topKRows(scores_TE.detach(), m_state.choices);
        return selection;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "competition";
        info.summary = "In steps with a competition, which a schedule may make rare, all experts answer and each token "
                       "goes to those that answer most strongly; otherwise and in evaluation the router chooses.";
        info.formula =
            "norm: s_{t,e} = ‖E_e(x_t)‖₂, P = softmax(s) · softplus: s_{t,e} = mean_i ln(1 + exp E_e(x_t)_i), weights "
            "from s itself · S_t = TopK(s_t, k)";
        info.source = "norm: CompeteSMoE (arXiv:2402.02526), code custom_layers_opt.py. softplus: CompeteSMoE 2025 "
                      "(arXiv:2505.13380), code moe_model/model/moe/competesmoe.py";
        info.traits = {Trait::NeedsExpertOutputs, Trait::EvalDiffers};
        info.fields = {
            integerField("k", "Experts per token", 2, 1, 1024,
                "How many experts work on each token; in a competition all of them answer first."),
            choiceField("response", "Response", {"norm", "softplus"},
                "How strongly an expert answers. norm: length of its output. softplus: mean of a smooth positive part, "
                "which depends on the sign of the output."),
        };
        return info;
    }

private:
    void compete(const RouteContext& context, Selection& selection) const
    {
        MOESCOPE_CHECK(context.experts != nullptr, "a competition needs experts that answer");
        selection.outputs_ETD = context.experts->all(context.hidden_TD);
        const at::Tensor& outputs_ETD = selection.outputs_ETD;
        const at::Tensor response_ET = m_norm ? outputs_ETD.norm(2, {2}, false) : at::softplus(outputs_ETD).mean(2);
        selection.responses_TE = response_ET.t().contiguous();
        selection.probs_TE = softmaxRows(selection.responses_TE, 1.0, &selection.entropy_T);
        selection.scores_TE = m_norm ? selection.probs_TE : selection.responses_TE;
    }

    RouterState& m_state;
    bool m_norm;
};

MOESCOPE_ROUTING_PART(CompetitionSelector);

}  // namespace

}  // namespace moescope
