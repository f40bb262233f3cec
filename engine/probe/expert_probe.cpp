// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/probe/expert_probe.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include "engine/analysis/similarity.h"
#include "engine/base/check.h"
#include "engine/config/routed_experts.h"
#include "engine/model/moe_layer.h"
#include "engine/model/transformer.h"
#include "engine/probe/similarity_sums.h"

namespace moescope {

namespace {

constexpr std::int64_t kNumControls = 2;
constexpr std::uint64_t kControlSeed = 0x636f6e74726f6c73;  // "controls": no other weights of the run use this stream

/// Evenly spaced tokens of each sequence as [positions * B, D], position by position, so that every batch of the CKA
/// mixes all sequences.
at::Tensor probeTokens(const at::Tensor& hidden_TD, std::int64_t numSequences, const at::Tensor& positions_P)
{
    const at::Tensor hidden_BSD = hidden_TD.view({numSequences, -1, hidden_TD.size(1)});
    return hidden_BSD.index_select(1, positions_P).transpose(0, 1).reshape({-1, hidden_TD.size(1)});
}

void append(std::vector<float>& into, const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kFloat).contiguous().view({-1});
    const auto* data = flat.const_data_ptr<float>();
    into.insert(into.end(), data, data + flat.numel());
}

}  // namespace

struct ExpertProbe::Impl {
    Transformer& model;
    std::int64_t numExperts;
    TokenBatch batch;
    at::Tensor positions_P;
    ParameterStore controlParameters;
    std::vector<ExpertBank> controls;  // one bank of two experts for each layer

    Impl(Transformer& transformer, const RunConfig& config, TokenBatch tokens)
        : model(transformer)
        , numExperts(numRoutedExperts(config.model))
        , batch(std::move(tokens))
    {
        makeControls(config);
        const std::int64_t length = batch.tokens_BS.size(1);
        const std::int64_t count = std::min(config.probe.positions, length);
        positions_P = at::empty({count}, at::kLong);
        for (std::int64_t i = 0; i < count; ++i)
            positions_P[i] = (i + 1) * length / count - 1;
    }

    void makeControls(const RunConfig& config)
    {
        const std::size_t numLayers = model.moeLayers().size();
        controls.reserve(numLayers);
        for (std::size_t layer = 0; layer < numLayers; ++layer)
            controls.emplace_back(config.model, kNumControls, config.model.expertSize,
                static_cast<std::uint64_t>(config.seed) ^ kControlSeed, controlParameters,
                "controls." + std::to_string(layer));
        controlParameters.pack(config.training.precision);
    }

    void measureLayer(std::size_t layer, const at::Tensor& tokens_PD, SimilarityReport& report);
};

void ExpertProbe::Impl::measureLayer(std::size_t layer, const at::Tensor& tokens_PD, SimilarityReport& report)
{
    const ExpertBank& experts = model.moeLayers()[layer]->experts();
    SimilaritySums sums;
    const std::int64_t numBatches = std::max<std::int64_t>(1, tokens_PD.size(0) / kHsicBatch);
    for (const at::Tensor& batch_nD : tokens_PD.tensor_split(numBatches))
        sums.add(at::cat({experts.all(batch_nD), controls[layer].all(batch_nD)}));

    // The two controls are the last rows; nobody wants to see them in the matrices.
    const auto ofExperts = [this](const at::Tensor& m) { return m.narrow(0, 0, numExperts).narrow(1, 0, numExperts); };
    const at::Tensor cka_EE = sums.cka();
    const double null = cka_EE[numExperts][numExperts + 1].item<double>();
    const at::Tensor cosine_EE = ofExperts(sums.cosine()).contiguous();
    append(report.cosine, cosine_EE);
    append(report.ckaExcess, ckaExcess(ofExperts(cka_EE), null));
    const std::span<const double> cosine(
        cosine_EE.const_data_ptr<double>(), static_cast<std::size_t>(cosine_EE.numel()));
    report.diversity.push_back(static_cast<float>(diversityNumber(cosine, static_cast<int>(numExperts))));
    report.null.push_back(static_cast<float>(null));
}

ExpertProbe::ExpertProbe(Transformer& model, const RunConfig& config, TokenBatch batch)
    : m_impl(std::make_unique<Impl>(model, config, std::move(batch)))
{
}

ExpertProbe::~ExpertProbe() = default;

SimilarityReport ExpertProbe::measure()
{
    const auto begin = std::chrono::steady_clock::now();
    const c10::NoGradGuard noGrad;
    const std::vector<at::Tensor> inputs = m_impl->model.moeInputs(m_impl->batch);
    SimilarityReport report;
    report.numLayers = static_cast<std::int64_t>(inputs.size());
    report.numExperts = m_impl->numExperts;
    for (std::size_t layer = 0; layer < inputs.size(); ++layer)
        m_impl->measureLayer(
            layer, probeTokens(inputs[layer], m_impl->batch.tokens_BS.size(0), m_impl->positions_P), report);
    report.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

}  // namespace moescope
