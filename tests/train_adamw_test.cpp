// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/flat_adamw.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/zeros.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

using namespace moescope;

namespace {

/// The algorithm as the paper writes it, one parameter, fp64.
struct PlainAdamW {
    double value, first = 0, second = 0;
    int updates = 0;

    void step(const OptimizerConfig& o, double learningRate, double gradient, double decay)
    {
        ++updates;
        value -= learningRate * decay * value;
        first = o.beta1 * first + (1 - o.beta1) * gradient;
        second = o.beta2 * second + (1 - o.beta2) * gradient * gradient;
        const double correctedFirst = first / (1 - std::pow(o.beta1, updates));
        const double correctedSecond = second / (1 - std::pow(o.beta2, updates));
        value -= learningRate * correctedFirst / (std::sqrt(correctedSecond) + o.epsilon);
    }
};

}  // namespace

TEST(FlatAdamW, FollowsThePaperAndDecaysOnlyTheFirstRange)
{
    OptimizerConfig settings;
    settings.clip = 0;
    at::Tensor master = at::linspace(-1, 1, 10, at::kFloat);
    at::Tensor gradient = at::zeros({10}, at::kFloat);
    FlatAdamW optimizer(settings, master, gradient, 6);
    std::vector<PlainAdamW> plain;
    for (int i = 0; i < 10; ++i)
        plain.push_back({master[i].item<double>()});

    for (int step = 1; step <= 20; ++step) {
        for (int i = 0; i < 10; ++i) {
            gradient[i] = std::sin(step * 0.7 + i);
            plain[static_cast<std::size_t>(i)].step(
                settings, 0.01 * step, gradient[i].item<double>(), i < 6 ? settings.weightDecay : 0);
        }
        optimizer.step(0.01 * step, gradientNorm(gradient));
    }

    for (int i = 0; i < 10; ++i)
        EXPECT_NEAR(master[i].item<double>(), plain[static_cast<std::size_t>(i)].value, 2e-6) << i;
    EXPECT_EQ(optimizer.numUpdates(), 20);
}

TEST(FlatAdamW, WhatIsLeftOutKeepsItsNumbersAndLosesItsMoments)
{
    const OptimizerConfig settings;
    const at::Tensor start = at::linspace(-1, 1, 160, at::kFloat), gradient = at::full({160}, 0.5, at::kFloat);
    const at::Tensor master = start.clone(), all = start.clone();
    FlatAdamW optimizer(settings, master, gradient.clone(), 96), ordinary(settings, all, gradient.clone(), 96);
    for (FlatAdamW* one : {&optimizer, &ordinary})
        one->step(0.1, 0);
    const at::Tensor before = master.clone();

    optimizer.restrictTo({{0, 32}, {64, 128}});
    for (int step = 0; step < 100; ++step)
        for (FlatAdamW* one : {&optimizer, &ordinary})
            one->step(0.1, 0);

    for (const auto& [begin, end] : {std::pair{32, 64}, std::pair{128, 160}}) {
        EXPECT_TRUE(at::equal(master.slice(0, begin, end), before.slice(0, begin, end))) << begin;
        EXPECT_EQ(optimizer.firstMoment().slice(0, begin, end).abs().sum().item<float>(), 0);
        EXPECT_EQ(optimizer.secondMoment().slice(0, begin, end).abs().sum().item<float>(), 0);
    }
    for (const auto& [begin, end] : {std::pair{0, 32}, std::pair{64, 128}})
        EXPECT_TRUE(at::equal(master.slice(0, begin, end), all.slice(0, begin, end)))
            << "the others are updated as if nothing had happened";
}

TEST(FlatAdamW, ScalesALongGradientDownToTheClip)
{
    OptimizerConfig settings;
    settings.clip = 0.5;
    at::Tensor gradient = at::full({4}, 3.0, at::kFloat);
    at::Tensor master = at::zeros({4}, at::kFloat);
    FlatAdamW optimizer(settings, master, gradient, 4);
    optimizer.step(0.1, gradientNorm(gradient));
    EXPECT_NEAR(gradientNorm(gradient), 0.5, 1e-5);
    EXPECT_NEAR(optimizer.firstMoment()[0].item<double>(), 0.1 * 0.25, 1e-6);

    gradient.fill_(0.1);  // norm 0.2: short enough, untouched
    optimizer.step(0.1, gradientNorm(gradient));
    EXPECT_EQ(gradient[0].item<float>(), 0.1F);
}

TEST(GradientNorm, IsTheSameForAnyNumberOfThreads)
{
    const at::Tensor gradient = at::linspace(-3, 5, 1'000'003, at::kFloat);
    const double expected = std::sqrt(gradient.to(at::kDouble).square().sum().item<double>());
    at::set_num_threads(1);
    const double one = gradientNorm(gradient);
    at::set_num_threads(2);
    const double two = gradientNorm(gradient);
    at::set_num_threads(1);
    EXPECT_EQ(one, two);
    EXPECT_NEAR(one / expected, 1, 1e-6);
}

TEST(GradientNorm, ShowsAnyElementThatIsNoFiniteNumber)
{
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        for (const std::int64_t place : {std::int64_t{0}, std::int64_t{4095}, std::int64_t{9999}}) {
            at::Tensor gradient = at::full({10'000}, 0.5, at::kFloat);
            gradient[place] = bad;
            EXPECT_FALSE(std::isfinite(gradientNorm(gradient))) << bad << " at " << place;
        }
    }
    EXPECT_EQ(gradientNorm(at::zeros({0}, at::kFloat)), 0);
}
