// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/attention_choice.h"

#include <algorithm>
#include <chrono>

#include <ATen/ops/ones_like.h>

#include "engine/model/attention.h"
#include "engine/model/initial_weights.h"

namespace moescope {

namespace {

double bestSeconds(ModelConfig model, Precision precision, AttentionKernel kernel)
{
    using Clock = std::chrono::steady_clock;
    model.attention = kernel;
    ParameterStore parameters;
    const AttentionLayer layer(model, 1, parameters, "measured");
    parameters.pack(precision);
    const std::int64_t sequences = std::max<std::int64_t>(1, 2048 / model.context);
    const at::Tensor x_TD =
        initialNormal(1, "input", {sequences * model.context, model.hiddenSize}, 1).set_requires_grad(true);

    double best = 1e9;
    const Clock::time_point end = Clock::now() + std::chrono::milliseconds(100);
    for (int round = 0; round < 3 || Clock::now() < end; ++round) {
        const Clock::time_point begin = Clock::now();
        const at::Tensor y_TD = layer.forward(x_TD, model.context);
        y_TD.backward(at::ones_like(y_TD));
        best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return best;
}

}  // namespace

AttentionKernel chooseAttention(const ModelConfig& model, Precision precision)
{
    if (model.attention != AttentionKernel::Auto)
        return model.attention;
    const double fused = bestSeconds(model, precision, AttentionKernel::Fused);
    const double plain = bestSeconds(model, precision, AttentionKernel::Plain);
    return plain < fused ? AttentionKernel::Plain : AttentionKernel::Fused;
}

}  // namespace moescope
