// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/transformer.h"

#include <algorithm>
#include <utility>

#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/base/check.h"
#include "engine/model/attention.h"
#include "engine/model/auxiliary_losses.h"
#include "engine/model/dropout.h"
#include "engine/model/embedding.h"
#include "engine/model/head.h"
#include "engine/model/moe_layer.h"
#include "engine/model/norm.h"
#include "engine/routing/layer_rules.h"

namespace moescope {

namespace {

// The part of a RouteContext that all MoE layers of a pass share.
RouteContext routeContext(const TokenBatch& batch, const ForwardContext& context, int numLayers)
{
    const std::int64_t B = batch.tokens_BS.size(0), S = batch.tokens_BS.size(1);
    RouteContext route;
    route.tokens_T = batch.tokens_BS.reshape({B * S});
    route.positions_T = at::arange(S, at::kLong).expand({B, S}).reshape({B * S});
    route.sequences_T = (at::arange(B, at::kLong) + batch.firstSequence).unsqueeze(1).expand({B, S}).reshape({B * S});
    route.firstToken = batch.firstSequence * S;
    route.sequenceLength = S;
    route.numLayers = numLayers;
    route.step = context.step;
    route.totalSteps = context.totalSteps;
    route.seed = context.seed;
    route.training = context.training;
    route.recordStats = context.recordStats;
    route.group = context.training ? context.group : nullptr;
    return route;
}

LayerStats layerStats(const std::vector<LayerTrace>& layers)
{
    std::vector<at::Tensor> assigned, kept, probabilities, entropies;
    for (const LayerTrace& trace : layers) {
        assigned.push_back(trace.plan.assigned_E);
        kept.push_back(trace.plan.kept_E);
        probabilities.push_back(trace.plan.probabilitySum_E);
        entropies.push_back(trace.plan.entropySum.detach());
    }
    return {at::stack(assigned), at::stack(kept), at::stack(probabilities), at::stack(entropies).flatten(),
        layers.front().plan.numTokens};
}

std::int64_t takeAnswers(const std::vector<MoeLayer*>& layers)
{
    std::int64_t answers = 0;
    for (MoeLayer* layer : layers)
        answers += layer->takeAnswers();
    return answers;
}

}  // namespace

struct Transformer::Impl {
    // One letter of the pattern; exactly one of the three layers exists.
    struct Block {
        NormLayer norm;
        std::unique_ptr<AttentionLayer> attention;
        std::unique_ptr<MoeLayer> moe;
        std::unique_ptr<ExpertBank> dense;
    };

    ModelConfig model;
    ParameterStore parameters;
    std::unique_ptr<EmbeddingLayer> embedding;
    std::vector<Block> blocks;
    std::unique_ptr<NormLayer> lastNorm;  // pre-norm only: post-norm ends normalised
    std::unique_ptr<HeadLayer> head;
    std::vector<MoeLayer*> moeLayers;

    Block makeBlock(char letter, const std::string& prefix, const RoutingConfig& routing, std::uint64_t seed);
    at::Tensor branch(
        Block& block, const at::Tensor& x_TD, const RouteContext& shared, std::vector<LayerTrace>& traces);
    at::Tensor hidden(const TokenBatch& batch, const ForwardContext& context, std::vector<LayerTrace>& traces);
};

Transformer::Impl::Block Transformer::Impl::makeBlock(
    char letter, const std::string& prefix, const RoutingConfig& routing, std::uint64_t seed)
{
    Block block{NormLayer(model, parameters, prefix + ".norm"), nullptr, nullptr, nullptr};
    if (letter == 's') {
        block.attention = std::make_unique<AttentionLayer>(model, seed, parameters, prefix + ".attention");
    } else if (letter == 'f') {
        block.dense = std::make_unique<ExpertBank>(model, 1, model.denseSize, seed, parameters, prefix + ".dense");
    } else {
        MOESCOPE_CHECK(letter == 'g', "a block is s, g or f");
        const LayerId layer{static_cast<int>(moeLayers.size())};
        block.moe = std::make_unique<MoeLayer>(model, routing, layer, seed, parameters, prefix + ".moe");
        moeLayers.push_back(block.moe.get());
    }
    return block;
}

at::Tensor Transformer::Impl::branch(
    Block& block, const at::Tensor& x_TD, const RouteContext& shared, std::vector<LayerTrace>& traces)
{
    if (block.attention)
        return block.attention->forward(x_TD, shared.sequenceLength);
    if (block.dense)
        return block.dense->one(ExpertId{0}, x_TD);
    LayerTrace trace{block.moe.get(), shared, {}};
    trace.context.hidden_TD = x_TD;
    trace.context.layer = LayerId{static_cast<int>(traces.size())};
    if (!traces.empty())
        trace.context.carry = traces.back().plan.carry;
    at::Tensor y_TD = block.moe->forward(trace.context, trace.plan);
    traces.push_back(std::move(trace));
    return y_TD;
}

at::Tensor Transformer::Impl::hidden(
    const TokenBatch& batch, const ForwardContext& context, std::vector<LayerTrace>& traces)
{
    MOESCOPE_CHECK(batch.tokens_BS.size(1) <= model.context, "a sequence is no longer than the context");
    const RouteContext shared = routeContext(batch, context, static_cast<int>(moeLayers.size()));
    const double rate = context.training ? model.dropout : 0;
    std::vector<at::Tensor> carried;  // by residual rules
    at::Tensor h_TD = embedding->forward(batch.tokens_BS);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const DropoutPlace place{context.seed, context.step.value, static_cast<int>(i), shared.firstToken};
        const bool before = model.normPlace == NormPlace::Before;
        const at::Tensor x_TD = before ? blocks[i].norm.forward(h_TD) : h_TD;
        const at::Tensor y_TD = dropout(branch(blocks[i], x_TD, shared, traces), rate, place);
        const ResidualRule* rule = blocks[i].moe ? blocks[i].moe->router().residualRule() : nullptr;
        h_TD = rule ? rule->update(h_TD, y_TD, carried) : h_TD + y_TD;
        if (!before)
            h_TD = blocks[i].norm.forward(h_TD);
    }
    return lastNorm ? lastNorm->forward(h_TD) : h_TD;
}

