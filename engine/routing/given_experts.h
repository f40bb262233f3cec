// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Experts that are known by their answers to certain tokens only.
#pragma once

#include <stdexcept>
#include <string>
#include <unordered_map>

#include "engine/routing/router.h"

namespace moescope {

/// A part asked the experts about a vector that is none of the tokens.
class UnknownToken : public std::runtime_error {
public:
    UnknownToken();
};

/// Answers from a table; rows are found by their bytes, so a part may ask about any of the tokens, in any order.
class GivenExperts final : public ExpertOutputs {
public:
    /// `outputs_ETD` are the answers of all experts to the rows of `hidden_TD`.
    GivenExperts(const at::Tensor& hidden_TD, at::Tensor outputs_ETD);

    int numExperts() const override;
    at::Tensor all(const at::Tensor& hidden_TD) const override;  ///< throws UnknownToken
    at::Tensor one(ExpertId expert, const at::Tensor& hidden_TD) const override;

private:
    at::Tensor rowsOf(const at::Tensor& hidden_TD) const;

    at::Tensor m_outputs_ETD;
    std::unordered_map<std::string, std::int64_t> m_rows;
};

}  // namespace moescope
