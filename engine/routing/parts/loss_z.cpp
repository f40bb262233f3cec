// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <ATen/ops/mul.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sum.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class ZLoss final : public Loss {
public:
    explicit ZLoss(const PartArgs&) { }

    at::Tensor value(const LossContext& context) override
    {
        at::Tensor squares_T = logSumExpRows(context.plan.logits_TE).square();
        if (context.route.valid_T.defined())
            squares_T = squares_T.where(context.route.valid_T, 0);
        return squares_T.sum().mul(context.numRanks / std::max(1.0, context.globalTokens));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "z";
        info.summary = "Keeps logits small, so that fp32 rounding of the softmax stays harmless.";
        info.formula = "L_z = (1/T) Σ_t (ln Σ_i exp z_{t,i})²";
        info.source = "ST-MoE (arXiv:2202.08906) eq. 5";
        info.fitsDense = true;
        info.fields = {coefficientField(1e-3)};
        return info;
    }
};

MOESCOPE_ROUTING_PART(ZLoss);

}  // namespace

}  // namespace moescope
