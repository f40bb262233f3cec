// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SoftmaxMap final : public ScoreMap {
public:
    explicit SoftmaxMap(const PartArgs& args)
        : m_state(args.state)
        , m_temperature(args.number("temperature"))
    {
    }

    Mapped map(const at::Tensor& logits_TE) override
    {
        Mapped mapped;
        mapped.scores_TE = softmaxRows(logits_TE, 1 / (m_temperature * m_state.temperature), &mapped.entropy_T);
        mapped.probs_TE = mapped.scores_TE;
        return mapped;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::ScoreMap;
        info.name = "softmax";
        info.summary = "Scores of a token add up to 1 over all experts.";
        info.formula = "s = softmax(z / τ)";
        info.source = "Shazeer et al. 2017 (arXiv:1701.06538) eq. 2; Fedus et al. 2022 (arXiv:2101.03961) eq. 1";
        info.fields = {numberField(
            "temperature", "Temperature", 1, 1e-3, 1e3, "τ: below 1 sharpens the scores, above 1 flattens them.")};
        return info;
    }

private:
    RouterState& m_state;
    double m_temperature;
};

MOESCOPE_ROUTING_PART(SoftmaxMap);

}  // namespace

}  // namespace moescope
