// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/dialects.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "engine/base/check.h"
#include "engine/data/counter_random.h"

namespace moescope {
namespace {

constexpr std::uint64_t kLanguageSeed = 0x6469616C65637473u;

double entropyBits(std::span<const double> probabilities)
{
    double bits = 0.0;
    for (const double p : probabilities)
        bits -= p > 0.0 ? p * std::log2(p) : 0.0;
    return bits;
}

int drawSymbol(CounterRandom& random, std::span<const double> probabilities)
{
    double left = random.unit();
    for (std::size_t symbol = 0; symbol + 1 < probabilities.size(); ++symbol) {
        left -= probabilities[symbol];
        if (left < 0.0)
            return static_cast<int>(symbol);
    }
    return static_cast<int>(probabilities.size()) - 1;
}

/// Rows with a few likely followers, different in each dialect; every transition is possible, so mu is unique.
std::vector<double> randomChain(int dialect, int symbols)
{
    CounterRandom random{kLanguageSeed, static_cast<std::uint64_t>(dialect), static_cast<std::uint64_t>(symbols)};
    std::vector<double> chain;
    for (int from = 0; from < symbols; ++from) {
        std::vector<double> row(static_cast<std::size_t>(symbols));
        for (double& weight : row) {
            const double u = random.unit();
            weight = u * u * u * u * u * u * u * u + 0.002;
        }
        const double sum = std::accumulate(row.begin(), row.end(), 0.0);
        for (const double weight : row)
            chain.push_back(weight / sum);
    }
    return chain;
}

}  // namespace

DialectLanguage::DialectLanguage(DialectSettings settings)
    : m_settings(settings)
{
    MOESCOPE_CHECK(settings.dialects >= 1 && settings.symbols >= 2, "the configuration keeps its ranges");
    for (int dialect = 0; dialect < settings.dialects; ++dialect)
        m_chains.push_back(randomChain(dialect, settings.symbols));
    settleStationary();
}

DialectLanguage::DialectLanguage(DialectSettings settings, std::vector<std::vector<double>> chains)
    : m_settings(settings)
    , m_chains(std::move(chains))
{
    settleStationary();
}

void DialectLanguage::settleStationary()
{
    MOESCOPE_CHECK(vocabulary() <= 256, "a token is one byte");
    const auto symbols = static_cast<std::size_t>(m_settings.symbols);
    for (const std::vector<double>& chain : m_chains) {
        std::vector<double> mu(symbols, 1.0 / static_cast<double>(symbols));
        double change = 1.0;
        for (int round = 0; round < 100'000 && change > 1e-15; ++round) {
            std::vector<double> next(symbols, 0.0);
            for (std::size_t from = 0; from < symbols; ++from) {
                for (std::size_t to = 0; to < symbols; ++to)
                    next[to] += mu[from] * chain[from * symbols + to];
            }
            change = 0.0;
            for (std::size_t s = 0; s < symbols; ++s)
                change += std::abs(next[s] - mu[s]);
            mu = std::move(next);
        }
        m_stationary.push_back(std::move(mu));
    }
}

std::int64_t DialectLanguage::vocabulary() const
{
    return m_settings.mark == DialectMark::Tag ? m_settings.symbols + m_settings.dialects
                                               : m_settings.symbols * m_settings.dialects;
}

std::string DialectLanguage::name(int dialect) const { return "dialect-" + std::to_string(dialect); }

int DialectLanguage::drawSequence(CounterRandom& random, std::span<std::int64_t> tokens) const
{
    const int dialect = static_cast<int>(random.below(static_cast<std::uint64_t>(m_settings.dialects)));
    drawSequence(random, dialect, tokens);
    return dialect;
}

void DialectLanguage::drawSequence(CounterRandom& random, int dialect, std::span<std::int64_t> tokens) const
{
    const auto d = static_cast<std::size_t>(dialect);
    const auto symbols = static_cast<std::size_t>(m_settings.symbols);
    std::int64_t offset = 0;
    if (m_settings.mark == DialectMark::Tag) {
        tokens.front() = m_settings.symbols + dialect;
        tokens = tokens.subspan(1);
    } else {
        offset = static_cast<std::int64_t>(dialect) * m_settings.symbols;
    }
    int symbol = drawSymbol(random, m_stationary[d]);
    for (std::int64_t& token : tokens) {
        token = offset + symbol;
        symbol =
            drawSymbol(random, std::span(m_chains[d]).subspan(static_cast<std::size_t>(symbol) * symbols, symbols));
    }
}

double DialectLanguage::transition(int dialect, int from, int to) const
{
    return m_chains[static_cast<std::size_t>(dialect)][static_cast<std::size_t>(from * m_settings.symbols + to)];
}

double DialectLanguage::stationary(int dialect, int symbol) const
{
    return m_stationary[static_cast<std::size_t>(dialect)][static_cast<std::size_t>(symbol)];
}

double DialectLanguage::rateBits() const
{
    const auto symbols = static_cast<std::size_t>(m_settings.symbols);
    double bits = 0.0;
    for (std::size_t d = 0; d < m_chains.size(); ++d) {
        for (std::size_t s = 0; s < symbols; ++s)
            bits += m_stationary[d][s] * entropyBits(std::span(m_chains[d]).subspan(s * symbols, symbols));
    }
    return bits / static_cast<double>(m_chains.size());
}

double DialectLanguage::bayesBits(std::int64_t targets) const
{
    if (m_settings.mark == DialectMark::Alphabet)
        return rateBits();
    double first = 0.0;
    for (const std::vector<double>& mu : m_stationary)
        first += entropyBits(mu) / static_cast<double>(m_stationary.size());
    return (first + static_cast<double>(targets - 1) * rateBits()) / static_cast<double>(targets);
}

}  // namespace moescope
