// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/TensorOperators.h>

#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class LearnedTemperatureMap final : public ScoreMap {
public:
    explicit LearnedTemperatureMap(const PartArgs& args)
        : m_sigmoid(args.text("gate") == "sigmoid")
        , m_probabilityScale(1 / args.number("probability_temperature"))
        , m_logTemperature(args.parameters.add(args.prefix + ".log_temperature",
              at::full({1}, std::log(args.number("temperature")), at::kFloat), {.decay = false}))
    {
    }

    Mapped map(const at::Tensor& logits_TE) override
    {
        const at::Tensor scaled_TE = logits_TE * (-m_logTemperature.value().to(logits_TE.scalar_type())).exp();
        Mapped mapped;
        mapped.scores_TE = m_sigmoid ? at::sigmoid(scaled_TE) : softmaxRows(scaled_TE, 1.0);
        mapped.probs_TE = softmaxRows(logits_TE, m_probabilityScale, &mapped.entropy_T);
        return mapped;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::ScoreMap;
        info.name = "learned-temperature";
        info.summary = "Softmax or logistic function at a temperature that training finds; losses and diagnostics use "
                       "a fixed one.";
        info.formula = "s = softmax(z / τ) or σ(z / τ), τ learnt; probabilities of losses: softmax(z / τ₀)";
        info.source = "X-MoE (arXiv:2204.09179): τ starts at 0.3 (softmax) or 0.07 (sigmoid), τ₀ stays there. "
                      "τ is learnt as its logarithm, so it cannot become negative";
        info.fields = {
            choiceField("gate", "Gate", {"softmax", "sigmoid"}, "The function that makes a weight of the logit."),
            numberField("temperature", "Initial temperature", 0.3, 1e-3, 1e3, "τ at the start."),
            numberField("probability_temperature", "Temperature of the losses", 0.3, 1e-3, 1e3,
                "τ₀: of the probabilities that balance losses and diagnostics see. Fixed, so that a loss cannot be "
                "made "
                "smaller by a flatter softmax."),
        };
        return info;
    }

private:
    bool m_sigmoid;
    double m_probabilityScale;
    Weight m_logTemperature;
};

MOESCOPE_ROUTING_PART(LearnedTemperatureMap);

}  // namespace

}  // namespace moescope
