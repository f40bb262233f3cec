// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/given_experts.h"

#include <utility>
#include <vector>

#include <ATen/ops/tensor.h>

namespace moescope {

namespace {

/// The rows in fp64, in which every float type keeps its value, as keys.
std::vector<std::string> rowKeys(const at::Tensor& hidden_TD)
{
    const at::Tensor exact_TD = hidden_TD.detach().to(at::kDouble).contiguous();
    const std::size_t bytes = static_cast<std::size_t>(exact_TD.size(1)) * sizeof(double);
    const char* data = static_cast<const char*>(exact_TD.const_data_ptr());
    std::vector<std::string> keys;
    for (std::int64_t row = 0; row < exact_TD.size(0); ++row)
        keys.emplace_back(data + static_cast<std::size_t>(row) * bytes, bytes);
    return keys;
}

}  // namespace

UnknownToken::UnknownToken()
    : std::runtime_error("the experts were asked about a vector that is no row of `hidden`")
{
}

GivenExperts::GivenExperts(const at::Tensor& hidden_TD, at::Tensor outputs_ETD)
    : m_outputs_ETD(std::move(outputs_ETD))
{
    std::int64_t row = 0;
    for (std::string& key : rowKeys(hidden_TD))
        m_rows.emplace(std::move(key), row++);
}

int GivenExperts::numExperts() const { return static_cast<int>(m_outputs_ETD.size(0)); }

at::Tensor GivenExperts::all(const at::Tensor& hidden_TD) const
{
    return m_outputs_ETD.index_select(1, rowsOf(hidden_TD));
}

at::Tensor GivenExperts::one(ExpertId expert, const at::Tensor& hidden_TD) const
{
    return m_outputs_ETD.select(0, expert.value).index_select(0, rowsOf(hidden_TD));
}

at::Tensor GivenExperts::rowsOf(const at::Tensor& hidden_TD) const
{
    std::vector<std::int64_t> rows;
    for (const std::string& key : rowKeys(hidden_TD)) {
        const auto found = m_rows.find(key);
        if (found == m_rows.end())
            throw UnknownToken();
        rows.push_back(found->second);
    }
    return at::tensor(rows);
}

}  // namespace moescope
