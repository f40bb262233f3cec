// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/norm.h"

#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "engine/model/graph_node.h"
#include "engine/model/layer_kernels.h"
#include "engine/model/token_tiles.h"

namespace moescope {

namespace {

constexpr float kEpsilon = 1e-5f;

struct NormCall {
    Weight scale, shift;
    at::Tensor x_TD, mean_T, inverse_T;  // mean_T only for LayerNorm
};

// Sums of the tiles in their order: equal for any number of threads.
void addTileSums(const at::Tensor& sums_ND, const Weight& weight)
{
    if (weight.value().grad().defined())
        weight.value().grad().add_(sums_ND.sum(0));
}

std::vector<at::Tensor> backwardOfNorm(const NormCall& call, const at::Tensor& dy_TD)
{
    const std::int64_t T = dy_TD.size(0), D = dy_TD.size(1), tiles = (T + kTokenRows - 1) / kTokenRows;
    const bool shifted = call.shift.defined();
    at::Tensor dx_TD = at::empty({T, D}, at::kFloat), dScale_ND = at::zeros({tiles, D}, at::kFloat);
    at::Tensor dShift_ND = shifted ? at::zeros({tiles, D}, at::kFloat) : at::Tensor();
    const float *x = call.x_TD.const_data_ptr<float>(), *dy = dy_TD.const_data_ptr<float>();
    const float *scale = call.scale.value().const_data_ptr<float>(), *inverse = call.inverse_T.const_data_ptr<float>();
    const float* mean = shifted ? call.mean_T.const_data_ptr<float>() : nullptr;
    float *dx = dx_TD.mutable_data_ptr<float>(), *dScale = dScale_ND.mutable_data_ptr<float>();
    float* dShift = shifted ? dShift_ND.mutable_data_ptr<float>() : nullptr;
    forTokenTiles(T, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t sums = first / kTokenRows * D;
        for (std::int64_t row = first; row < first + rows; ++row)
            layerKernels().normBackward(x + row * D, scale, dy + row * D, mean ? mean[row] : 0.0f, inverse[row],
                dx + row * D, dScale + sums, dShift ? dShift + sums : nullptr, D);
    });
    addTileSums(dScale_ND, call.scale);
    if (shifted)
        addTileSums(dShift_ND, call.shift);
    return {dx_TD, at::Tensor()};
}

}  // namespace

NormLayer::NormLayer(const ModelConfig& model, ParameterStore& parameters, const std::string& prefix)
{
    const ParameterTraits undecayed{.decay = false};
    m_scale = parameters.add(prefix + ".scale", at::ones({model.hiddenSize}, at::kFloat), undecayed);
    if (model.norm == Norm::LayerNorm)
        m_shift = parameters.add(prefix + ".shift", at::zeros({model.hiddenSize}, at::kFloat), undecayed);
}

at::Tensor NormLayer::forward(const at::Tensor& x_TD) const
{
    const std::int64_t T = x_TD.size(0), D = x_TD.size(1);
    NormCall call{m_scale, m_shift, x_TD.detach().contiguous(), {}, at::empty({T}, at::kFloat)};
    if (m_shift.defined())
        call.mean_T = at::empty({T}, at::kFloat);
    at::Tensor y_TD = at::empty({T, D}, at::kFloat);
    const float *x = call.x_TD.const_data_ptr<float>(), *scale = m_scale.value().const_data_ptr<float>();
    const float* shift = m_shift.defined() ? m_shift.value().const_data_ptr<float>() : nullptr;
    float *y = y_TD.mutable_data_ptr<float>(), *inverse = call.inverse_T.mutable_data_ptr<float>();
    float* mean = shift ? call.mean_T.mutable_data_ptr<float>() : nullptr;
    forTokenTiles(T, [&](std::int64_t first, std::int64_t rows) {
        for (std::int64_t row = first; row < first + rows; ++row)
            inverse[row] = shift
                ? layerKernels().layerNorm(x + row * D, scale, shift, kEpsilon, y + row * D, D, mean + row)
                : layerKernels().rmsNorm(x + row * D, scale, kEpsilon, y + row * D, D);
    });
    if (needsGraph({x_TD, m_scale.value()}))
        attachBackward(
            y_TD, {x_TD, m_scale.value()}, [call](const at::Tensor& dy_TD) { return backwardOfNorm(call, dy_TD); });
    return y_TD;
}

}  // namespace moescope
