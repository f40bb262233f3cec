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

/// Thrown by a collective when a peer died or timed out. Caught once, in the trainer's thread.
class PeerLost : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// All ranks call the same collectives in the same order, from the training thread.
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

/// Gloo between processes of one machine over 127.0.0.1 and a FileStore in a private folder, time-out 60 s;
/// NCCL when the GPU plug-in is loaded and there is a device per local rank.
Result<std::unique_ptr<Group>> connectGroup(const LaunchEnv& environment);

}  // namespace moescope
