// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/run_control.h"

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/train/live_settings.h"

namespace moescope {

namespace {

// A held run looks into its inbox this often.
constexpr std::chrono::milliseconds kLookEvery{50};

std::string textJson(const std::string& text)
{
    return nlohmann::json{{"text", text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Decision decisionOf(TrainRequest request)
{
    switch (request) {
    case TrainRequest::Hold:
        return {Decision::Hold};
    case TrainRequest::Continue:
        return {Decision::Continue};
    case TrainRequest::Pause:
        return {Decision::Pause};
    case TrainRequest::Stop:
        return {Decision::Stop};
    case TrainRequest::Checkpoint:
        return {Decision::Checkpoint};
    case TrainRequest::None:
    case TrainRequest::Signal:
        break;
    }
    return {};
}

Decision decisionOf(Verb verb)
{
    switch (verb) {
    case Verb::Hold:
        return {Decision::Hold};
    case Verb::Continue:
        return {Decision::Continue};
    case Verb::Pause:
        return {Decision::Pause};
    case Verb::Stop:
        return {Decision::Stop};
    case Verb::Checkpoint:
        return {Decision::Checkpoint};
    case Verb::Set:
        break;
    }
    return {Decision::Set};
}

}  // namespace

void RunControl::request(TrainRequest request)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (request == TrainRequest::Signal)
            m_signalled = true;
        else if (request != TrainRequest::None)
            m_requests.push_back(request);
    }
    m_wake.notify_all();
}

bool RunControl::signalled() const
{
    const std::scoped_lock lock(m_mutex);
    return m_signalled;
}

void RunControl::openInbox(FileSystem& files, const std::filesystem::path& run, double epoch, Observer& log)
{
    MOESCOPE_CHECK(!m_inbox, "one inbox for each process");
    m_inbox.emplace(files, run, epoch);
    m_log = &log;
}

Decision RunControl::next(std::int64_t step, bool held, std::chrono::milliseconds limit)
{
    m_step = step;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (const auto decision = takeRequest())
            return *decision;
        takeCommands();
        while (!m_commands.empty()) {
            const Command command = m_commands.front();
            m_commands.pop_front();
            if (const Decision decision = answer(command, step, held); decision.code != Decision::None)
                return decision;
        }
        std::unique_lock lock(m_mutex);
        if (m_signalled || std::chrono::steady_clock::now() >= deadline)
            return {};
        m_wake.wait_for(lock,
            std::min<std::chrono::steady_clock::duration>(kLookEvery, deadline - std::chrono::steady_clock::now()),
            [this] { return !m_requests.empty() || m_signalled; });
    }
}

std::optional<Decision> RunControl::takeRequest()
{
    const std::scoped_lock lock(m_mutex);
    if (m_requests.empty())
        return std::nullopt;
    const Decision decision = decisionOf(m_requests.front());
    m_requests.pop_front();
    return decision;
}

void RunControl::takeCommands()
{
    if (!m_inbox)
        return;
    Inbox::Taken taken = m_inbox->take();
    for (const Inbox::Refusal& refusal : taken.refusals)
        m_log->noticed(m_step, "command",
            nlohmann::json{{"file", refusal.file}, {"answer", "refused"}, {"text", refusal.reason}}.dump(
                -1, ' ', false, nlohmann::json::error_handler_t::replace));
    for (Command& command : taken.commands)
        m_commands.push_back(std::move(command));
}

Decision RunControl::answer(const Command& command, std::int64_t step, bool held)
{
    Decision decision = decisionOf(command.verb);
    std::string refusal;
    if (command.verb == Verb::Set) {
        if (const auto change = checkLiveChange(command.key, command.value, step))
            decision = {Decision::Set, change->index, change->value};
        else
            refusal = change.error().text;
    } else if (command.verb == Verb::Hold && held) {
        refusal = "the run is held already";
    } else if (command.verb == Verb::Continue && !held) {
        refusal = "the run is not held";
    }
    tell(step, command, {refusal.empty(), refusal.empty() ? answerText(command, step, held) : refusal});
    return refusal.empty() ? decision : Decision{};
}

/// "hold: accepted, after step 120". A run that trains takes it up with the step that it is about to do.
std::string RunControl::answerText(const Command& command, std::int64_t step, bool held)
{
    return std::string(verbName(command.verb)) + ": accepted, after step " + std::to_string(held ? step : step + 1);
}

void RunControl::tell(std::int64_t step, const Command& command, const CommandAnswer& answer)
{
    if (auto written = m_inbox->answer(command, answer); !written)
        m_log->noticed(step, "notice", textJson(written.error().text));
    nlohmann::json members{{"id", command.id}, {"verb", verbName(command.verb)}, {"issuer", command.issuer},
        {"answer", answer.accepted ? "accepted" : "refused"}, {"text", answer.text}};
    if (command.verb == Verb::Set) {
        members["key"] = command.key;
        members["value"] = command.value;
    }
    m_log->noticed(step, "command", members.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace moescope
