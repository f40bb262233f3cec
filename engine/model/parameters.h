// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// All tensors that a run learns or keeps, in flat buffers: one AdamW call, few large all-reduces, one list for checkpoints.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"

namespace moescope {

struct ParameterTraits {
    bool decay = true;  ///< weight decay applies (matrices yes; norms, biases, temperatures no)
    bool trained = true;  ///< false: frozen from the start, in no optimiser and no all-reduce
};

class ParameterStore;

/// A registered parameter. Cheap to copy; valid as long as its store.
class Weight {
public:
    Weight() = default;
    const at::Tensor& value() const;  ///< fp32 leaf; its grad is a view of the store's gradient buffer
    const at::Tensor& compute() const;  ///< what products use: bf16 copy under Precision::Bf16, else value()
    bool defined() const { return m_store != nullptr; }

private:
    friend class ParameterStore;
    ParameterStore* m_store = nullptr;
    std::size_t m_index = 0;
};

/// Owned by the model; used by the training thread only.
class ParameterStore {
public:
    struct Entry {
        std::string name;  ///< "layers.0.moe.experts.w1"
        ParameterTraits traits;
        std::int64_t offset = 0;  ///< elements into the flat buffers
        at::Tensor value, compute;
    };

    /// Registers an fp32 parameter with its initial numbers. Only before pack().
    Weight add(std::string name, const at::Tensor& initial, ParameterTraits traits = {});

    /// Registers state that is saved but not learnt by gradient (biases of loss-free balancing, trackers). fp32 or int64.
    at::Tensor addBuffer(std::string name, const at::Tensor& initial);

    /// Lays everything out: decayed parameters first, then undecayed, then frozen. Views replace the initial tensors.
    void pack(Precision precision);

    std::int64_t numDecayed() const;  ///< elements [0, numDecayed) of the flat buffers
    std::int64_t numTrained() const;  ///< elements [0, numTrained)
    std::int64_t numElements() const;
    const at::Tensor& master() const;  ///< [numElements] fp32
    const at::Tensor& gradient() const;  ///< [numTrained] fp32
    void refreshCompute();  ///< master -> bf16 copies, after each update; nothing in fp32

    const std::vector<Entry>& parameters() const;
    struct Buffer {
        std::string name;
        at::Tensor value;
    };
    const std::vector<Buffer>& buffers() const;

    ParameterStore();
    ~ParameterStore();
    ParameterStore(const ParameterStore&) = delete;
    ParameterStore& operator=(const ParameterStore&) = delete;

private:
    friend class Weight;
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
