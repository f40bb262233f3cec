// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/status_line.h"

#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"

namespace moescope {

namespace {

constexpr std::size_t kMaxCause = 400;

constexpr RunState kRunStates[] = {RunState::Created, RunState::Loading, RunState::Training, RunState::Holding,
    RunState::Paused, RunState::Stopping, RunState::Finished, RunState::Stopped, RunState::Failed};

}  // namespace

std::string statusLine(const RunStatus& status)
{
    nlohmann::ordered_json json;
    json["state"] = stateName(status.state);
    json["step"] = status.step;
    json["checkpoint"] = status.checkpoint.substr(0, kMaxCause);
    if (status.exit)
        json["exit"] = {{"code", status.exit->code}, {"cause", status.exit->cause.substr(0, kMaxCause)},
            {"rank", status.exit->rank}};
    return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

bool readStatusLine(std::string_view line, RunStatus& status)
{
    const JsonReading reading = readJsonText(line);
    const JsonNode* state = reading.root.find("state");
    const JsonNode* step = reading.root.find("step");
    const JsonNode* checkpoint = reading.root.find("checkpoint");
    if (!reading.complete || state == nullptr || step == nullptr || checkpoint == nullptr)
        return false;
    for (const RunState candidate : kRunStates)
        if (stateName(candidate) == state->text)
            status.state = candidate;
    status.step = step->integer;
    status.checkpoint = checkpoint->text;
    if (const JsonNode* exit = reading.root.find("exit")) {
        const JsonNode* code = exit->find("code");
        const JsonNode* cause = exit->find("cause");
        const JsonNode* rank = exit->find("rank");
        if (code == nullptr || cause == nullptr || rank == nullptr)
            return false;
        status.exit = RunExit{static_cast<int>(code->integer), cause->text, static_cast<int>(rank->integer)};
    }
    return true;
}

}  // namespace moescope
