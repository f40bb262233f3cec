// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/nearest.h"

#include <algorithm>
#include <array>

namespace moescope {

namespace {

constexpr std::size_t kMaxWord = 120;

std::string plainWord(std::string_view word)
{
    std::string plain(word.substr(0, kMaxWord));
    for (char& c : plain) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        else if (c == '-')
            c = '_';
    }
    return plain;
}

/// Optimal string alignment distance.
std::size_t numEdits(std::string_view a, std::string_view b)
{
    std::array<std::vector<std::size_t>, 3> rows;
    rows.fill(std::vector<std::size_t>(b.size() + 1));
    for (std::size_t j = 0; j <= b.size(); ++j)
        rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& now = rows[i % 3];
        const auto& before = rows[(i + 2) % 3];
        const auto& beforeThat = rows[(i + 1) % 3];
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], beforeThat[j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

std::string_view lastPart(std::string_view dotted) { return dotted.substr(dotted.rfind('.') + 1); }

}  // namespace

std::string nearestWord(std::string_view word, const std::vector<std::string>& known)
{
    const std::string plain = plainWord(word);
    std::string best;
    std::size_t fewest = std::max<std::size_t>(2, plain.size() / 4) + 1;
    for (const std::string& candidate : known) {
        const std::size_t edits = numEdits(plain, plainWord(candidate));
        if (edits < fewest && edits < std::max(plain.size(), candidate.size())) {
            fewest = edits;
            best = candidate;
        }
    }
    if (!best.empty())
        return best;
    for (const std::string& candidate : known)
        if (numEdits(lastPart(plain), lastPart(plainWord(candidate))) <= 1 && lastPart(plain).size() > 2)
            return candidate;
    return {};
}

}  // namespace moescope
