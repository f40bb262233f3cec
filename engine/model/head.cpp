// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// T tokens, V words of the vocabulary, D model width.
#include "engine/model/head.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ops/empty.h>

#include "engine/base/check.h"
#include "engine/model/activation.h"
#include "engine/model/gemm.h"
#include "engine/model/graph_node.h"
#include "engine/model/initial_weights.h"
#include "engine/model/scratch.h"
#include "engine/model/token_tiles.h"
#include "engine/model/weight_gradient.h"

namespace moescope {

namespace {

template <class T> struct HeadCall {
    Weight weight;
    at::Tensor x_TD, slope_TV;  // T; slope = softmax - onehot(target), kept for backward only
};

// Few rows at a time for large vocabularies, so that the logits stay near the processor.
std::int64_t logitRows(std::int64_t V) { return std::clamp<std::int64_t>((std::int64_t{1} << 18) / V, 4, kTokenRows); }

template <class T> void scaleRow(float factor, T* row, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i)
        row[i] = static_cast<T>(factor * static_cast<float>(row[i]));
}

template <class T> std::vector<at::Tensor> headBackward(const HeadCall<T>& call, const at::Tensor& gradient_T)
{
    const std::int64_t tokens = call.x_TD.size(0), D = call.x_TD.size(1), V = call.slope_TV.size(1);
    T* slope = static_cast<T*>(call.slope_TV.data_ptr());
    const float* factor = gradient_T.const_data_ptr<float>();
    at::Tensor dx_TD = at::empty({tokens, D}, at::kFloat);
    forTokenTiles(tokens, [&](std::int64_t first, std::int64_t rows) {
        for (std::int64_t row = first; row < first + rows; ++row)
            scaleRow(factor[row], slope + row * V, V);
        gemm(rows, D, V, Operand<T>{slope + first * V, V},
            Operand<T>{call.weight.compute().template const_data_ptr<T>(), D},
            dx_TD.mutable_data_ptr<float>() + first * D, D);
    });
    addWeightGradient(call.weight, tokens, Operand<T>{slope, V}, Operand<T>{call.x_TD.template const_data_ptr<T>(), D});
    return {dx_TD, at::Tensor()};
}

template <class T> at::Tensor headForward(const at::Tensor& x_TD, const at::Tensor& targets_T, const Weight& weight)
{
    const std::int64_t tokens = x_TD.size(0), D = x_TD.size(1), V = weight.value().size(0);
    const bool graph = needsGraph({x_TD, weight.compute()});
    HeadCall<T> call{weight, x_TD.detach().to(weight.compute().scalar_type()).contiguous(), {}};
    if (graph)
        call.slope_TV = at::empty({tokens, V}, call.x_TD.options());
    at::Tensor nats_T = at::empty({tokens}, at::kFloat);
    const at::Tensor wanted_T = targets_T.contiguous();
    const std::int64_t* target = wanted_T.const_data_ptr<std::int64_t>();
    MOESCOPE_CHECK(std::all_of(target, target + tokens, [V](std::int64_t t) { return t >= 0 && t < V; }),
        "a target is a word of the vocabulary");
    float* nats = nats_T.mutable_data_ptr<float>();
    T* slope = graph ? call.slope_TV.template mutable_data_ptr<T>() : nullptr;
    const auto tile = [&](std::int64_t first, std::int64_t rows) {
        thread_local Scratch<float> memory;
        float* logits = memory.get(rows * V);
        gemm(rows, V, D, Operand<T>{call.x_TD.template const_data_ptr<T>() + first * D, D},
            Operand<T>{weight.compute().template const_data_ptr<T>(), D, true}, logits, V);
        for (std::int64_t row = 0; row < rows; ++row)
            nats[first + row] = layerKernels().crossEntropy(logits + row * V, V, target[first + row]);
        if (slope)
            typedKernels<T>().fromFloat(logits, kernelPointer(slope + first * V), rows * V);
    };
    forTokenTiles(tokens, tile, logitRows(V));
    if (graph)
        attachBackward(nats_T, {x_TD, weight.compute()}, [call, done = false](const at::Tensor& gradient_T) mutable {
            MOESCOPE_CHECK(!done, "backward of the head scales its slopes in place: once for each forward pass");
            done = true;
            return headBackward(call, gradient_T);
        });
    return nats_T;
}

}  // namespace

HeadLayer::HeadLayer(const ModelConfig& model, const Weight& tokens, std::uint64_t seed, ParameterStore& parameters)
    : m_weight(tokens)
{
    const std::string name = "head.weight";
    if (!model.tiedHead)
        m_weight = parameters.add(name, initialNormal(seed, name, {model.vocabulary, model.hiddenSize}, 0.02));
}

at::Tensor HeadLayer::crossEntropy(const at::Tensor& x_TD, const at::Tensor& targets_T) const
{
    return m_weight.compute().scalar_type() == at::kBFloat16 ? headForward<c10::BFloat16>(x_TD, targets_T, m_weight)
                                                             : headForward<float>(x_TD, targets_T, m_weight);
}

}  // namespace moescope
