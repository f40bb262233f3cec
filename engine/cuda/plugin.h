// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The GPU half of the engine, a library that is loaded when there is a driver. No LibTorch in this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace moescope {

struct GpuPlugin {
    bool loaded = false;
    int numDevices = 0;
    /// Why there is no GPU, for the log: no driver, no plug-in in this build, a missing library, no device. Empty with
    /// a GPU.
    std::string problem;

    /// (const c10::intrusive_ptr<c10d::Store>* store, rank, size, device, time-out in ms) -> c10d::Backend* whose one
    /// reference the caller takes over (intrusive_ptr::reclaim). Throws c10::Error. Null when not loaded.
    void* (*makeNccl)(const void* store, int rank, int size, int device, std::int64_t timeoutMs) = nullptr;
};

/// Loads `libmoescope_cuda.so` from the folder of the program or its ../lib. The first act of main: the first question
/// that LibTorch is asked about CUDA freezes the answer for the life of the process. Without a driver (libcuda.so.1)
/// the plug-in is left alone, which costs nothing. Never fails: what is missing stands in `problem`. Call once, before
/// any thread.
const GpuPlugin& loadGpuPlugin();

/// The same from a given file, driver or not: for tests.
const GpuPlugin& loadGpuPlugin(const std::filesystem::path& file);

/// What loadGpuPlugin() found; nothing before it was called.
const GpuPlugin& gpuPlugin();

}  // namespace moescope
