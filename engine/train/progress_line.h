// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The observer that tells a person at the terminal how far a run is.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/train/observer.h"

namespace moescope {

/// Training thread of rank 0. On a terminal one line on standard error, rewritten at most ten times a second; otherwise
/// a line every few seconds. What stands in lines of its own also goes to `log`, unless standard error is that file.
class ProgressLine final : public Observer {
public:
    /// `firstStep` is the one before the first that this process trains.
    ProgressLine(std::int64_t firstStep, const std::filesystem::path& log);

    void stepDone(const StepReport& report) override;
    void evaluated(const EvaluationReport& report) override;
    void checkpointed(std::int64_t step, const std::string& name, double seconds) override;
    void stateChanged(std::int64_t step, RunState state, const std::string& cause) override;
    void noticed(std::int64_t step, const std::string& kind, const std::string& members) override;

    void say(const std::string& line);                     ///< a line of its own
    void evaluating(std::int64_t done, std::int64_t all);  ///< of the last, long evaluation

    const EvaluationReport& lastSample() const { return m_sample; }
    const EvaluationReport& full() const { return m_full; }       ///< bytes 0: there was none
    double seconds() const;                                       ///< since the first step
    double tokensPerSecond() const { return m_tokensPerSecond; }  ///< over the last hundred steps or so
    double loss() const { return m_loss; }                        ///< smoothed likewise, nats
    std::int64_t tokens() const { return m_tokens; }

private:
    using Clock = std::chrono::steady_clock;
    std::string text(std::int64_t step) const;
    void show(const std::string& line, bool lasting);

    std::int64_t m_firstStep;
    std::ofstream m_log;
    bool m_terminal, m_lineOpen = false;
    Clock::time_point m_begin = Clock::now(), m_nextShow{}, m_nextLog{};
    double m_loss = 0, m_stepSeconds = 0, m_tokensPerSecond = 0;
    std::int64_t m_tokens = 0, m_steps = 0, m_totalSteps = 0;
    EvaluationReport m_sample, m_full;
};

}  // namespace moescope
