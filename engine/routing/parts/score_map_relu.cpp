// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/relu.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/where.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class ReluMap final : public ScoreMap {
public:
    explicit ReluMap(const PartArgs&) { }

    Mapped map(const at::Tensor& logits_TE) override
    {
        Mapped mapped;
        mapped.scores_TE = at::relu(logits_TE);
        const at::Tensor sum_T1 = mapped.scores_TE.sum(1, true);
        const double uniform = 1.0 / static_cast<double>(logits_TE.size(1));
        mapped.probs_TE = at::where(sum_T1.gt(0), mapped.scores_TE.div(sum_T1.clamp_min(1e-20)), uniform);
        mapped.entropy_T = entropyRows(mapped.probs_TE);
        return mapped;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::ScoreMap;
        info.name = "relu";
        info.summary = "What is positive stays, everything else is no choice at all: routing without a jump.";
        info.formula = "s = ReLU(z); probabilities for losses and diagnostics: s / Σ s, uniform where all are 0";
        info.source = "ReMoE (arXiv:2412.14711) eq. 5";
        return info;
    }
};

MOESCOPE_ROUTING_PART(ReluMap);

}  // namespace

}  // namespace moescope
