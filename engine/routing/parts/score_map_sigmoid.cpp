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
    explicit SigmoidMap(const PartArgs& args)
        : m_softmax(args.text("probabilities") == "softmax")
    {
    }

    Mapped map(const at::Tensor& logits_TE) override
    {
        Mapped mapped;
        mapped.scores_TE = at::sigmoid(logits_TE);
        if (m_softmax) {
            mapped.probs_TE = softmaxRows(logits_TE, 1, &mapped.entropy_T);
            return mapped;
        }
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
        info.formula = "s = σ(z); probabilities for losses and diagnostics: s / Σ s, or softmax(z)";
        info.source = "DeepSeek-V3 (arXiv:2412.19437) eq. 15; sequence balance on s / Σ s: eq. 17; softmax(z): "
                      "Csordás et al. 2023 (arXiv:2310.10837) section 4";
        info.fields = {choiceField("probabilities", "Probabilities", {"normalised", "softmax"},
            "What losses and diagnostics take for probabilities: the scores over their sum (DeepSeek-V3), or a softmax "
            "of the logits (σ-MoE).")};
        return info;
    }

private:
    bool m_softmax;
};

MOESCOPE_ROUTING_PART(SigmoidMap);

}  // namespace

}  // namespace moescope
