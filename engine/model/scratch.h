// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Memory of one thread that is used again and again: no zeros written, no pages given back between steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace moescope {

/// Grows, never shrinks. Keep it `thread_local`; what get() returned before is gone after the next call.
template <class T> class Scratch {
public:
    T* get(std::int64_t size)
    {
        if (m_size < size) {
            m_memory.reset(static_cast<T*>(::operator new[](static_cast<std::size_t>(size) * sizeof(T), kAlignment)));
            m_size = size;
        }
        return m_memory.get();
    }

private:
    static constexpr std::align_val_t kAlignment{64};
    struct Free {
        void operator()(T* memory) const { ::operator delete[](memory, kAlignment); }
    };
    std::unique_ptr<T[], Free> m_memory;
    std::int64_t m_size = 0;
};

}  // namespace moescope
