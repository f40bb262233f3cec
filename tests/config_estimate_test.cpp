// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/estimate.h"

#include <gtest/gtest.h>

#include "engine/config/read_config.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

Estimate estimate(const RunConfig& config) { return estimateRun(config, smallCatalog()); }

RunConfig configOf(const std::vector<std::string>& overrides)
{
    const ConfigReading reading = readConfig("{}", "x", overrides, smallCatalog());
    EXPECT_TRUE(reading.ok()) << toError(reading).text;
    return reading.config;
}

TEST(Estimate, CountsEveryParameter)
{
    // By hand, RMS norms, tied head, no biases: 4 layers of sg, d 128, 8 experts of 256, bytes.
    // embedding 256*128; attention 4*128*128; router 128*8; experts 8*2*128*256; norms 9*128.
    const Estimate run = estimate(configOf({}));
    EXPECT_EQ(run.parameters.total, 256 * 128 + 4 * (4 * 128 * 128 + 128 * 8 + 8 * 2 * 128 * 256) + 9 * 128);
    EXPECT_EQ(run.parameters.active, 256 * 128 + 4 * (4 * 128 * 128 + 128 * 8 + 2 * 2 * 128 * 256) + 9 * 128);
    EXPECT_EQ(run.parameters.experts, 4 * 8 * 2 * 128 * 256);
    EXPECT_EQ(run.tokensPerStep, 16 * 256);
    EXPECT_EQ(run.totalTokens, 16 * 256 * 1000);
}

TEST(Estimate, CountsFlopsAsTheFormulas)
{
    // spec: performance 3.3, per token: experts 18 k d f (SwiGLU), router 6 d E, projections 24 d^2, scores 6 S d, head
    // 6 V d.
    const Estimate run = estimate(configOf({"model.activation=swiglu"}));
    const double d = 128, f = 256, k = 2, layers = 4;
    EXPECT_DOUBLE_EQ(run.flopsPerToken, layers * (18 * k * d * f + 6 * d * 8 + 24 * d * d + 6 * 256 * d) + 6 * 256 * d);
}

TEST(Estimate, DenseControlHasEqualActiveWidth)
{
    const Estimate sparse = estimate(configOf({})), dense = estimate(configOf({"routing.recipe=dense"}));
    const double routers = 4 * 128 * (8 - 1);
    EXPECT_DOUBLE_EQ(static_cast<double>(sparse.parameters.active - dense.parameters.active), routers);
    EXPECT_EQ(dense.parameters.active, dense.parameters.total);
}

TEST(Estimate, MemoryFollowsPrecisionAndMicroBatch)
{
    const MemoryEstimate fp32 = estimate(configOf({})).memory;
    const MemoryEstimate bf16 = estimate(configOf({"training.precision=bf16"})).memory;
    const MemoryEstimate split = estimate(configOf({"training.accumulation=4", "parallel.ranks=2"})).memory;
    EXPECT_DOUBLE_EQ(bf16.weights, fp32.weights * 1.5);
    EXPECT_DOUBLE_EQ(bf16.optimizer, fp32.optimizer);
    EXPECT_LT(bf16.activations, fp32.activations);
    EXPECT_DOUBLE_EQ(split.activations * 8, fp32.activations);
    EXPECT_DOUBLE_EQ(fp32.optimizer, 2 * fp32.gradients);
    EXPECT_GT(fp32.total(), fp32.activations + fp32.expertBuffers);
}

TEST(Estimate, SurvivesTheLargestConfiguration)
{
    const Estimate run = estimate(configOf({"model.hidden_size=65536", "model.num_heads=1024", "model.num_layers=1024",
        "model.block_pattern=gggggggg", "model.num_experts=4096", "model.expert_size=1048576", "model.context=1048576",
        "data.batch_sequences=1048576", "training.steps=1000000000"}));
    EXPECT_GT(run.memory.total(), 1e18);
    EXPECT_GT(run.parameters.total, 4e18);
    EXPECT_GT(run.totalTokens, 9e18);
}

TEST(Estimate, DiskHoldsTheCheckpointsThatAreKept)
{
    const Estimate two = estimate(
        configOf({"checkpoint.keep_best=false", "record.every=1000", "record.load_every=1000", "probe.every=0"}));
    EXPECT_NEAR(two.diskBytes, 3 * two.checkpointBytes, 2000 + 20 * 4 * 8);
    EXPECT_DOUBLE_EQ(secondsAt(two, 4096), 1000);
}

}  // namespace
}  // namespace moescope
