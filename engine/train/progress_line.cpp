// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/progress_line.h"

#include <algorithm>
#include <cstdio>
#include <numbers>

#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/base/units.h"

namespace moescope {

namespace {

constexpr std::chrono::milliseconds kTerminalEvery{100};
constexpr std::chrono::seconds kLineEvery{5};

bool isStandardError(const std::filesystem::path& file)
{
    struct stat mine {
    }, other{};
    return fstat(STDERR_FILENO, &mine) == 0 && stat(file.c_str(), &other) == 0 && mine.st_dev == other.st_dev
        && mine.st_ino == other.st_ino;
}

}  // namespace

ProgressLine::ProgressLine(std::int64_t firstStep, const std::filesystem::path& log)
    : m_firstStep(firstStep)
    , m_terminal(isatty(STDERR_FILENO) == 1)
{
    std::error_code ignored;
    std::filesystem::create_directories(log.parent_path(), ignored);
    if (!isStandardError(log))
        m_log.open(log, std::ios::app);
}

void ProgressLine::stepDone(const StepReport& report)
{
    ++m_steps;
    m_tokens = report.tokens;
    m_totalSteps = report.totalSteps;
    const double seconds = report.times.step / 1e3;
    // Means over the steps so far, then over about the last hundred.
    const double weight = std::max(0.01, 1.0 / static_cast<double>(m_steps));
    if (!report.skipped)
        m_loss += weight * (report.languageModel - m_loss);
    m_stepSeconds += weight * (seconds - m_stepSeconds);
    m_tokensPerSecond = static_cast<double>(report.stepTokens) / m_stepSeconds;
    const auto now = Clock::now();
    if (m_terminal && now >= m_nextShow) {
        show(text(report.step), false);
        m_nextShow = now + kTerminalEvery;
    }
    if (now >= m_nextLog) {
        if (!m_terminal)
            say(text(report.step));
        else if (m_log.is_open())
            m_log << text(report.step) << std::endl;
        m_nextLog = now + kLineEvery;
    }
}

std::string ProgressLine::text(std::int64_t step) const
{
    const double left = static_cast<double>(std::max<std::int64_t>(0, m_totalSteps - step)) * m_stepSeconds;
    std::string line =
        "step " + formatCount(step) + " / " + formatCount(m_totalSteps) + "  loss " + formatNumber(m_loss, 3) + "  ";
    line += m_sample.bytes > 0 ? "validation " + formatNumber(m_sample.bitsPerByte, 3)
                               : formatNumber(m_loss / std::numbers::ln2, 3);
    return line + " bits/byte  " + formatShort(m_tokensPerSecond) + " tokens/s  " + formatDuration(left) + " left";
}

void ProgressLine::evaluated(const EvaluationReport& report) { (report.full ? m_full : m_sample) = report; }

void ProgressLine::checkpointed(std::int64_t, const std::string& name, double seconds)
{
    say("checkpoint " + name + " (" + formatDuration(seconds) + ")");
}

void ProgressLine::stateChanged(std::int64_t step, RunState state, const std::string& cause)
{
    say("step " + formatCount(step) + ": " + std::string(stateName(state)) + (cause.empty() ? "" : " (" + cause + ")"));
}

void ProgressLine::noticed(std::int64_t step, const std::string& kind, const std::string& members)
{
    const nlohmann::json json = nlohmann::json::parse(members, nullptr, false);
    const std::string place = "step " + formatCount(step) + ": ";
    if (kind == "notice" && json.contains("text"))
        say(place + json["text"].get<std::string>());
    else if (kind == "command" && json.contains("text"))
        say(place + json["text"].get<std::string>());
    else if (kind == "non_finite")
        say(place + json.value("what", "") + " is not finite; policy " + json.value("policy", ""));
    else if (kind == "setting")
        say(place + json.value("key", "") + " = " + json["value"].dump());
}

void ProgressLine::evaluating(std::int64_t done, std::int64_t all)
{
    const auto now = Clock::now();
    const auto every = m_terminal ? Clock::duration(kTerminalEvery) : Clock::duration(kLineEvery);
    if (now < m_nextShow)
        return;
    m_nextShow = now + every;
    show(
        "evaluating all of the validation text: " + formatPercent(static_cast<double>(done) / static_cast<double>(all)),
        !m_terminal);
}

void ProgressLine::say(const std::string& line)
{
    show(line, true);
    if (m_log.is_open())
        m_log << line << std::endl;
}

double ProgressLine::seconds() const { return std::chrono::duration<double>(Clock::now() - m_begin).count(); }

void ProgressLine::show(const std::string& line, bool lasting)
{
    // \r and "erase to the end of the line": only ever sent to a terminal.
    const char* start = m_terminal && m_lineOpen ? "\r\x1b[K" : "";
    std::fprintf(stderr, "%s%s%s", start, line.c_str(), m_terminal && !lasting ? "" : "\n");
    std::fflush(stderr);
    m_lineOpen = m_terminal && !lasting;
}

}  // namespace moescope
