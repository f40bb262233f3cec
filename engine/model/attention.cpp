// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/attention.h"

#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/repeat_interleave.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/TensorOperators.h>

#include "engine/model/attention_function.h"
#include "engine/model/initial_weights.h"

namespace moescope {

namespace {

at::Tensor rotate(const at::Tensor& x_BGSC, const at::Tensor& cos_SC, const at::Tensor& sin_SC)
{
    const auto halves = x_BGSC.chunk(2, -1);
    return at::cat({halves[0] * cos_SC - halves[1] * sin_SC, halves[1] * cos_SC + halves[0] * sin_SC}, -1);
}

}  // namespace

AttentionLayer::AttentionLayer(
    const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix)
    : m_model(model)
{
    const std::int64_t D = model.hiddenSize, C = D / model.numHeads;
    const std::string in = prefix + ".qkv", out = prefix + ".out";
    m_qkv = parameters.add(
        in, initialNormal(seed, in, {(model.numHeads + 2 * model.numKvHeads) * C, D}, std::pow(D, -0.5)));
    m_out = parameters.add(
        out, initialNormal(seed, out, {D, model.numHeads * C}, std::pow(D, -0.5) * residualScale(model)));
    if (model.positions == Positions::Rope) {
        const at::Tensor rate = at::pow(10000.0, at::arange(0, C, 2, at::kFloat) / static_cast<double>(-C));
        const at::Tensor angle = at::outer(at::arange(model.context, at::kFloat), rate);
        m_cos_SC = angle.cos();
        m_sin_SC = angle.sin();
    }
}

at::Tensor AttentionLayer::forward(const at::Tensor& x_TD, std::int64_t S) const
{
    const std::int64_t T = x_TD.size(0), B = T / S, G = m_model.numHeads, J = m_model.numKvHeads;
    const std::int64_t C = m_model.hiddenSize / G;
    if (m_model.attention == AttentionKernel::Plain)
        return tiledAttention(x_TD, {S, G, J, C}, m_qkv, m_out, m_cos_SC, m_sin_SC);
    const at::ScalarType type = m_qkv.compute().scalar_type();
    const at::Tensor qkv = at::linear(x_TD.to(type), m_qkv.compute()).view({B, S, G + 2 * J, C}).transpose(1, 2);
    at::Tensor q = qkv.narrow(1, 0, G), k = qkv.narrow(1, G, J), v = qkv.narrow(1, G + J, J);
    if (m_cos_SC.defined()) {
        const at::Tensor cos = m_cos_SC.narrow(0, 0, S).to(type), sin = m_sin_SC.narrow(0, 0, S).to(type);
        q = rotate(q, cos, sin);
        k = rotate(k, cos, sin);
    }
    if (J != G) {
        k = at::repeat_interleave(k, G / J, 1);
        v = at::repeat_interleave(v, G / J, 1);
    }
    const at::Tensor y = at::scaled_dot_product_attention(q, k, v, {}, 0.0, true);
    return at::linear(y.transpose(1, 2).reshape({T, G * C}), m_out.compute()).to(at::kFloat);
}

}  // namespace moescope
