// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The dialect language: Markov chains over an alphabet, so that the dialect of every token and the best possible loss
// are known. spec: diagnostics 8.1, B4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/run_config.h"

namespace moescope {

class CounterRandom;

struct DialectSettings {
    int dialects = 4;
    int symbols = 16;  ///< of one dialect
    DialectMark mark = DialectMark::Tag;
};

/// Immutable; the chains depend on the settings only, never on a run's seed, so that losses of runs compare.
class DialectLanguage {
public:
    /// 1 to 64 dialects of 2 to 64 symbols; dialects * symbols + dialects at most 256.
    explicit DialectLanguage(DialectSettings settings);
    /// With chains given: P[dialect][from * symbols + to], rows sum to 1.
    DialectLanguage(DialectSettings settings, std::vector<std::vector<double>> chains);

    int numDialects() const { return m_settings.dialects; }
    std::int64_t vocabulary() const;
    std::string name(int dialect) const;  ///< "dialect-0"

    /// Fills `tokens` with one sequence of a dialect drawn uniformly, which is returned.
    int drawSequence(CounterRandom& random, std::span<std::int64_t> tokens) const;
    void drawSequence(CounterRandom& random, int dialect, std::span<std::int64_t> tokens) const;

    double transition(int dialect, int from, int to) const;  ///< P_c(from, to)
    double stationary(int dialect, int symbol) const;        ///< mu_c

    /// Bits per token that no model can beat, over sequences of `targets` predicted tokens:
    /// sum_c pi_c sum_s mu_c(s) H(P_c(s, .)), and with tags H(mu_c) for the token behind the tag. Infinite training
    /// cannot go below it, a finite validation text may by chance.
    double bayesBits(std::int64_t targets) const;
    double rateBits() const;  ///< of targets behind the first: what the second half of a window is measured by

private:
    void settleStationary();

    DialectSettings m_settings;
    std::vector<std::vector<double>> m_chains;      ///< [dialect][from * symbols + to]
    std::vector<std::vector<double>> m_stationary;  ///< [dialect][symbol]
};

}  // namespace moescope
