// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The cache of n-gram scores, one small JSON file for each corpus.
#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/data/cache_folder.h"
#include "engine/data/ngram.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr int kAnchorFormat = 1;
constexpr std::uint64_t kMaxAnchorFile = 1 << 20;

/// NaN has no number in JSON.
json numberOrNull(double value) { return std::isfinite(value) ? json(value) : json(); }

std::string anchorsToText(const Corpus& corpus, const std::vector<NgramScore>& scores)
{
    json text{{"format_version", kAnchorFormat}, {"fingerprint", corpus.fingerprint}, {"corpus", corpus.name},
        {"domains", corpus.domainNames()}, {"bits_per_byte", json::array()}};
    for (const NgramScore& score : scores) {
        json domains = json::array();
        for (const double bits : score.domains)
            domains.push_back(numberOrNull(bits));
        text["bits_per_byte"].push_back({{"order", score.order}, {"all", score.bitsPerByte}, {"domains", domains}});
    }
    return text.dump(1) + "\n";
}

bool isPositive(const json& value) { return value.is_number() && value.get<double>() > 0.0; }

/// Empty when the file does not say what this corpus needs; it is counted again then.
std::vector<NgramScore> anchorsFromText(const std::string& text, const Corpus& corpus)
{
    const json root = json::parse(text, nullptr, false);
    if (!root.is_object() || root.value("format_version", json()) != kAnchorFormat
        || root.value("fingerprint", json()) != corpus.fingerprint)
        return {};
    const json rows = root.value("bits_per_byte", json());
    if (!rows.is_array() || rows.size() != kMaxNgramOrder)
        return {};
    std::vector<NgramScore> scores;
    for (const json& row : rows) {
        const bool sound = row.is_object() && row.value("order", json()) == static_cast<int>(scores.size()) + 1
            && isPositive(row.value("all", json())) && row.value("domains", json()).is_array()
            && row["domains"].size() == corpus.domains.size();
        if (!sound)
            return {};
        NgramScore score{static_cast<int>(scores.size()) + 1, row["all"].get<double>(), {}};
        for (const json& bits : row["domains"]) {
            if (!bits.is_null() && !isPositive(bits))
                return {};
            score.domains.push_back(bits.is_null() ? std::numeric_limits<double>::quiet_NaN() : bits.get<double>());
        }
        scores.push_back(std::move(score));
    }
    return scores;
}

}  // namespace

Result<std::vector<NgramScore>> ngramAnchors(const Corpus& corpus)
{
    if (corpus.dialects || corpus.size(Split::Valid) == 0)
        return std::vector<NgramScore>{};
    const auto cache = cacheFolder();
    const std::filesystem::path file = cache ? *cache / "ngrams" / (corpus.fingerprint.substr(0, 32) + ".json") : "";
    if (cache) {
        if (const auto text = readFile(file, kMaxAnchorFile)) {
            if (auto scores = anchorsFromText(*text, corpus); !scores.empty())
                return scores;
        }
    }
    if (auto whole = checkWhole(corpus); !whole)
        return forward(whole);
    std::vector<std::span<const std::uint8_t>> train, valid;
    for (const DomainText& domain : corpus.domains) {
        train.push_back(domain.bytes(Split::Train));
        valid.push_back(domain.bytes(Split::Valid));
    }
    auto scores = countNgrams(train, valid);
    if (cache && FileSystem::real().makeFolder(file.parent_path()))
        (void)replaceFile(FileSystem::real(), file, anchorsToText(corpus, scores));
    return scores;
}

}  // namespace moescope
