// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/dropout.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>
#include <ATen/Parallel.h>

#include "engine/model/philox.h"

namespace moescope {

namespace {

at::Tensor dropoutScale(std::int64_t rows, std::int64_t width, double rate, const DropoutPlace& place)
{
    at::Tensor scale_TD = at::empty({rows, width}, at::kFloat);
    float* out = scale_TD.mutable_data_ptr<float>();
    const std::int64_t blocks = (width + 3) / 4;
    const std::uint64_t seed = place.seed ^ 0x64726F706F7574u;  // apart from weights and routing noise
    const auto stream = static_cast<std::uint64_t>(place.step) << 16 | static_cast<std::uint16_t>(place.block);
    const auto limit = static_cast<std::uint64_t>(rate * 4294967296.0);
    const auto kept = static_cast<float>(1 / (1 - rate));
    at::parallel_for(0, rows, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            for (std::int64_t block = 0; block < blocks; ++block) {
                const auto bits =
                    philoxAt(seed, stream, static_cast<std::uint64_t>((place.firstToken + row) * blocks + block));
                for (std::int64_t i = 0; i < 4 && block * 4 + i < width; ++i)
                    out[row * width + block * 4 + i] = bits[i] < limit ? 0.0f : kept;
            }
        }
    });
    return scale_TD;
}

}  // namespace

at::Tensor dropout(const at::Tensor& x_TD, double rate, const DropoutPlace& place)
{
    if (rate <= 0)
        return x_TD;
    return at::mul(x_TD, dropoutScale(x_TD.size(0), x_TD.size(1), rate, place).to(x_TD.scalar_type()));
}

}  // namespace moescope
