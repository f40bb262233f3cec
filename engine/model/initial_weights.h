// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The numbers that a run starts from: a function of seed and name, whatever was drawn before.
#pragma once

#include <cstdint>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <c10/util/ArrayRef.h>

#include "engine/config/run_config.h"

namespace moescope {

/// fp32 tensor of independent N(0, deviation^2). Every element has the same deviation whatever the number of
/// dimensions: initialisers that guess a fan from the shape take the slices of [E, in, out] for a convolution and start
/// experts almost dead (FastMoE: bound 1/sqrt(out*in) instead of 1/sqrt(in)).
at::Tensor initialNormal(std::uint64_t seed, std::string_view name, c10::IntArrayRef shape, double deviation);

/// fp32 [rows, columns]: rows are orthogonal and `gain` long where there are no more rows than columns, else columns
/// are. From normal numbers by Gram and Schmidt in fp64, as torch.nn.init.orthogonal_ but for the signs.
at::Tensor initialOrthogonal(
    std::uint64_t seed, std::string_view name, std::int64_t rows, std::int64_t columns, double gain);

/// 1 / sqrt(number of residual branches): the factor of the last product of each, so that the stream's variance does
/// not grow with depth (Radford et al. 2019, section 2.3).
double residualScale(const ModelConfig& model);

}  // namespace moescope
