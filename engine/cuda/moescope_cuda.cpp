// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The GPU plug-in: kernels for the engine's operators, and NCCL. Loaded by engine/cuda/plugin.cpp, never linked.
#include <chrono>
#include <cstdint>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#include <torch/library.h>

#include "engine/cuda/row_movement.h"

namespace moescope {
namespace {

RowNumber numberOf(const at::Tensor& rows)
{
    TORCH_CHECK(rows.scalar_type() == at::kFloat || rows.scalar_type() == at::kBFloat16, "rows are fp32 or bf16, not ",
        rows.scalar_type());
    return rows.scalar_type() == at::kFloat ? RowNumber::Fp32 : RowNumber::Bf16;
}

at::Tensor gatherRowsCuda(const at::Tensor& hidden_TD, const at::Tensor& token_N)
{
    const c10::cuda::CUDAGuard guard(hidden_TD.device());
    at::Tensor rows_ND = at::empty({token_N.size(0), hidden_TD.size(1)}, hidden_TD.options());
    const at::Tensor hidden = hidden_TD.contiguous(), token = token_N.contiguous();
    C10_CUDA_CHECK(
        launchGatherRows(hidden.const_data_ptr(), token.const_data_ptr<std::int32_t>(), rows_ND.mutable_data_ptr(),
            rows_ND.size(0), rows_ND.size(1), numberOf(hidden), c10::cuda::getCurrentCUDAStream()));
    return rows_ND;
}

at::Tensor combineRowsCuda(
    const at::Tensor& rows_ND, const at::Tensor& weight_M, const at::Tensor& slot_M, const at::Tensor& firstPair_T1)
{
    const c10::cuda::CUDAGuard guard(rows_ND.device());
    at::Tensor combined_TD = at::empty({firstPair_T1.size(0) - 1, rows_ND.size(1)}, rows_ND.options());
    const at::Tensor rows = rows_ND.contiguous(), weight = weight_M.contiguous(), slot = slot_M.contiguous(),
                     firstPair = firstPair_T1.contiguous();
    C10_CUDA_CHECK(launchCombineRows(rows.const_data_ptr(), weight.const_data_ptr<float>(),
        slot.const_data_ptr<std::int32_t>(), firstPair.const_data_ptr<std::int32_t>(), combined_TD.mutable_data_ptr(),
        combined_TD.size(0), combined_TD.size(1), numberOf(rows), c10::cuda::getCurrentCUDAStream()));
    return combined_TD;
}

}  // namespace

TORCH_LIBRARY_IMPL(moescope, CUDA, library)
{
    library.impl("gather_rows", gatherRowsCuda);
    library.impl("combine_rows", combineRowsCuda);
}

}  // namespace moescope

#define MOESCOPE_EXPORT extern "C" __attribute__((visibility("default")))

/// Devices that this process may use; 0 without a driver.
MOESCOPE_EXPORT int moescopeCudaDevices() { return c10::cuda::device_count(); }

/// See GpuPlugin::makeNccl.
MOESCOPE_EXPORT void* moescopeMakeNccl(const void* store, int rank, int size, int device, std::int64_t timeoutMs)
{
    c10::cuda::set_device(static_cast<c10::DeviceIndex>(device));
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = std::chrono::milliseconds(timeoutMs);
    const auto& meeting = *static_cast<const c10::intrusive_ptr<c10d::Store>*>(store);
    c10::intrusive_ptr<c10d::Backend> backend =
        c10::make_intrusive<c10d::ProcessGroupNCCL>(meeting, rank, size, std::move(options));
    return backend.release();
}
