// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Two ranks within one thread, one after the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/dist/group.h"

namespace moescope::test {

/// Rank r of two fake ranks: sums what the other rank would bring, recorded in an earlier pass.
class FakeGroup final : public Group {
public:
    FakeGroup(int rank, std::vector<at::Tensor>& sums)
        : m_rank(rank)
        , m_sums(sums)
    {
    }
    int rank() const override { return m_rank; }
    int size() const override { return 2; }
    std::string backend() const override { return "fake"; }
    void sum(at::Tensor& tensor) override
    {
        m_sums[m_rank] = tensor.clone();
        const at::Tensor& other = m_sums[1 - m_rank];
        if (other.defined())
            tensor.add_(other);
    }
    void broadcast(at::Tensor&, int) override { }
    void barrier() override { }
    std::unique_ptr<Pending> startSum(at::Tensor&) override { return nullptr; }
    std::chrono::nanoseconds communicationTime() const override { return {}; }

private:
    int m_rank;
    std::vector<at::Tensor>& m_sums;
};

}  // namespace moescope::test
