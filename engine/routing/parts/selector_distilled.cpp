// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/arange.h>

#include "engine/base/check.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class DistilledSelector final : public Selector {
public:
    explicit DistilledSelector(const PartArgs& args)
        : m_state(args.state)
    {
        m_state.choices = 1;
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const bool teacher = context.training && !m_state.lastStage;
        const at::Tensor& logits_TE = teacher ? plan.logits_TE : plan.secondLogits_TE;
        MOESCOPE_CHECK(logits_TE.defined(), "the selector distilled needs the scorer distilled");
        return {at::arange(logits_TE.size(0), at::kLong), topKRows(logits_TE.detach(), 1), {}, 1};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "distilled";
        info.summary = "The best expert: by the router while it is taught to the light one, then and in evaluation by "
                       "the light one.";
        info.formula = "a_t = argmax_i z_{t,i} in stage 1 of training; argmax_i ẑ_{t,i} in stage 2 and in evaluation";
        info.source =
            "StableMoE (arXiv:2204.08396) sections 3.1 and 3.2; code Hunter-DDM/stablemoe evaluates stage 1 with ẑ";
        info.choices = 1;
        info.needs = {{Slot::Scorer, "distilled"}};
        info.traits = {Trait::EvalDiffers};
        return info;
    }

private:
    RouterState& m_state;
};

MOESCOPE_ROUTING_PART(DistilledSelector);

}  // namespace

}  // namespace moescope
