// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/corpus.h"

#include <algorithm>
#include <utility>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/data/counter_random.h"
#include "engine/data/debian_texts.h"
#include "engine/data/dialects.h"
#include "engine/data/known_files.h"
#include "engine/data/prepared_texts.h"
#include "engine/data/text_files.h"

namespace moescope {
namespace {

constexpr std::array kSplitNames{"training", "validation", "test"};
constexpr std::uint64_t kDialectDocuments = 64;  // of each dialect, in the validation and in the test text

Corpus openDialects(const DialectSettings& settings, std::int64_t context)
{
    Corpus corpus;
    corpus.name = "dialects";
    corpus.documentTokens = context + 1;
    const auto language = std::make_shared<const DialectLanguage>(settings);
    corpus.vocabulary = language->vocabulary();
    for (int dialect = 0; dialect < language->numDialects(); ++dialect) {
        DomainText domain;
        domain.name = language->name(dialect);
        domain.splits[0] = wholeText(TextStorage::own({}));
        for (const Split split : {Split::Valid, Split::Test}) {
            std::vector<std::uint8_t> text;
            std::vector<std::int64_t> document(static_cast<std::size_t>(corpus.documentTokens));
            for (std::uint64_t i = 0; i < kDialectDocuments; ++i) {
                // Counters that no training sequence has: those begin with the run's seed and hold three numbers.
                CounterRandom random{static_cast<std::uint64_t>(split), static_cast<std::uint64_t>(dialect), i, 0};
                language->drawSequence(random, dialect, document);
                std::ranges::transform(document, std::back_inserter(text),
                    [](std::int64_t token) { return static_cast<std::uint8_t>(token); });
            }
            domain.splits[static_cast<std::size_t>(split)] = wholeText(TextStorage::own(std::move(text)));
        }
        corpus.domains.push_back(std::move(domain));
    }
    corpus.dialects = language;
    corpus.fingerprint = fingerprintOf(corpus);
    return corpus;
}

Result<Corpus> openNamed(const DataConfig& data, std::int64_t context)
{
    if (data.corpus == "debian-texts")
        return openDebianTexts();
    if (data.corpus == "enwik8")
        return openEnwik8(data.path);
    if (data.corpus == "text8")
        return openText8(data.path);
    if (data.corpus == "wikitext-103")
        return openWikitext103(data.path);
    if (data.corpus == "text")
        return openTextFiles(data.path);
    if (data.corpus == "dialects")
        return openDialects({static_cast<int>(data.numDialects), 16, data.dialectMark}, context);
    return fail(ErrorKind::User,
        "data.corpus=" + data.corpus
            + " is unknown; known are debian-texts, enwik8, text8, wikitext-103, dialects and text");
}

/// Training text must hold one window, validation text one scored byte.
Result<void> checkLengths(const Corpus& corpus, std::int64_t context)
{
    if (corpus.dialects)
        return {};
    std::int64_t longestTrain = 0, longestValid = 0;
    for (const DomainText& domain : corpus.domains) {
        longestTrain = std::max(longestTrain, static_cast<std::int64_t>(domain.bytes(Split::Train).size()));
        longestValid = std::max(longestValid, static_cast<std::int64_t>(domain.bytes(Split::Valid).size()));
    }
    if (corpus.size(Split::Train) + corpus.size(Split::Valid) + corpus.size(Split::Test) == 0)
        return fail(ErrorKind::Data, "corpus " + corpus.name + ": its text is empty; check data.path");
    if (longestTrain < context + 1)
        return fail(ErrorKind::Data,
            "corpus " + corpus.name + ": the training text has " + formatCount(longestTrain)
                + " bytes, one window needs " + formatCount(context + 1)
                + " (model.context + 1); use a longer text or a shorter context");
    if (longestValid < 2)
        return fail(ErrorKind::Data,
            "corpus " + corpus.name
                + ": the validation text (5 % of the bytes) has fewer than 2 bytes; use a longer text");
    return {};
}

}  // namespace

std::vector<std::string> Corpus::domainNames() const
{
    std::vector<std::string> names;
    for (const DomainText& domain : domains)
        names.push_back(domain.name);
    return names;
}

std::int64_t Corpus::size(Split split) const
{
    std::int64_t bytes = 0;
    for (const DomainText& domain : domains)
        bytes += static_cast<std::int64_t>(domain.bytes(split).size());
    return bytes;
}

Result<Corpus> openCorpus(const DataConfig& data, std::int64_t context, const std::string& expected)
{
    auto corpus = openNamed(data, context);
    if (!expected.empty() && (!corpus || corpus->fingerprint != expected)) {
        auto former = findPreparedTexts(data.corpus, expected);
        if (former) {
            former->notices.push_back("the sources of corpus " + data.corpus
                + " have changed since the run began; it goes on with the texts that the cache has kept");
            corpus = std::move(former);
        } else if (corpus) {
            return fail(ErrorKind::Data,
                "corpus " + data.corpus + (data.path.empty() ? "" : " (" + shownPath(data.path) + ")")
                    + ": its text has changed since the run began (SHA-256 " + corpus->fingerprint.substr(0, 16)
                    + "…, the run has " + expected.substr(0, 16) + "…); put the former files back, or start a new run");
        }
    }
    if (!corpus)
        return corpus;
    if (auto lengths = checkLengths(*corpus, context); !lengths)
        return forward(lengths);
    return corpus;
}

Result<void> checkWhole(const Corpus& corpus)
{
    const TextStorage* last = nullptr;
    for (const DomainText& domain : corpus.domains) {
        for (const Text& text : domain.splits) {
            if (text.storage.get() == last)
                continue;
            last = text.storage.get();
            if (auto whole = last->checkWhole(); !whole)
                return whole;
        }
    }
    return {};
}

std::string fingerprintOf(const Corpus& corpus)
{
    std::string listing = "vocabulary " + std::to_string(corpus.vocabulary) + '\n';
    for (const DomainText& domain : corpus.domains) {
        listing += domain.name + '\n';
        for (std::size_t s = 0; s < domain.splits.size(); ++s)
            listing += std::string(kSplitNames[s]) + ' ' + std::to_string(domain.splits[s].bytes.size()) + ' '
                + sha256Of(domain.splits[s].bytes) + '\n';
    }
    return sha256Of({reinterpret_cast<const std::uint8_t*>(listing.data()), listing.size()});
}

}  // namespace moescope
