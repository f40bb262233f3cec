// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/evaluation_windows.h"

#include <algorithm>
#include <limits>
#include <numbers>
#include <numeric>

#include "engine/base/check.h"

namespace moescope {
namespace {

std::int64_t validSize(const Corpus& corpus, std::size_t domain)
{
    return static_cast<std::int64_t>(corpus.domains[domain].bytes(Split::Valid).size());
}

/// Number of sample windows by domain: in proportion to the text, at least one for each domain that has two bytes.
std::vector<std::int64_t> windowsByDomain(const Corpus& corpus, std::int64_t count)
{
    const auto total = static_cast<double>(std::max<std::int64_t>(1, corpus.size(Split::Valid)));
    std::vector<std::int64_t> shares;
    for (std::size_t d = 0; d < corpus.domains.size(); ++d) {
        const std::int64_t size = validSize(corpus, d);
        const auto share =
            static_cast<std::int64_t>(static_cast<double>(count) * static_cast<double>(size) / total + 0.5);
        shares.push_back(size < 2 ? 0 : std::max<std::int64_t>(1, share));
    }
    return shares;
}

EvaluationWindow documentWindow(const Corpus& corpus, std::size_t domain, std::int64_t document)
{
    const std::int64_t targets = corpus.documentTokens - 1;
    return {static_cast<std::int32_t>(domain), document * corpus.documentTokens, targets, 0, targets};
}

}  // namespace

std::vector<EvaluationWindow> sampleWindows(const Corpus& corpus, std::int64_t context, std::int64_t count)
{
    const std::vector<std::int64_t> shares = windowsByDomain(corpus, count);
    std::vector<EvaluationWindow> windows;
    for (std::size_t d = 0; d < corpus.domains.size(); ++d) {
        const std::int64_t size = validSize(corpus, d);
        const std::int64_t length = std::min(context, size - 1);
        const std::int64_t unit = corpus.documentTokens > 0 ? corpus.documentTokens : 1;
        const std::int64_t starts = corpus.documentTokens > 0 ? size / unit : size - length;  // distinct windows
        const std::int64_t wanted = std::min(shares[d], starts);
        for (std::int64_t i = 0; i < wanted; ++i) {
            const std::int64_t start = wanted == 1 ? (starts - 1) / 2 : (starts - 1) * i / (wanted - 1);
            windows.push_back({static_cast<std::int32_t>(d), start * unit, length, length / 2, length});
        }
    }
    return windows;
}

std::vector<EvaluationWindow> fullWindows(const Corpus& corpus, std::int64_t context)
{
    std::vector<EvaluationWindow> windows;
    for (std::size_t d = 0; d < corpus.domains.size(); ++d) {
        const std::int64_t size = validSize(corpus, d);
        if (corpus.documentTokens > 0) {
            for (std::int64_t i = 0; i < size / corpus.documentTokens; ++i)
                windows.push_back(documentWindow(corpus, d, i));
            continue;
        }
        if (size < 2)
            continue;
        const std::int64_t length = std::min(context, size - 1);
        const std::int64_t stride = length - length / 2;
        std::int64_t scored = 1;  // bytes of the text that are done; byte 0 is never a target
        for (std::int64_t start = 0; scored < size; start += stride) {
            start = std::min(start, size - 1 - length);
            windows.push_back({static_cast<std::int32_t>(d), start, length, scored - start - 1, length});
            scored = start + length + 1;
        }
    }
    return windows;
}

Result<void> readWindows(
    const Corpus& corpus, std::span<const EvaluationWindow> windows, std::int64_t context, Batch& batch)
{
    if (auto whole = checkWhole(corpus); !whole)
        return whole;
    const auto stride = static_cast<std::size_t>(context + 1);
    batch.sequences = static_cast<std::int64_t>(windows.size());
    batch.context = context;
    batch.firstSequence = 0;
    batch.tokens.assign(windows.size() * stride, 0);
    batch.domains.resize(windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const EvaluationWindow& window = windows[i];
        MOESCOPE_CHECK(window.length <= context, "windows were made for this context");
        const auto text = corpus.domains[static_cast<std::size_t>(window.domain)].bytes(Split::Valid);
        const auto part =
            text.subspan(static_cast<std::size_t>(window.start), static_cast<std::size_t>(window.length) + 1);
        std::ranges::copy(part, batch.tokens.begin() + static_cast<std::ptrdiff_t>(i * stride));
        batch.domains[i] = window.domain;
    }
    return {};
}

void EvaluationScore::add(
    std::span<const EvaluationWindow> windows, std::int64_t context, std::span<const float> windowNats)
{
    MOESCOPE_CHECK(windowNats.size() == windows.size() * static_cast<std::size_t>(context), "one number per target");
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const EvaluationWindow& window = windows[i];
        const auto domain = static_cast<std::size_t>(window.domain);
        if (nats.size() <= domain) {
            nats.resize(domain + 1, 0.0);
            bytes.resize(domain + 1, 0);
        }
        const auto scored =
            windowNats.subspan(i * static_cast<std::size_t>(context) + static_cast<std::size_t>(window.scoredFrom),
                static_cast<std::size_t>(window.scoredTo - window.scoredFrom));
        nats[domain] = std::accumulate(scored.begin(), scored.end(), nats[domain]);
        bytes[domain] += static_cast<std::int64_t>(scored.size());
    }
}

std::int64_t EvaluationScore::totalBytes() const
{
    return std::accumulate(bytes.begin(), bytes.end(), std::int64_t{0});
}

double EvaluationScore::loss() const
{
    return std::accumulate(nats.begin(), nats.end(), 0.0) / static_cast<double>(totalBytes());
}

double EvaluationScore::bitsPerByte() const { return loss() / std::numbers::ln2; }

double EvaluationScore::bitsPerByte(int domain) const
{
    const auto d = static_cast<std::size_t>(domain);
    return d < nats.size() ? nats[d] / static_cast<double>(bytes[d]) / std::numbers::ln2
                           : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace moescope
