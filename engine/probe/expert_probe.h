// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Shows the same tokens to every expert, at any time of the run, and measures how alike the answers are.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/config/run_config.h"

namespace moescope {

class Transformer;
struct TokenBatch;

/// So many choices of a token are kept, or E where that is less.
inline constexpr std::int64_t kMaxProbeChoices = 4;

/// Plain numbers, layer by layer, row-major.
struct SimilarityReport {
    std::int64_t numLayers = 0, numExperts = 0;
    std::vector<float> cosine;     ///< [layer, expert, expert]; spec diagnostics F1, centred
    std::vector<float> ckaExcess;  ///< [layer, expert, expert]; F3 over the layer's own null; NaN where undefined
    std::vector<float> diversity;  ///< [layer], experts; F2
    std::vector<float> null;       ///< [layer]: CKA of two frozen random experts on the same tokens
    /// [layer, token, choice]: whom the router chose in evaluation, best first, before capacity; -1 where a token has
    /// fewer. The same tokens and the same width at every probe of a run, whatever k is at the moment.
    std::vector<std::int64_t> experts;
    std::int64_t numTokens = 0, numChoices = 0;
    double milliseconds = 0;  ///< wall time of the whole probe
};

/// The fixed probe batch and the frozen control experts. Training thread only. measure() runs the model in evaluation
/// (no noise, no dropout, no capacity) and changes nothing: no generator, no buffer, no gradient; training is bit-equal
/// with the probe and without.
class ExpertProbe {
public:
    /// `batch` is kept. Of each sequence `positions` evenly spaced tokens count, its last one among them.
    /// The controls have the model's own initialisation and depend on (seed, layer) alone.
    ExpertProbe(Transformer& model, const RunConfig& config, TokenBatch batch);
    ~ExpertProbe();
    ExpertProbe(const ExpertProbe&) = delete;
    ExpertProbe& operator=(const ExpertProbe&) = delete;

    SimilarityReport measure();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
