// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SoftmaxBiasMap final : public ScoreMap {
public:
    explicit SoftmaxBiasMap(const PartArgs& args)
        : m_bias(args.parameters.add(args.prefix + ".bias", at::zeros({args.model.numExperts}), {.decay = false}))
    {
    }

    Mapped map(const at::Tensor& logits_TE) override
    {
        Mapped mapped;
        mapped.probs_TE = softmaxRows(logits_TE, 1.0, &mapped.entropy_T);
        mapped.scores_TE = mapped.probs_TE + m_bias.value().to(logits_TE.scalar_type());
        return mapped;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::ScoreMap;
        info.name = "softmax-bias";
        info.summary = "A learnt constant per expert is added to its probability.";
        info.formula = "p = softmax(z), s = p + b";
        info.source = "LibMoE's code of the cosine routers, version 1.1";
        return info;
    }

private:
    Weight m_bias;
};

MOESCOPE_ROUTING_PART(SoftmaxBiasMap);

}  // namespace

}  // namespace moescope
