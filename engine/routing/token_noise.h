// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Noise of a router as a function of where it acts, so that ranks, resume and recomputation draw the same numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/Parallel.h>

#include "engine/data/counter_random.h"
#include "engine/routing/router.h"

namespace moescope {

/// The generator of one token of the global batch; `row` counts from the first local token. `use` is a letter of its
/// own for each part that draws.
inline CounterRandom tokenRandom(char use, const RouteContext& context, std::int64_t row)
{
    return CounterRandom{context.seed, static_cast<std::uint64_t>(static_cast<unsigned char>(use)),
        static_cast<std::uint64_t>(context.layer.value), static_cast<std::uint64_t>(context.step.value),
        static_cast<std::uint64_t>(context.firstToken + row)};
}

/// A tensor like `like_TC` (one row per local token, fp32 or fp64, no graph); fill(random, row, columns) writes each
/// row from its token's generator.
template <class Fill>
at::Tensor noiseRows(char use, const RouteContext& context, const at::Tensor& like_TC, const Fill& fill)
{
    at::Tensor noise_TC = at::empty(like_TC.sizes(), like_TC.options().requires_grad(false));
    const std::int64_t columns = like_TC.size(1);
    AT_DISPATCH_FLOATING_TYPES(noise_TC.scalar_type(), "noiseRows", [&] {
        scalar_t* out = noise_TC.mutable_data_ptr<scalar_t>();
        at::parallel_for(0, like_TC.size(0), 64, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                CounterRandom random = tokenRandom(use, context, row);
                fill(random, out + row * columns, columns);
            }
        });
    });
    return noise_TC;
}

/// Uniform in (0, 1), both ends left out.
inline double openUnit(CounterRandom& random) { return (static_cast<double>(random.next() >> 11) + 0.5) * 0x1p-53; }

/// Independent N(0, 1) by Box and Muller.
template <class F> void fillNormal(CounterRandom& random, F* out, std::int64_t columns)
{
    for (std::int64_t column = 0; column < columns; column += 2) {
        const double radius = std::sqrt(-2 * std::log(openUnit(random)));
        const double angle = 2 * std::numbers::pi * openUnit(random);
        out[column] = static_cast<F>(radius * std::cos(angle));
        if (column + 1 < columns)
            out[column + 1] = static_cast<F>(radius * std::sin(angle));
    }
}

/// Independent standard Gumbel numbers, -ln(-ln u).
template <class F> void fillGumbel(CounterRandom& random, F* out, std::int64_t columns)
{
    for (std::int64_t column = 0; column < columns; ++column)
        out[column] = static_cast<F>(-std::log(-std::log(openUnit(random))));
}

}  // namespace moescope
