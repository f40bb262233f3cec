// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The experts of a MoE layer, forward and backward, as ratios of one run: against a naive loop over the experts written
// with LibTorch's own operators, and against the fastest product that the library reaches here. usage: moe_layer_bench
// [--rounds N] [--threads N]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "engine/model/expert_function.h"
#include "engine/model/initial_weights.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/naive_experts.h"

namespace moescope {
namespace {

constexpr std::int64_t kTokens = 1024, kWidth = 256, kHidden = 512, kChoices = 2;

// What the papers' repositories do: for every expert find its tokens, two products, add the rows back.
at::Tensor expertLoop(
    const at::Tensor& x_TD, const RoutePlan& plan, const std::vector<at::Tensor>& w1, const std::vector<at::Tensor>& w2)
{
    at::Tensor out = at::zeros(x_TD.sizes(), at::kFloat);
    for (std::size_t e = 0; e < w1.size(); ++e) {
        const at::Tensor pair = plan.expert_M.eq(static_cast<std::int64_t>(e)).nonzero().squeeze(1);
        if (pair.numel() == 0)
            continue;
        const at::Tensor token = plan.token_M.index_select(0, pair);
        const at::Tensor h = at::gelu(at::mm(x_TD.index_select(0, token), w1[e]), "tanh");
        const at::Tensor y = at::mm(h, w2[e]).to(at::kFloat) * plan.weight_M.index_select(0, pair).unsqueeze(1);
        out = out.index_add(0, token, y);
    }
    return out;
}

double gemmPeak(at::ScalarType type)
{
    constexpr std::int64_t n = 1024;
    const at::Tensor a = initialNormal(1, "a", {n, n}, 1).to(type), b = initialNormal(1, "b", {n, n}, 1).to(type);
    at::Tensor c = at::empty({n, n}, type);
    return 2.0 * n * n * n / bench::measure(9, [&] { at::mm_out(c, a, b); }).best;
}

void compare(std::int64_t rowsPerExpert, Precision precision, int rounds, double libraryPeak)
{
    const std::int64_t E = kTokens * kChoices / rowsPerExpert;
    const at::ScalarType type = precision == Precision::Bf16 ? at::kBFloat16 : at::kFloat;
    ParameterStore store;
    const Weight w1 = store.add("w1", initialNormal(1, "w1", {E, kWidth, kHidden}, 0.06));
    const Weight w2 = store.add("w2", initialNormal(1, "w2", {E, kHidden, kWidth}, 0.04));
    store.pack(precision);
    std::vector<at::Tensor> loop1, loop2;
    for (std::int64_t e = 0; e < E; ++e) {
        loop1.push_back(w1.compute()[e].detach().clone().set_requires_grad(true));
        loop2.push_back(w2.compute()[e].detach().clone().set_requires_grad(true));
    }
    std::vector<test::Pair> pairs;
    for (std::int64_t i = 0; i < kTokens * kChoices; ++i)
        pairs.push_back({i / kChoices, (i * 7 + i / 64) % E});
    const at::Tensor weights = at::full({kTokens * kChoices}, 0.5).set_requires_grad(true);
    const RoutePlan plan = test::planOf(pairs, weights, E);
    const at::Tensor x = initialNormal(1, "x", {kTokens, kWidth}, 1).set_requires_grad(true);
    const at::Tensor upstream = initialNormal(1, "u", {kTokens, kWidth}, 1);

    const auto layer = [&] { return expertMixture(x, plan, Activation::Gelu, w1, w2); };
    const auto loop = [&] { return expertLoop(x.to(type), plan, loop1, loop2); };
    const double error = ((layer() - loop()).norm() / loop().norm()).item<double>();
    const bench::Timing first = bench::measure(rounds, [&] { layer().backward(upstream); });
    const bench::Timing naive = bench::measure(rounds, [&] { loop().backward(upstream); });
    const bench::Timing again = bench::measure(rounds, [&] { layer().backward(upstream); });
    const double ours = std::min(first.median, again.median);
    const double flops = 12.0 * kTokens * kChoices * kWidth * kHidden;
    std::printf(
        "%s %4ld rows an expert (E %3ld): layer %7.2f ms, loop %7.2f ms, loop / layer %.2f; layer %5.1f GFLOP/s = "
        "%.2f of at::mm's best; cpu/wall %.2f and %.2f; outputs differ by %.1e\n",
        precision == Precision::Bf16 ? "bf16" : "fp32", static_cast<long>(rowsPerExpert), static_cast<long>(E),
        1e3 * ours, 1e3 * naive.median, naive.median / ours, flops / ours / 1e9, flops / ours / libraryPeak,
        again.processors, naive.processors, error);
    std::fflush(stdout);
}

}  // namespace
}  // namespace moescope

int main(int argc, char** argv)
{
    using namespace moescope;
    int rounds = 7, threads = static_cast<int>(std::thread::hardware_concurrency());
    for (int i = 1; i < argc; ++i) {
        if (!std::strcmp(argv[i], "--rounds") && i + 1 < argc)
            rounds = std::max(1, std::atoi(argv[++i]));
        else if (!std::strcmp(argv[i], "--threads") && i + 1 < argc)
            threads = std::max(1, std::atoi(argv[++i]));
        else
            return std::fprintf(stderr, "usage: moe_layer_bench [--rounds N] [--threads N]\n"), 2;
    }
    at::set_num_threads(threads);
    for (const Precision precision : {Precision::Fp32, Precision::Bf16}) {
        const double peak = gemmPeak(precision == Precision::Bf16 ? at::kBFloat16 : at::kFloat);
        std::printf("%s: at::mm of 1024 x 1024 matrices reaches %.0f GFLOP/s on %d threads\n",
            precision == Precision::Bf16 ? "bf16" : "fp32", peak / 1e9, threads);
        for (const std::int64_t rows : {16, 32, 64, 128, 512})
            compare(rows, precision, rounds, peak);
    }
    return 0;
}
