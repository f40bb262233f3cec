// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/patch_experts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/analysis/specialisation.h"
#include "engine/base/check.h"
#include "engine/data/normal_random.h"

namespace moescope {

namespace {

constexpr std::uint64_t kFilters = 0x66696c74657273, kNoise = 0x6e6f697365;  // "filters", "noise"
constexpr std::size_t kPatchCount = PatchSettings::kPatches, kPatchSize = PatchSettings::kWidth;
constexpr std::size_t kMostOutputs = 32;  ///< filters of both classes

class PatchExperts {
public:
    explicit PatchExperts(const PatchExpertsSettings& settings)
        : m_settings(settings)
        , m_numExperts(static_cast<std::size_t>(settings.numExperts))
        , m_numOutputs(2 * static_cast<std::size_t>(settings.numFilters))
        , m_filters(m_numExperts * kPatchSize * m_numOutputs)
        , m_router(m_numExperts * kPatchSize)
        , m_filterGradient(m_filters.size())
        , m_routerGradient(m_router.size())
    {
        MOESCOPE_CHECK(m_numOutputs <= kMostOutputs && m_numExperts > 0, "at most 16 filters a class");
        CounterRandom random{kFilters, settings.seed};
        for (float& weight : m_filters)
            weight = static_cast<float>(settings.initialDeviation * normalNumber(random));
    }

    struct Epoch {
        double loss = 0, dispatchEntropy = 0;  ///< of all points under noise, before the update
    };

    /// Gradients of all points.
    Epoch measure(const PatchMixture::Points& points, std::uint64_t epoch)
    {
        m_loss = 0;
        std::ranges::fill(m_filterGradient, 0.0F);
        std::ranges::fill(m_routerGradient, 0.0);
        CounterRandom random{kNoise, m_settings.seed, epoch};
        std::vector<double> counts(PatchSettings::kClusters * m_numExperts);
        for (std::size_t point = 0; point < points.labels.size(); ++point) {
            const std::size_t expert = learn(points, point, random);
            ++counts[static_cast<std::size_t>(points.clusters[point]) * m_numExperts + expert];
        }
        m_numPoints = static_cast<double>(points.labels.size());
        return {m_loss / m_numPoints,
            specialisation(counts, PatchSettings::kClusters, m_settings.numExperts).dispatchEntropy};
    }

    void test(const PatchMixture::Points& points, PatchExpertsReport& report)
    {
        std::vector<double> counts(PatchSettings::kClusters * m_numExperts);
        std::size_t right = 0;
        for (std::size_t point = 0; point < points.labels.size(); ++point) {
            const Scores scores = score(patchesOf(points, point));
            const auto expert =
                static_cast<std::size_t>(std::ranges::max_element(scores.logits) - scores.logits.begin());
            ++counts[static_cast<std::size_t>(points.clusters[point]) * m_numExperts + expert];
            const Answer answer = ask(expert, patchesOf(points, point));
            right += (answer.classes[1] > answer.classes[0]) == (points.labels[point] == 1);
        }
        report.accuracy = static_cast<double>(right) / static_cast<double>(points.labels.size());
        const Specialisation match = specialisation(counts, PatchSettings::kClusters, m_settings.numExperts);
        report.dispatchEntropy = match.dispatchEntropy;
        report.normalisedInformation = match.normalisedInformation;
    }

private:
    struct Scores {
        std::array<double, kPatchSize> sum;  ///< of the patches
        std::vector<double> logits;
    };
    struct Answer {
        std::array<std::array<float, kMostOutputs>, kPatchCount> products;  ///< filter · patch
        std::array<double, 2> classes{0, 0};
    };

    static const float* patchesOf(const PatchMixture::Points& points, std::size_t point)
    {
        return &points.inputs[point * kPatchCount * kPatchSize];
    }

    Scores score(const float* patches) const
    {
        Scores scores{{}, std::vector<double>(m_numExperts)};
        for (std::size_t patch = 0; patch < kPatchCount; ++patch)
            for (std::size_t i = 0; i < kPatchSize; ++i)
                scores.sum[i] += static_cast<double>(patches[patch * kPatchSize + i]);
        for (std::size_t expert = 0; expert < m_numExperts; ++expert)
            for (std::size_t i = 0; i < kPatchSize; ++i)
                scores.logits[expert] += m_router[expert * kPatchSize + i] * scores.sum[i];
        return scores;
    }

    Answer ask(std::size_t expert, const float* patches) const
    {
        Answer answer{};
        const float* filters = &m_filters[expert * kPatchSize * m_numOutputs];
        for (std::size_t patch = 0; patch < kPatchCount; ++patch) {
            float* products = answer.products[patch].data();
            for (std::size_t i = 0; i < kPatchSize; ++i)
                for (std::size_t output = 0; output < m_numOutputs; ++output)
                    products[output] += patches[patch * kPatchSize + i] * filters[i * m_numOutputs + output];
            for (std::size_t output = 0; output < m_numOutputs; ++output) {
                const auto product = static_cast<double>(products[output]);
                answer.classes[2 * output / m_numOutputs] +=
                    m_settings.nonlinear ? product * product * product : product;
            }
        }
        return answer;
    }

