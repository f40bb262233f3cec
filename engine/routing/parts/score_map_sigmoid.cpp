// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sum.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SigmoidMap final : public ScoreMap {
public:
    explicit SigmoidMap(const PartArgs&) { }

    Mapped map(const at::Tensor& logits_TE) override
    {
        Mapped mapped;
        mapped.scores_TE = at::sigmoid(logits_TE);
        mapped.probs_TE = mapped.scores_TE.div(mapped.scores_TE.sum(1, true).clamp_min(1e-20));
        mapped.entropy_T = entropyRows(mapped.probs_TE);
        return mapped;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::ScoreMap;
        info.name = "sigmoid";
        info.summary = "Each expert's score for itself: experts do not compete for probability.";
        info.formula = "s = σ(z); probabilities for losses and diagnostics: s / Σ s";
        info.source = "DeepSeek-V3 (arXiv:2412.19437) eq. 15; sequence balance on s / Σ s: eq. 17";
        return info;
    }
};

MOESCOPE_ROUTING_PART(SigmoidMap);

}  // namespace

}  // namespace moescope
