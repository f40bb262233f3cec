// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/unit_split.h"

#include <algorithm>
#include <numeric>

#include <openssl/evp.h>

#include "engine/base/check.h"

namespace moescope {
namespace {

using Sha1 = std::array<unsigned char, 20>;

Sha1 sha1Of(std::string_view text)
{
    Sha1 digest{};
    unsigned length = 0;
    MOESCOPE_CHECK(
        EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1 && length == 20,
        "OpenSSL has SHA-1");
    return digest;
}

struct Unit {
    Sha1 order;
    std::string_view bytes;
    std::size_t split = 0;
};

/// The first of the splits that is furthest behind its share of the bytes seen so far.
std::size_t hungriestSplit(double seen, const std::array<double, 3>& have)
{
    static constexpr std::array kQuota{0.90, 0.05, 0.05};
    std::size_t best = 0;
    double most = kQuota[0] * seen - have[0];
    for (std::size_t s = 1; s < kQuota.size(); ++s) {
        const double behind = kQuota[s] * seen - have[s];
        if (behind > most) {
            best = s;
            most = behind;
        }
    }
    return best;
}

}  // namespace

std::size_t unitEnd(std::string_view data, std::size_t start, std::size_t unitBytes)
{
    const std::size_t end = std::min(start + unitBytes, data.size());
    if (end == data.size())
        return end;
    const std::size_t inside = data.substr(start, end - start).rfind('\n');
    if (inside != std::string_view::npos)
        return start + inside + 1;
    const std::size_t behind = data.find('\n', end);
    return behind == std::string_view::npos ? data.size() : behind + 1;
}

std::array<std::string, 3> splitByUnits(const std::vector<NamedText>& files, std::size_t unitBytes)
{
    std::vector<Unit> units;
    for (const NamedText& file : files) {
        const std::string_view data = file.bytes;
        for (std::size_t start = 0; start < data.size();) {
            const std::size_t end = unitEnd(data, start, unitBytes);
            units.push_back({sha1Of(file.name + "#" + std::to_string(start)), data.substr(start, end - start)});
            start = end;
        }
    }
    std::vector<std::size_t> order(units.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return units[i].order; });

    double seen = 0.0;
    std::array<double, 3> have{};
    for (const std::size_t i : order) {
        const auto size = static_cast<double>(units[i].bytes.size());
        seen += size;
        units[i].split = hungriestSplit(seen, have);
        have[units[i].split] += size;
    }
    std::array<std::string, 3> splits;
    for (const Unit& unit : units)
        splits[unit.split].append(unit.bytes);
    return splits;
}

}  // namespace moescope
