// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// SHA-256 while bytes stream by (OpenSSL's EVP).
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"

namespace moescope {

/// Not safe for two threads.
class Sha256 {
public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();

    void update(std::span<const std::byte> bytes);
    std::string hex();  ///< 64 lower-case digits; ends the computation

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Of a whole file, read in pieces of 1 MiB. Blocks.
Result<std::string> sha256OfFile(const std::filesystem::path& path);

}  // namespace moescope
