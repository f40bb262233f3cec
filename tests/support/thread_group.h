// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Two ranks as two threads of a test: what parts with a global scope do between processes.
#pragma once

#include <array>
#include <barrier>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <ATen/core/Tensor.h>
#include <ATen/TensorOperators.h>

#include "engine/base/check.h"
#include "engine/dist/group.h"

namespace moescope {

/// Where two threads meet.
struct Meeting {
    std::barrier<> barrier{2};
    std::array<at::Tensor, 2> tensors;
};

class ThreadGroup : public Group {
public:
    ThreadGroup(Meeting* meeting, int rank, int size)
        : m_meeting(meeting)
        , m_rank(rank)
        , m_size(size)
    {
    }

    int rank() const override { return m_rank; }
    int size() const override { return m_size; }
    std::string backend() const override { return "threads"; }

    void sum(at::Tensor& tensor) override
    {
        m_meeting->tensors[static_cast<std::size_t>(m_rank)] = tensor;
        m_meeting->barrier.arrive_and_wait();
        const at::Tensor total = m_meeting->tensors[0] + m_meeting->tensors[1];
        m_meeting->barrier.arrive_and_wait();
        tensor.copy_(total);
    }

    void broadcast(at::Tensor&, int) override { MOESCOPE_CHECK(false, "no part broadcasts"); }
    void barrier() override { m_meeting->barrier.arrive_and_wait(); }
    std::unique_ptr<Pending> startSum(at::Tensor&) override { MOESCOPE_CHECK(false, "no part sums in the background"); }
    std::chrono::nanoseconds communicationTime() const override { return {}; }

private:
    Meeting* m_meeting;
    int m_rank, m_size;
};

/// Says that there is another rank, whose numbers are all 0, and notices who asks for them.
class AskedGroup final : public ThreadGroup {
public:
    AskedGroup()
        : ThreadGroup(nullptr, 0, 2)
    {
    }
    void sum(at::Tensor&) override { asked = true; }
    bool asked = false;
};

/// Runs `work` for both ranks at once.
inline void onTwoRanks(const std::function<void(Group&)>& work)
{
    Meeting meeting;
    const auto run = [&](int rank) {
        ThreadGroup group(&meeting, rank, 2);
        work(group);
    };
    std::jthread other(run, 1);
    run(0);
}

}  // namespace moescope
