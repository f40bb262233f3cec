// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The few Gloo names that c10d's headers mention. The wheel has the code but not the headers.
// Never construct or derive from these: only pointers to them cross the border.
#pragma once
#define GLOO_STORE_HAS_STORE_V2 1

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gloo {

using Keys = std::vector<std::string>;
using Bytes = std::vector<char>;

class Context {
public:
    void setTimeout(std::chrono::milliseconds);
};

namespace transport {
class Device;
class UnboundBuffer {
public:
    virtual ~UnboundBuffer() = 0;
};
}  // namespace transport

class IStore {
public:
    virtual ~IStore() = default;
    virtual void set(const std::string&, const Bytes&) = 0;
    virtual Bytes get(const std::string&) = 0;
    virtual void wait(const Keys&) = 0;
    virtual void wait(const Keys&, const std::chrono::milliseconds&) = 0;
};

namespace rendezvous {
class Store : public IStore {
public:
    virtual bool has_v2_support();
    virtual std::vector<Bytes> multi_get(const Keys&);
    virtual void multi_set(const Keys&, const std::vector<Bytes>&);
    virtual void append(const std::string&, const Bytes&);
    virtual int64_t add(const std::string&, int64_t);
};
}  // namespace rendezvous

}  // namespace gloo