Transformer::Transformer(
    const ModelConfig& model, const RoutingConfig& routing, Precision precision, std::uint64_t seed)
    : m_impl(std::make_unique<Impl>())
{
    Impl& self = *m_impl;
    self.model = model;
    self.embedding = std::make_unique<EmbeddingLayer>(model, seed, self.parameters);
    for (std::int64_t repeat = 0; repeat < model.numLayers; ++repeat)
        for (const char letter : model.blockPattern)
            self.blocks.push_back(
                self.makeBlock(letter, "layers." + std::to_string(self.blocks.size()), routing, seed));
    if (model.normPlace == NormPlace::Before)
        self.lastNorm = std::make_unique<NormLayer>(model, self.parameters, "norm");
    self.head = std::make_unique<HeadLayer>(model, self.embedding->tokens(), seed, self.parameters);
    self.parameters.pack(precision);
}

Transformer::~Transformer() = default;

ForwardResult Transformer::forward(const TokenBatch& batch, const ForwardContext& context)
{
    Impl& self = *m_impl;
    const c10::AutoGradMode graph(context.training);
    std::vector<LayerTrace> traces;
    takeAnswers(self.moeLayers);  // evaluation and probe asked them too
    const at::Tensor x_TD = self.hidden(batch, context, traces);
    ForwardResult result;
    result.nats_BS = self.head->crossEntropy(x_TD, batch.targets_BS.reshape({-1})).view(batch.tokens_BS.sizes());
    result.languageModel = result.nats_BS.mean();
    result.total = result.languageModel;
    if (context.training) {
        AuxiliaryLosses losses = auxiliaryLosses(traces, context.group);
        if (losses.weighted.defined())
            result.total = result.total + losses.weighted;
        result.losses = std::move(losses.byName);
        result.answers = takeAnswers(self.moeLayers);
    }
    if (context.recordStats && !traces.empty())
        result.stats = layerStats(traces);
    return result;
}

ParameterStore& Transformer::parameters() { return m_impl->parameters; }

const std::vector<MoeLayer*>& Transformer::moeLayers() { return m_impl->moeLayers; }

std::vector<int> Transformer::moeBlocks() const
{
    std::vector<int> indices;
    for (std::size_t i = 0; i < m_impl->blocks.size(); ++i)
        if (m_impl->blocks[i].moe)
            indices.push_back(static_cast<int>(i));
    return indices;
}

std::vector<MoePass> Transformer::moePasses(const TokenBatch& batch)
{
    const c10::NoGradGuard noGraph;
    std::vector<LayerTrace> traces;
    m_impl->hidden(batch, ForwardContext{}, traces);
    std::vector<MoePass> passes;
    for (LayerTrace& trace : traces)
        passes.push_back({std::move(trace.context.hidden_TD), std::move(trace.plan)});
    return passes;
}

bool Transformer::needsTokenCounts()
{
    return std::ranges::any_of(m_impl->moeLayers, [](MoeLayer* layer) { return layer->router().needsTokenCounts(); });
}

void Transformer::onTokenCounts(const at::Tensor& counts_V)
{
    for (MoeLayer* layer : m_impl->moeLayers)
        layer->router().onTokenCounts(counts_V);
}

void Transformer::onStepBegin(Step step, std::int64_t totalSteps)
{
    for (MoeLayer* layer : m_impl->moeLayers)
        layer->router().onStepBegin(step, totalSteps);
}

bool Transformer::adjustGradients(Step step, Group* group)
{
    bool changed = false;
    for (MoeLayer* layer : m_impl->moeLayers) {
        if (ExpertGradientRule* rule = layer->router().gradientRule()) {
            at::Tensor gradient = layer->experts().inputGradient();
            changed = rule->apply(step, gradient, group) || changed;
        }
    }
    return changed;
}

void Transformer::onStepEnd(Step step, std::int64_t totalSteps, const at::Tensor& assigned_LE, std::int64_t tokens)
{
    for (std::size_t i = 0; i < m_impl->moeLayers.size(); ++i)
        m_impl->moeLayers[i]->router().onStepEnd(
            {step, totalSteps, assigned_LE[static_cast<std::int64_t>(i)], tokens, assigned_LE});
}

}  // namespace moescope
