// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The model on validation text: a fixed sample for the curve, all of the text for the last number.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/data/evaluation_windows.h"
#include "engine/train/observer.h"

namespace moescope {

class Group;
class Transformer;

/// Training thread only, all ranks together: each takes a part of the windows. Whether a run should be evaluated at all
/// is the caller's question (isEvaluated); reports of leaking routings say so. Never with auxiliary losses, noise,
/// dropout or capacity. Model, corpus and group must outlive it.
class Evaluator {
public:
    /// Windows done and windows in all, of this rank.
    using Progress = std::function<void(std::int64_t done, std::int64_t all)>;
    using Cancelled = std::function<bool()>;

    Evaluator(const RunConfig& config, Transformer& model, const Corpus& corpus, Group& group);

    /// Fails with kind Data when the corpus cannot be read. Throws PeerLost.
    Result<EvaluationReport> sample(std::int64_t step);

    /// Takes a third of the time that training on so many bytes takes, twice. Nothing when any rank's `cancelled` says
    /// so, asked every few thousand tokens.
    Result<std::optional<EvaluationReport>> all(
        std::int64_t step, const Progress& progress = {}, const Cancelled& cancelled = {});

private:
    Result<bool> score(const std::vector<EvaluationWindow>& windows, std::int64_t step, const Progress& progress,
        const Cancelled& cancelled, EvaluationScore& score);
    Result<void> scorePart(std::span<const EvaluationWindow> part, std::int64_t step, EvaluationScore& score);
    bool anyCancelled(const Cancelled& cancelled);
    EvaluationReport reportOf(const EvaluationScore& score, std::int64_t step, bool full, double seconds) const;
    void sumOverRanks(EvaluationScore& score);

    const RunConfig& m_config;
    Transformer& m_model;
    const Corpus& m_corpus;
    Group& m_group;
    bool m_leaky;
    std::vector<EvaluationWindow> m_sample;
    Batch m_batch;
};

}  // namespace moescope
