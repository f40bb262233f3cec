// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The ranks of a run as one value: size 1 needs no special case. Few, large collectives.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace at {
class Tensor;
}

namespace moescope {

struct LaunchEnv;

/// Thrown by a collective when a peer died or timed out. Caught once, in the trainer's thread. The group is dead then:
/// every later call throws too, and the process should end soon, by _exit: a thread may still wait for another peer.
class PeerLost : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// All ranks call the same collectives in the same order, from the training thread. Tensors are contiguous; a sum adds
/// in an order that depends on the number of ranks only, so equal runs give equal bits.
class Group {
public:
    virtual ~Group() = default;
    virtual int rank() const = 0;
    virtual int size() const = 0;
    virtual std::string backend() const = 0;  ///< "single", "gloo", "nccl"

    virtual void sum(at::Tensor& tensor) = 0;  ///< in place, same result on all ranks
    virtual void broadcast(at::Tensor& tensor, int root) = 0;
    virtual void barrier() = 0;

    /// Starts a sum; wait() on the returned handle before reading the tensor.
    class Pending {
    public:
        virtual ~Pending() = default;
        virtual void wait() = 0;
    };
    virtual std::unique_ptr<Pending> startSum(at::Tensor& tensor) = 0;

    virtual std::chrono::nanoseconds communicationTime() const = 0;  ///< spent waiting in collectives so far
};

std::unique_ptr<Group> singleGroup();

inline constexpr std::chrono::seconds kGroupTimeout{60};

/// One rank: singleGroup(). More: Gloo between processes of one machine over 127.0.0.1, and NCCL beside it for tensors
/// on a GPU when the GPU plug-in is loaded and there is a device for each local rank. The ranks meet in a FileStore in
/// `environment.storeFolder` (made with mode 0700; refused when others may look in) or in torchrun's store, and check
/// that all belong to one run. Blocks until all have joined. Errors: User (folder, address, another run's store) and
/// PeerLost (a rank did not come within `timeout`, which is also that of every collective).
Result<std::unique_ptr<Group>> connectGroup(
    const LaunchEnv& environment, std::chrono::milliseconds timeout = kGroupTimeout);

}  // namespace moescope
