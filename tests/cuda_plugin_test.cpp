// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <ATen/Context.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include "engine/cuda/plugin.h"
#include "engine/cuda/row_operators.h"

namespace moescope {
namespace {

/// The plug-in of this build, or the reason why there is none.
const GpuPlugin& plugin()
{
#ifdef MOESCOPE_CUDA_PLUGIN
    return loadGpuPlugin(std::filesystem::path(MOESCOPE_CUDA_PLUGIN));
#else
    return loadGpuPlugin();
#endif
}

struct Routing {
    at::Tensor token_N, weight_M, slot_M, firstPair_T1;
};

/// Three tokens: two choices, one of them dropped; none; three choices.
Routing smallRouting()
{
    return {at::tensor({2, 0, 2, 2}, at::kInt), at::tensor({0.5, 0.25, 1.0, 2.0, -1.0}, at::kFloat),
        at::tensor({1, -1, 3, 0, 2}, at::kInt), at::tensor({0, 2, 2, 5}, at::kInt)};
}

TEST(RowOperators, GatherAndCombineOnTheCpu)
{
    const Routing routing = smallRouting();
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
        const at::Tensor hidden = at::arange(6, at::kFloat).reshape({3, 2}).to(type);  // rows (0, 1), (2, 3), (4, 5)
        const at::Tensor rows = gatherRows(hidden, routing.token_N);
        EXPECT_TRUE(rows.equal(hidden.index_select(0, routing.token_N)));
        const at::Tensor combined = combineRows(rows, routing.weight_M, routing.slot_M, routing.firstPair_T1);
        // 0.5 (0, 1); nothing; 1 (4, 5) + 2 (4, 5) - 1 (4, 5)
        EXPECT_TRUE(combined.equal(at::tensor({0.0, 0.5, 0.0, 0.0, 8.0, 10.0}, at::kFloat).reshape({3, 2}).to(type)));
    }
    EXPECT_EQ(gatherRows(at::ones({3, 2}), at::tensor({0}, at::kInt).narrow(0, 0, 0)).size(0), 0);
}

TEST(GpuPlugin, WithoutADriverNothingIsLoaded)
{
    const GpuPlugin& found = loadGpuPlugin();
    if (found.loaded)
        GTEST_SKIP() << "this machine has a driver and the plug-in";
    EXPECT_FALSE(found.problem.empty());
    EXPECT_EQ(found.numDevices, 0);
    EXPECT_EQ(found.makeNccl, nullptr);
}

TEST(GpuPlugin, AMissingFileIsOneClearLine)
{
    const GpuPlugin& found = loadGpuPlugin("/nowhere/libmoescope_cuda.so");
    EXPECT_FALSE(found.loaded);
    EXPECT_NE(found.problem.find("/nowhere/libmoescope_cuda.so cannot be loaded"), std::string::npos) << found.problem;
    EXPECT_EQ(found.problem.find('\n'), std::string::npos);
}

TEST(GpuPlugin, LoadingItDisturbsNoCpuWork)
{
    const GpuPlugin& found = plugin();
    if (!found.loaded)
        std::printf("the plug-in stays out: %s\n", found.problem.c_str());
    EXPECT_EQ(found.loaded, found.makeNccl != nullptr);
    at::Tensor a = at::ones({4, 4});
    a.requires_grad_(true);
    at::mm(a, a).sum().backward();
    EXPECT_TRUE(a.grad().equal(at::ones({4, 4}).mul(8)));
    EXPECT_EQ(at::hasCUDA(), found.numDevices > 0);
    const Routing routing = smallRouting();
    EXPECT_EQ(gatherRows(a.detach(), routing.token_N).size(0), 4);
}

TEST(GpuPlugin, KernelsEqualTheCpu)
{
    const GpuPlugin& found = plugin();
    if (found.numDevices == 0)
        GTEST_SKIP() << "no GPU here, the CUDA kernels are not tested: " << found.problem;
    const Routing routing = smallRouting();
    const auto device = at::Device(at::kCUDA, 0);
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
        const at::Tensor hidden = at::randn({3, 300}).to(type);
        const at::Tensor rows = gatherRows(hidden.to(device), routing.token_N.to(device));
        EXPECT_TRUE(rows.cpu().equal(gatherRows(hidden, routing.token_N)));
        const at::Tensor combined =
            combineRows(rows, routing.weight_M.to(device), routing.slot_M.to(device), routing.firstPair_T1.to(device));
        EXPECT_TRUE(
            combined.cpu().equal(combineRows(rows.cpu(), routing.weight_M, routing.slot_M, routing.firstPair_T1)));
    }
}

}  // namespace
}  // namespace moescope
