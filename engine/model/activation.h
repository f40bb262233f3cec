// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Activations of experts and dense blocks: sizes, and the kernels for a type of numbers.
#pragma once

#include <cstdint>
#include <type_traits>

#include <c10/util/BFloat16.h>

#include "engine/config/run_config.h"
#include "engine/model/layer_kernels.h"

namespace moescope {

/// Columns of the pre-activation for a hidden size: SwiGLU has gate | up.
inline std::int64_t preActivationSize(Activation activation, std::int64_t hidden)
{
    return activation == Activation::SwiGlu ? 2 * hidden : hidden;
}

inline ActivationKind kernelKind(Activation activation) { return static_cast<ActivationKind>(activation); }

/// The type that kernels know for a type of LibTorch: bf16 as its bits.
template <class T> using KernelType = std::conditional_t<std::is_same_v<T, c10::BFloat16>, Bf16Bits, T>;

template <class T> KernelType<T>* kernelPointer(T* numbers) { return reinterpret_cast<KernelType<T>*>(numbers); }
template <class T> const KernelType<T>* kernelPointer(const T* numbers)
{
    return reinterpret_cast<const KernelType<T>*>(numbers);
}

template <class T> const TypedLayerKernels<KernelType<T>>& typedKernels()
{
    if constexpr (std::is_same_v<T, c10::BFloat16>)
        return layerKernels().bf16;
    else
        return layerKernels().fp32;
}

}  // namespace moescope
