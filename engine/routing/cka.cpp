// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/cka.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/median.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include "engine/base/check.h"

namespace moescope {

namespace {

/// One side of an alignment: a sum of squares, and what of it is rounding.
struct Variation {
    at::Tensor squares;
    double noise = 0;

    bool isNone() const { return squares.item<double>() <= noise; }
};

/// ab / √(aa bb), where all three are sums of squares or products; 0 and without gradient where nothing varies.
at::Tensor alignment(const at::Tensor& ab, const Variation& aa, const Variation& bb)
{
    if (aa.isNone() || bb.isNone())
        return at::zeros({}, at::kDouble);
    return ab.div(aa.squares.mul(bb.squares).sqrt());
}

/// H K H: rows and columns sum to 0.
at::Tensor centred(const at::Tensor& kernel_NN)
{
    const at::Tensor mean_N = kernel_NN.mean(0);
    return kernel_NN.sub(mean_N.unsqueeze(0)).sub(mean_N.unsqueeze(1)).add(mean_N.mean());
}

at::Tensor rbfKernel(const at::Tensor& x_NP, double bandwidth, bool ofMedian)
{
    const at::Tensor square_N = x_NP.square().sum(1);
    const at::Tensor distance_NN =
        square_N.unsqueeze(0).add(square_N.unsqueeze(1)).sub(x_NP.matmul(x_NP.t()).mul(2)).clamp_min(0);
    double variance = bandwidth * bandwidth;
    if (ofMedian) {
        const std::int64_t N = x_NP.size(0);
        const at::Tensor pairs = at::full({N, N}, true, at::kBool).triu(1);
        variance *= distance_NN.detach().masked_select(pairs).median().item<double>();
    }
    return distance_NN.div(-2 * (variance > 0 ? variance : 1)).exp();
}

}  // namespace

std::int64_t numCkaMoments(std::int64_t features) { return 1 + 2 * features + 3 * features * features; }

at::Tensor ckaMoments(const at::Tensor& a_NP, const at::Tensor& b_NP)
{
    MOESCOPE_CHECK(a_NP.sizes() == b_NP.sizes() && a_NP.dim() == 2, "two representations of the same tokens");
    const at::Tensor a = a_NP.to(at::kDouble), b = b_NP.to(at::kDouble);
    const at::Tensor count = at::full({1}, static_cast<double>(a.size(0)), at::kDouble);
    return at::cat({count, a.sum(0), b.sum(0), a.t().matmul(a).reshape({-1}), b.t().matmul(b).reshape({-1}),
        a.t().matmul(b).reshape({-1})});
}

at::Tensor linearCka(const at::Tensor& moments, std::int64_t features)
{
    const std::int64_t P = features, PP = P * P;
    MOESCOPE_CHECK(moments.numel() == numCkaMoments(P), "moments of so many features");
    const double count = moments[0].item<double>();
    const at::Tensor a = moments.narrow(0, 1, P), b = moments.narrow(0, 1 + P, P);
    const auto covariance = [&](std::int64_t block, const at::Tensor& left, const at::Tensor& right) {
        const at::Tensor products = moments.narrow(0, 1 + 2 * P + block * PP, PP).view({P, P});
        const at::Tensor squares = products.sub(at::outer(left, right).div(count < 1 ? 1 : count)).square().sum();
        return Variation{squares, 1e-24 * products.detach().square().sum().item<double>()};
    };
    return alignment(covariance(2, a, b).squares, covariance(0, a, a), covariance(1, b, b));
}

at::Tensor rbfCka(const at::Tensor& a_NP, const at::Tensor& b_NP, double bandwidth, bool ofMedian)
{
    MOESCOPE_CHECK(a_NP.size(0) == b_NP.size(0) && a_NP.size(0) >= 2, "two or more tokens, the same on both sides");
    const at::Tensor k = centred(rbfKernel(a_NP.to(at::kDouble), bandwidth, ofMedian));
    const at::Tensor l = centred(rbfKernel(b_NP.to(at::kDouble), bandwidth, ofMedian));
    return alignment(k.mul(l).sum(), {k.square().sum(), 1e-24}, {l.square().sum(), 1e-24});
}

}  // namespace moescope
