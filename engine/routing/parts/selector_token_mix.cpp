// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Mixture of Tokens: tokens at the same position of several sequences are mixed, once for each expert, and the answers
// handed back by the same weights. G groups of N tokens, B sequences of S positions, E experts.
#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/where.h>
#include <ATen/TensorOperators.h>

#include "engine/base/check.h"
#include "engine/model/parameters.h"
#include "engine/routing/dense_plan.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class TokenMixSelector final : public Selector {
public:
    explicit TokenMixSelector(const PartArgs& args)
        : m_group(args.integer("group") == 0 ? args.model.numExperts : args.integer("group"))
        , m_temperature(args.number("temperature"))
    {
        if (args.flag("learn_temperature"))
            m_logTemperature = args.parameters.add(
                args.prefix + ".log_temperature", at::full({1}, std::log(m_temperature), at::kFloat), {.decay = false});
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        DensePlan dense = groupsOf(plan.logits_TE.size(0), context.sequenceLength);
        const at::Tensor logits_GNE = cooled(rowsOfGroups(dense, plan.logits_TE));
        dense.combine_GNS = softmaxOverTokens(logits_GNE, filledPlaces(dense, context.valid_T));
        dense.dispatch_GSN = dense.combine_GNS.transpose(1, 2);
        Selection selection;
        selection.dense = std::move(dense);
        return selection;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "token-mix";
        info.summary = "Each expert gets one mixture of the tokens at the same position of a group of sequences, so "
                       "every expert carries the same load. Score map, capacity and weigher have no say.";
        info.formula = "m_{t,i} = softmax over the group of z_{t,i} / τ; y_t = Σᵢ m_{t,i} Fᵢ(Σ_u m_{u,i} h_u)";
        info.source = "Antoniak et al. 2023, Mixture of Tokens (arXiv:2310.15961) section 3; "
                      "llm-random/llm-random, ContinuousMoeBaseClass with sparsity_dim 0";
        info.traits = {Trait::BatchCoupled, Trait::DenseForm};
        info.choices = 1;
        info.fields = {
            integerField("group", "Group size", 0, 0, 4096,
                "Sequences whose tokens are mixed; 0 is the number of experts, which costs one expert per token."),
            numberField(
                "temperature", "Temperature", 1, 0.001, 1000, "Lower ones mix less: each expert gets one token."),
            switchField("learn_temperature", "Learn it", false, "Train the logarithm of the temperature."),
        };
        return info;
    }

private:
    /// Position by position, so many sequences at a time; the last group of a batch may have fewer.
    DensePlan groupsOf(std::int64_t tokens, std::int64_t length) const
    {
        MOESCOPE_CHECK(length > 0 && tokens % length == 0, "the tokens are whole sequences");
        const std::int64_t sequences = tokens / length, size = std::min(m_group, sequences);
        const std::int64_t blocks = (sequences + size - 1) / size;
        const at::Tensor sequence_B1N = at::arange(blocks * size, at::kLong).view({blocks, 1, size});
        const at::Tensor token_BSN = sequence_B1N * length + at::arange(length, at::kLong).unsqueeze(1);
        DensePlan dense;
        dense.numGroups = blocks * length;
        dense.token_GN = at::where(sequence_B1N < sequences, token_BSN, -1).view({dense.numGroups, size});
        return dense;
    }

    at::Tensor cooled(const at::Tensor& logits_GNE) const
    {
        if (!m_logTemperature.defined())
            return logits_GNE / m_temperature;
        return logits_GNE * (-m_logTemperature.value().to(logits_GNE.scalar_type())).exp();
    }

    std::int64_t m_group;
    double m_temperature;
    Weight m_logTemperature;
};

MOESCOPE_ROUTING_PART(TokenMixSelector);

}  // namespace

}  // namespace moescope
