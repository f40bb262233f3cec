// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/probe/similarity_sums.h"

#include <limits>

#include <ATen/ops/bmm.h>
#include <ATen/ops/diagonal.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/base/check.h"

namespace moescope {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// m_ij / sqrt(m_ii m_jj), NaN where a diagonal element is not positive.
at::Tensor scaledByDiagonal(const at::Tensor& matrix_EE)
{
    const at::Tensor self_E = matrix_EE.diagonal();
    const at::Tensor root_E = at::where(self_E > 0, self_E, kNaN).sqrt();
    at::Tensor scaled_EE = matrix_EE / (root_E.unsqueeze(0) * root_E.unsqueeze(1));
    at::Tensor diagonal_E = scaled_EE.diagonal();
    diagonal_E.copy_(at::where(self_E > 0, 1.0, kNaN));
    return scaled_EE;
}

}  // namespace

at::Tensor normaliseTokens(const at::Tensor& outputs_EnD)
{
    const at::Tensor outputs = outputs_EnD.to(at::kDouble);
    const at::Tensor square_En1 = outputs.square().mean(-1, /*keepdim=*/true);
    return outputs / at::where(square_En1 > 0, square_En1, 1.0).sqrt();
}

at::Tensor hsicMatrix(const at::Tensor& outputs_EnD)
{
    const at::Tensor y_EnD = outputs_EnD.to(at::kDouble);
    const std::int64_t numExperts = y_EnD.size(0);
    const auto n = static_cast<double>(y_EnD.size(1));
    MOESCOPE_CHECK(y_EnD.size(1) >= 4, "the unbiased HSIC needs four tokens");
    at::Tensor gram_Enn = at::bmm(y_EnD, y_EnD.transpose(1, 2));
    gram_Enn.diagonal(0, 1, 2).zero_();
    const at::Tensor rows_En = gram_Enn.sum(2);
    const at::Tensor total_E11 = rows_En.sum(1).view({numExperts, 1, 1});
    gram_Enn.sub_(rows_En.unsqueeze(2) / (n - 2)).sub_(rows_En.unsqueeze(1) / (n - 2));
    gram_Enn.add_(total_E11 / ((n - 1) * (n - 2)));
    gram_Enn.diagonal(0, 1, 2).zero_();
    const at::Tensor vectors = gram_Enn.view({numExperts, -1});
    return at::mm(vectors, vectors.t()) / (n * (n - 3));
}

at::Tensor ckaFromHsic(const at::Tensor& hsic_EE) { return scaledByDiagonal(hsic_EE); }

at::Tensor ckaExcess(const at::Tensor& cka_EE, double null) { return (cka_EE - null) / (1 - null); }

void SimilaritySums::add(const at::Tensor& outputs_EnD)
{
    const at::Tensor y_EnD = normaliseTokens(outputs_EnD);
    const std::int64_t numExperts = y_EnD.size(0);
    if (!m_products_EE.defined()) {
        m_products_EE = at::zeros({numExperts, numExperts}, y_EnD.options());
        m_sums_ED = at::zeros({numExperts, y_EnD.size(2)}, y_EnD.options());
    }
    const at::Tensor flat = y_EnD.reshape({numExperts, -1});
    m_products_EE += at::mm(flat, flat.t());
    m_sums_ED += y_EnD.sum(1);
    m_tokens += y_EnD.size(1);
    if (y_EnD.size(1) < 4)
        return;
    const at::Tensor hsic_EE = hsicMatrix(y_EnD);
    m_hsic_EE = m_hsic_EE.defined() ? m_hsic_EE + hsic_EE : hsic_EE;
}

at::Tensor SimilaritySums::cosine() const
{
    MOESCOPE_CHECK(m_tokens > 0, "no tokens were added");
    const at::Tensor centred_EE = m_products_EE - at::mm(m_sums_ED, m_sums_ED.t()) / static_cast<double>(m_tokens);
    at::Tensor cosine_EE = scaledByDiagonal(centred_EE).nan_to_num(0.0).clamp(-1, 1);
    cosine_EE.diagonal().fill_(1);
    return cosine_EE;
}

at::Tensor SimilaritySums::cka() const
{
    MOESCOPE_CHECK(m_tokens > 0, "no tokens were added");
    return m_hsic_EE.defined() ? ckaFromHsic(m_hsic_EE) : at::full_like(m_products_EE, kNaN);
}

}  // namespace moescope
