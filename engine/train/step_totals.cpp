// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/step_totals.h"

#include <cmath>

#include <ATen/ops/zeros.h>

#include "engine/base/check.h"
#include "engine/dist/group.h"
#include "engine/model/transformer.h"

namespace moescope {

namespace {

template <class Number> std::vector<Number> numbersOf(const at::Tensor& values)
{
    const auto* data = values.const_data_ptr<double>();
    std::vector<Number> numbers(static_cast<std::size_t>(values.numel()));
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = static_cast<Number>(data[i]);
    return numbers;
}

}  // namespace

StepTotals::StepTotals(std::int64_t numLayers, std::int64_t numExperts)
    : m_layers(numLayers)
    , m_experts(numExperts)
{
}

void StepTotals::keepNames(const ForwardResult& result)
{
    for (const AuxLoss& loss : result.losses)
        m_names.push_back(loss.name);
    const auto numLosses = static_cast<std::int64_t>(m_names.size());
    m_values = at::zeros({NumSlots + numLosses + 3 * m_layers * m_experts + m_layers}, at::kDouble);
}

void StepTotals::add(const ForwardResult& result, double share)
{
    if (!m_values.defined())
        keepNames(result);
    MOESCOPE_CHECK(result.losses.size() == m_names.size(), "every micro-batch has the same losses");
    auto* values = m_values.data_ptr<double>();
    const double total = result.total.item<double>();
    values[Total] += share * total;
    values[LanguageModel] += share * result.languageModel.item<double>();
    values[NonFinite] += std::isfinite(total) ? 0 : 1;
    values[Tokens] += static_cast<double>(result.stats.tokens);
    values[Answers] += static_cast<double>(result.answers);
    std::int64_t at = NumSlots;
    for (const AuxLoss& loss : result.losses)
        values[at++] += share * loss.value.item<double>();
    const auto addPart = [&](const at::Tensor& numbers) {
        part(at, numbers.numel()).add_(numbers.detach().reshape({-1}).to(at::kDouble));
        at += numbers.numel();
    };
    if (!result.stats.assigned_LE.defined())
        return;
    addPart(result.stats.assigned_LE);
    addPart(result.stats.kept_LE);
    addPart(result.stats.probabilitySum_LE);
    addPart(result.stats.entropySum_L);
}

void StepTotals::reduce(Group& group, const Decision& decision, bool stopWanted)
{
    if (!m_values.defined())
        keepNames({});
    auto* values = m_values.data_ptr<double>();
    values[Stop] = stopWanted ? 1 : 0;
    values[Code] = decision.code;
    values[Setting] = decision.setting;
    values[SettingValue] = static_cast<double>(decision.value);
    group.sum(m_values);
    m_stopWanted = values[Stop] > 0;
    m_decision = {static_cast<int>(values[Code]), static_cast<int>(values[Setting]),
        static_cast<std::int64_t>(values[SettingValue])};
}

bool StepTotals::lossFinite() const { return m_values.const_data_ptr<double>()[NonFinite] == 0; }

double StepTotals::total() const { return m_values.const_data_ptr<double>()[Total]; }
double StepTotals::languageModel() const { return m_values.const_data_ptr<double>()[LanguageModel]; }

std::int64_t StepTotals::answers() const
{
    return static_cast<std::int64_t>(m_values.const_data_ptr<double>()[Answers]);
}

std::vector<NamedNumber> StepTotals::losses() const
{
    std::vector<NamedNumber> losses;
    for (std::size_t i = 0; i < m_names.size(); ++i)
        losses.push_back({m_names[i], m_values.const_data_ptr<double>()[NumSlots + static_cast<std::int64_t>(i)]});
    return losses;
}

LoadReport StepTotals::load() const
{
    LoadReport load;
    load.numLayers = m_layers;
    load.numExperts = m_experts;
    load.tokens = static_cast<std::int64_t>(m_values.const_data_ptr<double>()[Tokens]);
    const std::int64_t cells = m_layers * m_experts;
    const std::int64_t first = NumSlots + static_cast<std::int64_t>(m_names.size());
    load.assigned = numbersOf<std::int64_t>(part(first, cells));
    load.kept = numbersOf<std::int64_t>(part(first + cells, cells));
    load.probabilitySum = numbersOf<float>(part(first + 2 * cells, cells));
    load.entropySum = numbersOf<float>(part(first + 3 * cells, m_layers));
    return load;
}

at::Tensor StepTotals::assigned_LE() const
{
    const std::int64_t first = NumSlots + static_cast<std::int64_t>(m_names.size());
    return part(first, m_layers * m_experts).to(at::kLong).view({m_layers, m_experts});
}

}  // namespace moescope