    std::size_t learn(const PatchMixture::Points& points, std::size_t point, CounterRandom& random)
    {
        const float* patches = patchesOf(points, point);
        const Scores scores = score(patches);
        std::size_t expert = 0;
        double best = -INFINITY, largest = -INFINITY;
        for (std::size_t e = 0; e < m_numExperts; ++e) {
            const double noisy = scores.logits[e] + random.unit();
            largest = std::max(largest, scores.logits[e]);
            if (noisy > best) {
                best = noisy;
                expert = e;
            }
        }
        std::vector<double> gates(m_numExperts);
        double sum = 0;
        for (std::size_t e = 0; e < m_numExperts; ++e)
            sum += gates[e] = std::exp(scores.logits[e] - largest);
        for (double& gate : gates)
            gate /= sum;

        const Answer answer = ask(expert, patches);
        const double gate = gates[expert];
        const double margin = gate * (answer.classes[1] - answer.classes[0]);
        const double toOne = 1 / (1 + std::exp(-margin)) - points.labels[point];  // d loss / d margin
        m_loss += std::log1p(std::exp(-std::abs(margin))) + (toOne * margin > 0 ? std::abs(margin) : 0);
        addFilterGradient(expert, patches, answer, gate * toOne);
        const double toGate = toOne * (answer.classes[1] - answer.classes[0]);
        for (std::size_t e = 0; e < m_numExperts; ++e) {
            const double toLogit = toGate * gate * ((e == expert ? 1.0 : 0.0) - gates[e]);
            for (std::size_t i = 0; i < kPatchSize; ++i)
                m_routerGradient[e * kPatchSize + i] += toLogit * scores.sum[i];
        }
        return expert;
    }

    void addFilterGradient(std::size_t expert, const float* patches, const Answer& answer, double toClass)
    {
        float* gradient = &m_filterGradient[expert * kPatchSize * m_numOutputs];
        for (std::size_t patch = 0; patch < kPatchCount; ++patch) {
            std::array<float, kMostOutputs> toProduct{};
            for (std::size_t output = 0; output < m_numOutputs; ++output) {
                const float product = answer.products[patch][output];
                const float sign = 2 * output < m_numOutputs ? -1.0F : 1.0F;
                toProduct[output] =
                    sign * static_cast<float>(toClass) * (m_settings.nonlinear ? 3 * product * product : 1.0F);
            }
            for (std::size_t i = 0; i < kPatchSize; ++i)
                for (std::size_t output = 0; output < m_numOutputs; ++output)
                    gradient[i * m_numOutputs + output] += patches[patch * kPatchSize + i] * toProduct[output];
        }
    }

public:
    void update()
    {
        const std::size_t size = kPatchSize * m_numOutputs;
        for (std::size_t expert = 0; expert < m_numExperts; ++expert) {
            double square = 0;
            for (std::size_t i = expert * size; i < (expert + 1) * size; ++i)
                square += static_cast<double>(m_filterGradient[i]) * static_cast<double>(m_filterGradient[i]);
            if (square == 0)
                continue;
            const auto scale = static_cast<float>(m_settings.expertRate / std::sqrt(square));
            for (std::size_t i = expert * size; i < (expert + 1) * size; ++i)
                m_filters[i] -= scale * m_filterGradient[i];
        }
        for (std::size_t i = 0; i < m_router.size(); ++i)
            m_router[i] -= m_settings.routerRate * m_routerGradient[i] / m_numPoints;
    }

private:
    PatchExpertsSettings m_settings;
    std::size_t m_numExperts, m_numOutputs;
    std::vector<float> m_filters;  ///< [expert, width, class and filter]
    std::vector<double> m_router;  ///< [expert, width]
    std::vector<float> m_filterGradient;
    std::vector<double> m_routerGradient;
    double m_loss = 0, m_numPoints = 1;  ///< of the last measure()
};

}  // namespace

PatchExpertsReport trainPatchExperts(
    const PatchExpertsSettings& settings, const PatchMixture::Points& training, const PatchMixture::Points& test)
{
    PatchExperts model(settings);
    PatchExpertsReport report;
    double least = INFINITY;
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
        const PatchExperts::Epoch now = model.measure(training, static_cast<std::uint64_t>(epoch));
        report.entropies.push_back(now.dispatchEntropy);
        if (now.loss > least + settings.patience)
            break;
        least = std::min(least, now.loss);
        model.update();
    }
    model.test(test, report);
    return report;
}

}  // namespace moescope
