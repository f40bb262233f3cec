// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// All tensors that a run learns or keeps, in flat buffers: one AdamW call, few large all-reduces, one list for
// checkpoints.
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
    bool decay = true;    ///< weight decay applies (matrices yes; norms, biases, temperatures no)
    bool trained = true;  ///< false: frozen from the start, in no optimiser and no all-reduce
};

/// Elements [begin, end) of a flat buffer.
struct ElementRange {
    std::int64_t begin = 0, end = 0;

    friend bool operator==(const ElementRange&, const ElementRange&) = default;
};

class ParameterStore;

/// A registered parameter. Cheap to copy; valid as long as its store.
class Weight {
public:
    Weight() = default;
    const at::Tensor& value() const;  ///< fp32 leaf; its grad is a view of the store's gradient buffer
    /// What products use: under Precision::Bf16 a bf16 leaf whose grad is the same fp32 view, else value().
    const at::Tensor& compute() const;
    void freeze() const;  ///< ParameterStore::freeze() of this parameter
    bool defined() const { return m_store != nullptr; }

private:
    friend class ParameterStore;
    ParameterStore* m_store = nullptr;
    std::size_t m_index = 0;
};

/// Owned by the model; used by the training thread only. A name that is taken is a bug and stops the program.
class ParameterStore {
public:
    struct Entry {
        std::string name;  ///< "layers.0.moe.experts.w1"
        ParameterTraits traits;
        std::int64_t offset = 0;  ///< elements into the flat buffers
        at::Tensor value, compute;
        bool frozen = false;  ///< was trained until freeze()
    };

    /// Registers an fp32 parameter with its initial numbers. Only before pack().
    Weight add(std::string name, const at::Tensor& initial, ParameterTraits traits = {});

    /// The parameter that another part has registered as shared under this name and shape, else a new one.
    Weight share(const std::string& name, const at::Tensor& initial, ParameterTraits traits = {});

    /// Registers state that is saved but not learnt by gradient (biases of loss-free balancing, trackers). fp32 or
    /// int64.
    at::Tensor addBuffer(std::string name, const at::Tensor& initial);

    /// Lays everything out: decayed parameters first, then undecayed, then frozen, each from a multiple of 32 elements
    /// (the gaps stay 0 in all buffers). Views replace the initial tensors. Once; nothing can be added afterwards.
    void pack(Precision precision);

    /// From now on the parameter keeps its numbers: it gets no gradient (its part of the buffer stays 0), leaves
    /// liveRanges() and with it optimiser and all-reduce. Only after pack(); for good; a second time changes nothing.
    /// An unknown name or a parameter that was never trained is a bug.
    void freeze(std::string_view name);

    std::int64_t numDecayed() const;  ///< elements [0, numDecayed) of the flat buffers, gaps included
    std::int64_t numTrained() const;  ///< elements [0, numTrained)
    std::int64_t numElements() const;
    const at::Tensor& master() const;    ///< [numElements] fp32
    const at::Tensor& gradient() const;  ///< [numTrained] fp32; backward adds to it, `gradient().zero_()` clears it
    /// What is trained now, in order, neighbours joined: [0, numTrained) until something is frozen.
    const std::vector<ElementRange>& liveRanges() const;
    void refreshCompute();  ///< master -> bf16 copies, after each update; nothing in fp32

    const std::vector<Entry>& parameters() const;  ///< in the order of registration
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
