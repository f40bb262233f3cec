// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/teacher_student.h"

#include <cmath>
#include <span>
#include <utility>

#include <ATen/ops/from_blob.h>
#include <ATen/ops/mean.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/analysis/load.h"
#include "engine/analysis/similarity.h"
#include "engine/analysis/specialisation.h"
#include "engine/config/read_config.h"
#include "engine/data/cluster_teacher.h"
#include "engine/data/normal_random.h"
#include "engine/model/auxiliary_losses.h"
#include "engine/model/moe_layer.h"
#include "engine/probe/similarity_sums.h"
#include "engine/train/flat_adamw.h"

namespace moescope {

namespace {

constexpr int kStudentPoints = 1024;
constexpr double kPointDeviation = 1.4142135623730951;  ///< mean N(0, 1) and noise N(0, 1)
constexpr std::uint64_t kRouterNoise = 0x726f75746572;  ///< "router"

at::Tensor tensorOfPoints(const std::vector<float>& numbers)
{
    const std::int64_t width = static_cast<std::int64_t>(numbers.size()) / kStudentPoints;
    return at::from_blob(const_cast<float*>(numbers.data()), {kStudentPoints, width}, at::kFloat).clone();
}

class Student {
public:
    Student(const TeacherStudentSettings& settings, const RunConfig& config)
        : m_settings(settings)
        , m_teacher({}, settings.seed)
        , m_layer(config.model, config.routing, LayerId{0}, settings.seed, m_store, "layers.0.moe")
        , m_numExperts(static_cast<int>(config.model.numExperts))
    {
        m_store.pack(Precision::Fp32);
    }

    void train()
    {
        OptimizerConfig adam;
        adam.learningRate = 1e-3;
        adam.weightDecay = 0;
        adam.beta2 = 0.999;
        adam.clip = 0;
        FlatAdamW optimizer(
            adam, m_store.master().narrow(0, 0, m_store.numTrained()), m_store.gradient(), m_store.numDecayed());
        for (std::int64_t step = 1; step <= m_settings.steps; ++step) {
            m_store.gradient().zero_();
            m_layer.router().onStepBegin(Step{step}, m_settings.steps);
            const ClusterTeacher::Points points = m_teacher.draw(static_cast<std::uint64_t>(step), kStudentPoints);
            const at::Tensor x_TD = tensorOfPoints(points.inputs);
            LayerTrace trace = decide(x_TD, noisy(x_TD, step), step, true);
            const at::Tensor y_TD = m_layer.experts().forward(x_TD, trace.plan);
            at::Tensor loss = (y_TD - tensorOfPoints(points.targets)).square().mean();
            const AuxiliaryLosses others = auxiliaryLosses({trace}, nullptr);
            if (others.weighted.defined())
                loss = loss + others.weighted;
            loss.backward();
            optimizer.step(adam.learningRate, gradientNorm(m_store.gradient()));
        }
    }

    TeacherStudentReport measure()
    {
        const c10::NoGradGuard noGrad;
        const ClusterTeacher::Points points = m_teacher.draw(0, kStudentPoints);
        const at::Tensor x_TD = tensorOfPoints(points.inputs);
        const RoutePlan plan = decide(x_TD, x_TD, m_settings.steps, false).plan;
        TeacherStudentReport report;
        report.loss =
            (m_layer.experts().forward(x_TD, plan) - tensorOfPoints(points.targets)).square().mean().item<double>();
        SimilaritySums sums;
        sums.add(m_layer.experts().all(x_TD));
        const at::Tensor cosine_EE = sums.cosine().contiguous();
        const std::span<const double> cosine(
            cosine_EE.const_data_ptr<double>(), static_cast<std::size_t>(cosine_EE.numel()));
        report.meanCosine = offDiagonal(cosine, m_numExperts).mean;
        report.diversity = diversityNumber(cosine, m_numExperts) / m_numExperts;
        const auto experts = static_cast<std::size_t>(m_numExperts);
        const auto numClusters = static_cast<std::size_t>(m_teacher.settings().numClusters);
        std::vector<double> load(experts), table(numClusters * experts);
        const std::int64_t* token = plan.token_M.const_data_ptr<std::int64_t>();
        const std::int64_t* expert = plan.expert_M.const_data_ptr<std::int64_t>();
        for (std::int64_t pair = 0; pair < plan.token_M.numel(); ++pair) {
            const auto chosen = static_cast<std::size_t>(expert[pair]);
            ++load[chosen];
            if (pair == 0 || token[pair] != token[pair - 1])
                ++table[static_cast<std::size_t>(points.clusters[static_cast<std::size_t>(token[pair])]) * experts
                    + chosen];
        }
        report.loadEntropy = loadMetrics(load).relativeEntropy;
        report.dispatchEntropy = specialisation(table, m_teacher.settings().numClusters, m_numExperts).dispatchEntropy;
        return report;
    }

private:
    at::Tensor noisy(const at::Tensor& x_TD, std::int64_t step) const
    {
        if (m_settings.routerNoise == 0 && !m_settings.randomRouting)
            return x_TD;
        CounterRandom random{kRouterNoise, m_settings.seed, static_cast<std::uint64_t>(step)};
        std::vector<float> noise(static_cast<std::size_t>(x_TD.numel()));
        const double deviation = m_settings.randomRouting ? kPointDeviation : m_settings.routerNoise;
        for (float& number : noise)
            number = static_cast<float>(deviation * normalNumber(random));
        const at::Tensor noise_TD = tensorOfPoints(noise);
        return m_settings.randomRouting ? noise_TD : x_TD + noise_TD;
    }

    LayerTrace decide(const at::Tensor& x_TD, const at::Tensor& seen_TD, std::int64_t step, bool training)
    {
        LayerTrace trace;
        trace.layer = &m_layer;
        RouteContext& context = trace.context;
        context.hidden_TD = seen_TD;
        context.sequenceLength = 1;
        context.firstToken = step * x_TD.size(0);
        context.step = Step{step};
        context.totalSteps = m_settings.steps;
        context.seed = m_settings.seed;
        context.training = training;
        context.experts = &m_layer.experts();
        trace.plan = m_layer.router().route(context);
        return trace;
    }

    const TeacherStudentSettings& m_settings;
    ClusterTeacher m_teacher;
    ParameterStore m_store;
    MoeLayer m_layer;
    int m_numExperts;
};

}  // namespace

Result<TeacherStudentReport> trainOnTeacher(const TeacherStudentSettings& settings, const Catalog& catalog)
{
    std::vector<std::string> overrides{"routing.recipe=" + settings.recipe, "model.hidden_size=32", "model.num_heads=1",
        "model.positions=learned", "model.block_pattern=g", "model.num_layers=1", "model.num_experts=8",
        "model.expert_size=64", "model.activation=relu"};
    overrides.insert(overrides.end(), settings.settings.begin(), settings.settings.end());
    const ConfigReading reading = readConfig("{}", "", overrides, catalog);
    if (!reading.ok())
        return tl::make_unexpected(toError(reading));
    Student student(settings, reading.config);
    student.train();
    return student.measure();
}

}  // namespace moescope
