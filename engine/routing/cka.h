// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How alike two representations of the same tokens are: centred kernel alignment with its gradient, as a loss.
// N tokens, P features. The probe has an unbiased estimate of its own (engine/probe).
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace moescope {

/// All that linear CKA needs, in fp64 and with the graph of a and b [N, P]: N, Σa, Σb, Σaaᵀ, Σbbᵀ, Σabᵀ, one after the
/// other. Moments of several sets of tokens add up to those of all. O(N P²).
at::Tensor ckaMoments(const at::Tensor& a_NP, const at::Tensor& b_NP);

/// Numbers in ckaMoments() of P features.
std::int64_t numCkaMoments(std::int64_t features);

/// ‖B̃ᵀÃ‖² / (‖ÃᵀÃ‖ ‖B̃ᵀB̃‖) with centred features (Kornblith et al. 2019, arXiv:1905.00414), a scalar in [0, 1]; 0
/// where one of the two is constant. The biased estimate: 1 for two tokens, high where there are few for P.
at::Tensor linearCka(const at::Tensor& moments, std::int64_t features);

/// The same with K = exp(−‖x − y‖² / 2σ²) on each side, O(N²) numbers. σ is `bandwidth`, or `bandwidth` times the
/// median distance of two tokens when `ofMedian`, which makes the value independent of scale. With a fixed σ, features
/// that are far apart give K → I and CKA → 1 whatever they hold.
at::Tensor rbfCka(const at::Tensor& a_NP, const at::Tensor& b_NP, double bandwidth, bool ofMedian);

}  // namespace moescope
