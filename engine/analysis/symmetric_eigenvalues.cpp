// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/analysis/symmetric_eigenvalues.h"

#include <Eigen/Eigenvalues>

namespace moescope {

std::vector<double> symmetricEigenvalues(std::span<const double> matrix, int n)
{
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Map<const RowMajor> view(matrix.data(), n, n);
    const Eigen::SelfAdjointEigenSolver<RowMajor> solver(view, Eigen::EigenvaluesOnly);
    return {solver.eigenvalues().begin(), solver.eigenvalues().end()};
}

}  // namespace moescope
