// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/sha256.h"

#include <array>
#include <vector>

#include <openssl/evp.h>

#include "engine/base/check.h"
#include "engine/base/input_file.h"

namespace moescope {

struct Sha256::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Impl() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256()
    : m_impl(std::make_unique<Impl>())
{
    MOESCOPE_CHECK(m_impl->context != nullptr && EVP_DigestInit_ex(m_impl->context, EVP_sha256(), nullptr) == 1,
        "OpenSSL has SHA-256");
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes)
{
    MOESCOPE_CHECK(EVP_DigestUpdate(m_impl->context, bytes.data(), bytes.size()) == 1, "update() comes before hex()");
}

std::string Sha256::hex()
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned length = 0;
    MOESCOPE_CHECK(EVP_DigestFinal_ex(m_impl->context, digest.data(), &length) == 1, "hex() is called once");
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

Result<std::string> sha256OfFile(const std::filesystem::path& path)
{
    const auto file = InputFile::open(path);
    if (!file)
        return forward(file);
    Sha256 hash;
    std::vector<std::byte> buffer(1 << 20);
    for (std::uint64_t offset = 0;;) {
        const auto count = file->readAt(offset, buffer);
        if (!count)
            return forward(count);
        hash.update(std::span(buffer).first(*count));
        offset += *count;
        if (*count < buffer.size())
            return hash.hex();
    }
}

}  // namespace moescope
