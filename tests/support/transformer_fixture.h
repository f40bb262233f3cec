// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Small models and batches with a fixed seed, for tests of the transformer.
#pragma once

#include <cmath>
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

/// Central differences of the loss along its gradient g, over |g|^2: 1 where the gradient is right. Two evaluations in
/// fp32 are off by about 1e-7 each.
inline double slopeAlongGradient(Transformer& model, const TokenBatch& batch)
{
    const at::Tensor gradient = gradientOf(model, batch, trainingContext());
    at::Tensor weights = model.parameters().master().narrow(0, 0, gradient.numel()).detach();
    const double square = gradient.square().sum().item<double>(), step = 2e-3 / std::sqrt(square);
    const auto lossAt = [&](double along) {
        weights.add_(gradient, along);
        const double loss = model.forward(batch, trainingContext()).total.item<double>();
        weights.sub_(gradient, along);
        return loss;
    };
    return (lossAt(step) - lossAt(-step)) / (2 * step) / square;
}

inline double relativeDifference(const at::Tensor& a, const at::Tensor& b)
{
    const at::Tensor left = a.to(at::kDouble), right = b.to(at::kDouble);
    return ((left - right).norm() / right.norm().clamp_min(1e-30)).item<double>();
}

}  // namespace moescope::test
