// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/parameters.h"

#include <algorithm>
#include <map>
#include <utility>

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "engine/base/check.h"

namespace moescope {

namespace {

constexpr std::int64_t kAlignment = 32;  // elements: a cache line of bf16, two of fp32

std::int64_t alignedUp(std::int64_t elements) { return (elements + kAlignment - 1) / kAlignment * kAlignment; }

// 0 decayed, 1 not decayed, 2 frozen: the order in the flat buffers.
int layoutGroup(const ParameterTraits& traits) { return traits.trained ? (traits.decay ? 0 : 1) : 2; }

}  // namespace

struct ParameterStore::Impl {
    std::vector<Entry> entries;
    std::vector<Buffer> buffers;
    std::map<std::string, Weight> shared;
    bool packed = false;
    Precision precision = Precision::Fp32;
    std::int64_t numDecayed = 0, numTrained = 0, numElements = 0;
    at::Tensor master, gradient, compute;
    std::vector<ElementRange> live;

    void checkNew(const std::string& name) const
    {
        const auto taken = [&](const auto& item) { return item.name == name; };
        MOESCOPE_CHECK(std::ranges::none_of(entries, taken) && std::ranges::none_of(buffers, taken),
            "a name belongs to one parameter or buffer: " + name);
    }

    void layOut()
    {
        std::int64_t offset = 0;
        for (int group = 0; group < 3; ++group) {
            for (Entry& entry : entries) {
                if (layoutGroup(entry.traits) != group)
                    continue;
                entry.offset = offset;
                offset = alignedUp(offset + entry.value.numel());
            }
            (group == 0 ? numDecayed : group == 1 ? numTrained : numElements) = offset;
        }
    }

    /// Alignment gaps stay 0 whatever is done to them, so a range ends where the next one begins.
    void findLive()
    {
        std::vector<const Entry*> trained;
        for (const Entry& entry : entries)
            if (entry.traits.trained)
                trained.push_back(&entry);
        std::ranges::sort(trained, {}, &Entry::offset);
        live.clear();
        for (std::size_t i = 0; i < trained.size(); ++i) {
            if (trained[i]->frozen)
                continue;
            const std::int64_t begin = trained[i]->offset;
            const std::int64_t end = i + 1 < trained.size() ? trained[i + 1]->offset : numTrained;
            if (!live.empty() && live.back().end == begin)
                live.back().end = end;
            else
                live.push_back({begin, end});
        }
    }

    void freeze(Entry& entry)
    {
        MOESCOPE_CHECK(packed && entry.traits.trained, "only what is trained can be frozen: " + entry.name);
        if (entry.frozen)
            return;
        entry.frozen = true;
        for (at::Tensor* leaf : {&entry.value, &entry.compute}) {
            leaf->mutable_grad() = at::Tensor();
            leaf->set_requires_grad(false);
        }
        viewOf(gradient, entry).zero_();
        findLive();
    }

    at::Tensor viewOf(const at::Tensor& flat, const Entry& entry) const
    {
        return flat.narrow(0, entry.offset, entry.value.numel()).view(entry.value.sizes());
    }

