// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/dist/group_backend.h"

#include <future>
#include <thread>
#include <utility>

#include <ATen/core/Tensor.h>
#include <torch/csrc/distributed/c10d/Work.hpp>

#include "engine/base/check.h"
#include "engine/base/utf8.h"

namespace moescope {
namespace {

using BackendPointer = c10::intrusive_ptr<c10d::Backend>;
using WorkPointer = c10::intrusive_ptr<c10d::Work>;

constexpr std::chrono::milliseconds kDropTime{300};

class BackendGroup final : public Group {
public:
    BackendGroup(BackendPointer cpu, BackendPointer cuda)
        : m_cpu(std::move(cpu))
        , m_cuda(std::move(cuda))
        , m_rank(m_cpu->getRank())
        , m_size(m_cpu->getSize())
    {
    }

    int rank() const override { return m_rank; }
    int size() const override { return m_size; }
    std::string backend() const override { return m_cuda ? "nccl" : "gloo"; }
    std::chrono::nanoseconds communicationTime() const override { return m_time; }

    void sum(at::Tensor& tensor) override { finish(beginSum(tensor)); }

    void broadcast(at::Tensor& tensor, int root) override
    {
        finish(begin([&] {
            std::vector<at::Tensor> tensors{tensor};
            c10d::BroadcastOptions options;
            options.rootRank = root;
            return backendOf(tensor).broadcast(tensors, options);
        }));
    }

    void barrier() override
    {
        finish(begin([&] { return m_cpu->barrier(); }));
    }

    std::unique_ptr<Pending> startSum(at::Tensor& tensor) override
    {
        return std::make_unique<PendingWork>(*this, beginSum(tensor));
    }

private:
    class PendingWork final : public Pending {
    public:
        PendingWork(BackendGroup& group, WorkPointer work)
            : m_group(group)
            , m_work(std::move(work))
        {
        }
        void wait() override
        {
            if (auto work = std::exchange(m_work, {}))
                m_group.finish(work);
        }

    private:
        BackendGroup& m_group;
        WorkPointer m_work;
    };

    c10d::Backend& backendOf(const at::Tensor& tensor)
    {
        MOESCOPE_CHECK(tensor.is_contiguous(), "collectives work in place on contiguous tensors");
        MOESCOPE_CHECK(!tensor.is_cuda() || m_cuda, "tensors on a GPU need the NCCL group");
        return tensor.is_cuda() ? *m_cuda : *m_cpu;
    }

    WorkPointer beginSum(at::Tensor& tensor)
    {
        return begin([&] {
            std::vector<at::Tensor> tensors{tensor};
            return backendOf(tensor).allreduce(tensors);
        });
    }

    template <class Start> WorkPointer begin(Start start)
    {
        if (!m_lost.empty())
            throw PeerLost(m_lost);
        try {
            return start();
        } catch (const std::exception& error) {
            lose(error.what());
        }
    }

    void finish(const WorkPointer& work)
    {
        if (!m_lost.empty())
            throw PeerLost(m_lost);
        const auto before = std::chrono::steady_clock::now();
        try {
            work->wait();
        } catch (const std::exception& error) {
            lose(error.what());
        }
        m_time += std::chrono::steady_clock::now() - before;
    }

    [[noreturn]] void lose(const std::string& what)
    {
        m_lost = "rank " + std::to_string(m_rank) + " lost a peer: " + printable(what.substr(0, what.find('\n')));
        // Closing our connections tells those that wait for us and not for the dead one. The destructors wait for work
        // that is still under way, perhaps until its time-out: not here.
        std::promise<void> dropped;
        auto done = dropped.get_future();
        std::thread([cpu = std::exchange(m_cpu, {}), cuda = std::exchange(m_cuda, {}),
                        dropped = std::move(dropped)]() mutable {
            cpu.reset();
            cuda.reset();
            dropped.set_value();
        }).detach();
        done.wait_for(kDropTime);
        throw PeerLost(m_lost);
    }

    BackendPointer m_cpu, m_cuda;
    int m_rank, m_size;
    std::chrono::nanoseconds m_time{0};
    std::string m_lost;  ///< why every later call throws; empty while all is well
};

}  // namespace

std::unique_ptr<Group> backendGroup(BackendPointer cpu, BackendPointer cuda)
{
    return std::make_unique<BackendGroup>(std::move(cpu), std::move(cuda));
}

}  // namespace moescope
