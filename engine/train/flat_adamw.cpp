// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/flat_adamw.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros_like.h>
#include <ATen/Parallel.h>

#include "engine/base/check.h"

namespace moescope {

namespace {

// Small enough that an fp32 sum of one block loses nothing that matters, large enough to vectorise.
constexpr std::int64_t kNormBlock = 4096;

float sumOfSquares(const float* values, std::int64_t count)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < count; ++i)
        sum += values[i] * values[i];
    return sum;
}

}  // namespace

double gradientNorm(const at::Tensor& gradient)
{
    MOESCOPE_CHECK(gradient.is_contiguous() && gradient.scalar_type() == at::kFloat, "a flat fp32 buffer");
    const std::int64_t count = gradient.numel();
    const auto* values = gradient.const_data_ptr<float>();
    const std::int64_t numBlocks = (count + kNormBlock - 1) / kNormBlock;
    std::vector<double> sums(static_cast<std::size_t>(numBlocks));
    at::parallel_for(0, numBlocks, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            const std::int64_t first = block * kNormBlock;
            sums[static_cast<std::size_t>(block)] = sumOfSquares(values + first, std::min(kNormBlock, count - first));
        }
    });
    double total = 0;
    for (const double sum : sums)
        total += sum;
    return std::sqrt(total);
}

FlatAdamW::FlatAdamW(const OptimizerConfig& settings, at::Tensor master, at::Tensor gradient, std::int64_t numDecayed)
    : m_settings(settings)
    , m_master(std::move(master))
    , m_gradient(std::move(gradient))
    , m_first(at::zeros_like(m_master))
    , m_second(at::zeros_like(m_master))
    , m_live{{0, m_master.numel()}}
    , m_numDecayed(numDecayed)
{
    MOESCOPE_CHECK(m_master.dim() == 1 && m_master.sizes() == m_gradient.sizes(), "flat buffers of equal length");
    MOESCOPE_CHECK(numDecayed >= 0 && numDecayed <= m_master.numel(), "decayed elements are a part of the buffer");
}

void FlatAdamW::step(double learningRate, double norm)
{
    ++m_updates;
    at::Tensor scale;
    if (m_settings.clip > 0 && norm > m_settings.clip)
        scale = at::full({}, (norm + 1e-6) / m_settings.clip, m_master.options());
    update({0, m_numDecayed}, learningRate, m_settings.weightDecay, scale);
    update({m_numDecayed, m_master.numel()}, learningRate, 0, scale);
}

void FlatAdamW::restrictTo(const std::vector<ElementRange>& live)
{
    if (live == m_live)
        return;
    m_live = live;
    std::int64_t end = 0;
    const auto clear = [&](std::int64_t from, std::int64_t to) {
        MOESCOPE_CHECK(from <= to, "ranges ascend");
        m_first.narrow(0, from, to - from).zero_();
        m_second.narrow(0, from, to - from).zero_();
    };
    for (const ElementRange& range : m_live) {
        clear(end, range.begin);
        end = range.end;
    }
    clear(end, m_master.numel());
}

void FlatAdamW::update(ElementRange range, double learningRate, double decay, const at::Tensor& scale)
{
    std::vector<at::Tensor> master, gradient, first, second, updates;
    for (const ElementRange& live : m_live) {
        const std::int64_t begin = std::max(range.begin, live.begin), length = std::min(range.end, live.end) - begin;
        if (length <= 0)
            continue;
        master.push_back(m_master.narrow(0, begin, length));
        gradient.push_back(m_gradient.narrow(0, begin, length));
        first.push_back(m_first.narrow(0, begin, length));
        second.push_back(m_second.narrow(0, begin, length));
        // A fresh number each time: an fp32 counter that is added to would stop at 2^24.
        updates.push_back(at::full({}, static_cast<double>(m_updates), m_master.options()));
    }
    if (master.empty())
        return;
    at::_fused_adamw_(master, gradient, first, second, {}, updates, learningRate, m_settings.beta1, m_settings.beta2,
        decay, m_settings.epsilon, /*amsgrad=*/false, /*maximize=*/false,
        scale.defined() ? std::optional<at::Tensor>(scale) : std::nullopt);
}

}  // namespace moescope
