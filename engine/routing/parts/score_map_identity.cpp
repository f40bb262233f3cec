// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class IdentityMap final : public ScoreMap {
public:
    explicit IdentityMap(const PartArgs&) { }

    Mapped map(const at::Tensor& logits_TE) override
    {
        Mapped mapped;
        mapped.scores_TE = logits_TE;
        mapped.probs_TE = softmaxRows(logits_TE, 1.0, &mapped.entropy_T);
        return mapped;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::ScoreMap;
        info.name = "identity";
        info.summary = "The logit itself is the score; it may be negative.";
        info.formula = "s = z; probabilities for losses and diagnostics: softmax(z)";
        info.source = "Expert Race (arXiv:2503.16057): the identity gate did better than softmax and sigmoid";
        return info;
    }
};

MOESCOPE_ROUTING_PART(IdentityMap);

}  // namespace

}  // namespace moescope
