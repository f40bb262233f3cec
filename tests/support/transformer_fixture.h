// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Small models and batches with a fixed seed, for tests of the transformer.
#pragma once

#include <memory>
#include <vector>

#include <ATen/ATen.h>

#include "engine/dist/group.h"
#include "engine/model/transformer.h"
#include "tests/support/router_fixture.h"

namespace moescope::test {

inline ModelConfig smallModel()
{
    ModelConfig model;
    model.hiddenSize = 32;
    model.numLayers = 2;
    model.numHeads = 4;
    model.numKvHeads = 4;
    model.context = 16;
    model.vocabulary = 50;
    model.numExperts = 4;
    model.expertSize = 24;
    model.denseSize = 40;
    model.attention = AttentionKernel::Plain;
    return model;
}

inline RoutingConfig recipe(const char* id) { return routingOf(*testCatalog().recipe(id)); }

/// Tokens that look random: a function of position and seed only.
inline TokenBatch someBatch(std::int64_t sequences, std::int64_t length, std::int64_t vocabulary, std::int64_t seed = 1)
{
    const at::Tensor n = at::arange(sequences * (length + 1), at::kLong).view({sequences, length + 1});
    const at::Tensor text = (n * n * 7 + n * seed * 13 + n.div(3, "floor")).remainder(vocabulary);
    return {text.narrow(1, 0, length).contiguous(), text.narrow(1, 1, length).contiguous(), 0};
}

inline ForwardContext trainingContext(Group* group = nullptr) { return {Step{3}, 100, 17, true, true, group}; }

/// Gradient of the total loss of one batch, [numTrained].
inline at::Tensor gradientOf(Transformer& model, const TokenBatch& batch, const ForwardContext& context)
{
    model.parameters().gradient().zero_();
    model.forward(batch, context).total.backward();
    return model.parameters().gradient().clone();
}

inline double relativeDifference(const at::Tensor& a, const at::Tensor& b)
{
    const at::Tensor left = a.to(at::kDouble), right = b.to(at::kDouble);
    return ((left - right).norm() / right.norm().clamp_min(1e-30)).item<double>();
}

}  // namespace moescope::test
