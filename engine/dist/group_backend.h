// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A Group over c10d backends: Gloo for tensors on the CPU, NCCL beside it for tensors on a GPU.
#pragma once

#include <functional>
#include <memory>

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "engine/dist/group.h"

namespace moescope {

/// Gloo with its device on 127.0.0.1. Blocks until all ranks are connected. Throws what c10d and gloo throw.
c10::intrusive_ptr<c10d::Backend> makeGlooBackend(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int size, std::chrono::milliseconds timeout);

/// `cuda` may be null. Used by the training thread only.
std::unique_ptr<Group> backendGroup(c10::intrusive_ptr<c10d::Backend> cpu, c10::intrusive_ptr<c10d::Backend> cuda);

}  // namespace moescope