    void makeLeaf(at::Tensor& leaf, const Entry& entry) const
    {
        if (!entry.traits.trained)
            return;
        leaf.set_requires_grad(true);
        if (leaf.scalar_type() != at::kFloat)
            leaf.set_grad_dtype(at::kFloat);
        leaf.mutable_grad() = viewOf(gradient, entry);
    }
};

const at::Tensor& Weight::value() const { return m_store->m_impl->entries[m_index].value; }
const at::Tensor& Weight::compute() const { return m_store->m_impl->entries[m_index].compute; }
void Weight::freeze() const { m_store->m_impl->freeze(m_store->m_impl->entries[m_index]); }

ParameterStore::ParameterStore()
    : m_impl(std::make_unique<Impl>())
{
}

ParameterStore::~ParameterStore() = default;

Weight ParameterStore::add(std::string name, const at::Tensor& initial, ParameterTraits traits)
{
    MOESCOPE_CHECK(!m_impl->packed, "parameters are registered before pack()");
    MOESCOPE_CHECK(initial.scalar_type() == at::kFloat, "parameters are fp32: " + name);
    m_impl->checkNew(name);
    const at::Tensor value = initial.detach().clone(at::MemoryFormat::Contiguous);
    m_impl->entries.push_back({std::move(name), traits, 0, value, value, false});

    Weight weight;
    weight.m_store = this;
    weight.m_index = m_impl->entries.size() - 1;
    return weight;
}

Weight ParameterStore::share(const std::string& name, const at::Tensor& initial, ParameterTraits traits)
{
    const auto known = m_impl->shared.find(name);
    if (known == m_impl->shared.end())
        return m_impl->shared[name] = add(name, initial, traits);
    MOESCOPE_CHECK(known->second.value().sizes() == initial.sizes(), "a shared parameter has one shape: " + name);
    return known->second;
}

at::Tensor ParameterStore::addBuffer(std::string name, const at::Tensor& initial)
{
    MOESCOPE_CHECK(initial.scalar_type() == at::kFloat || initial.scalar_type() == at::kLong,
        "buffers are fp32 or int64: " + name);
    m_impl->checkNew(name);
    m_impl->buffers.push_back({std::move(name), initial.detach().clone(at::MemoryFormat::Contiguous)});
    return m_impl->buffers.back().value;
}

void ParameterStore::pack(Precision precision)
{
    Impl& self = *m_impl;
    MOESCOPE_CHECK(!self.packed, "pack() happens once");
    const c10::NoGradGuard noGrad;
    self.packed = true;
    self.precision = precision;
    self.layOut();
    self.findLive();

    const at::TensorOptions options =
        self.entries.empty() ? at::TensorOptions(at::kFloat) : self.entries.front().value.options();
    self.master = at::zeros({self.numElements}, options);
    self.gradient = at::zeros({self.numTrained}, options);
    if (precision == Precision::Bf16)
        self.compute = at::zeros({self.numElements}, options.dtype(at::kBFloat16));

    for (Entry& entry : self.entries) {
        at::Tensor value = self.viewOf(self.master, entry);
        value.copy_(entry.value);
        self.makeLeaf(value, entry);
        entry.value = value;
        entry.compute = value;
        if (precision == Precision::Bf16) {
            entry.compute = self.viewOf(self.compute, entry);
            self.makeLeaf(entry.compute, entry);
        }
    }
    refreshCompute();
}

void ParameterStore::freeze(std::string_view name)
{
    const auto found = std::ranges::find(m_impl->entries, name, &Entry::name);
    MOESCOPE_CHECK(found != m_impl->entries.end(), "no such parameter to freeze: " + std::string(name));
    m_impl->freeze(*found);
}

const std::vector<ElementRange>& ParameterStore::liveRanges() const { return m_impl->live; }
std::int64_t ParameterStore::numDecayed() const { return m_impl->numDecayed; }
std::int64_t ParameterStore::numTrained() const { return m_impl->numTrained; }
std::int64_t ParameterStore::numElements() const { return m_impl->numElements; }
const at::Tensor& ParameterStore::master() const { return m_impl->master; }
const at::Tensor& ParameterStore::gradient() const { return m_impl->gradient; }

void ParameterStore::refreshCompute()
{
    MOESCOPE_CHECK(m_impl->packed, "there is nothing to refresh before pack()");
    if (m_impl->precision == Precision::Fp32)
        return;
    const c10::NoGradGuard noGrad;
    m_impl->compute.copy_(m_impl->master);
}

const std::vector<ParameterStore::Entry>& ParameterStore::parameters() const { return m_impl->entries; }
const std::vector<ParameterStore::Buffer>& ParameterStore::buffers() const { return m_impl->buffers; }

}  // namespace moescope
