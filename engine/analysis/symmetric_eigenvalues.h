// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Eigenvalues of a small symmetric matrix, for spectra of expert similarity (E <= a few hundred).
#pragma once

#include <span>
#include <vector>

namespace moescope {

/// All eigenvalues of the symmetric [n, n] row-major matrix, ascending. Eigen's self-adjoint solver; only the lower half is read.
std::vector<double> symmetricEigenvalues(std::span<const double> matrix, int n);

}  // namespace moescope
