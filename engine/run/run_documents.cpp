// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_documents.h"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

#include "engine/run/json_file.h"

namespace moescope {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 9> kStateNames = {
    "created", "loading", "training", "holding", "paused", "stopping", "finished", "stopped", "failed"};

std::string dump(const ordered_json& json)
{
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

int asInt(std::int64_t value)
{
    return static_cast<int>(
        std::clamp<std::int64_t>(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

}  // namespace

std::string_view stateName(RunState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::string toJson(const RunIdentity& identity)
{
    ordered_json json;
    json["format_version"] = identity.formatVersion;
    json["id"] = identity.id;
    json["name"] = identity.name;
    json["created"] = identity.created;
    json["program"] = identity.program;
    json["libtorch"] = identity.libtorch;
    json["git"] = identity.git;
    json["host"] = identity.host;
    json["devices"] = identity.devices;
    json["seed"] = identity.seed;
    if (!identity.parentRun.empty())
        json["parent"] = {{"run", identity.parentRun}, {"step", identity.parentStep}};
    return dump(json);
}

std::string toJson(const RunStatus& status)
{
    ordered_json json;
    json["state"] = stateName(status.state);
    json["step"] = status.step;
    json["pid"] = status.pid;
    json["start_time"] = status.startTime;
    json["heartbeat"] = status.heartbeat;
    json["checkpoint"] = status.checkpoint;
    if (status.exit)
        json["exit"] = {{"code", status.exit->code}, {"cause", status.exit->cause}, {"rank", status.exit->rank}};
    return dump(json);
}

Result<RunIdentity> readRunIdentity(const std::filesystem::path& file)
{
    const auto root = readJsonFile(file);
    if (!root)
        return forward(root);
    if (auto version = checkFormatVersion(*root, file, kFormatVersion); !version)
        return forward(version);
    JsonFields fields(*root, file);
    RunIdentity identity;
    identity.formatVersion = asInt(fields.integer("format_version"));
    identity.id = fields.text("id");
    identity.name = fields.text("name");
    identity.created = fields.number("created");
    identity.program = fields.text("program");
    identity.libtorch = fields.text("libtorch");
    identity.git = fields.text("git");
    identity.host = fields.text("host");
    identity.seed = fields.integer("seed");
    if (const JsonNode* devices = fields.array("devices")) {
        for (const JsonNode& device : devices->items) {
            if (device.kind != JsonKind::Text)
                fields.refuse(device, "devices", "a list of texts");
            identity.devices.push_back(device.text);
        }
    }
    if (const JsonNode* parent = fields.has("parent") ? fields.object("parent") : nullptr) {
        JsonFields inner(*parent, file);
        identity.parentRun = inner.text("run");
        identity.parentStep = inner.integer("step");
        if (inner.error())
            return tl::make_unexpected(*inner.error());
    }
    if (fields.error())
        return tl::make_unexpected(*fields.error());
    return identity;
}

Result<RunStatus> readRunStatus(const std::filesystem::path& file)
{
    const auto root = readJsonFile(file);
    if (!root)
        return forward(root);
    JsonFields fields(*root, file);
    RunStatus status;
    const std::string state = fields.text("state");
    const auto known = std::ranges::find(kStateNames, state);
    if (known == kStateNames.end())
        fields.refuse(*root, "state", "a state that this program knows");
    else
        status.state = static_cast<RunState>(known - kStateNames.begin());
    status.step = fields.integer("step");
    status.pid = asInt(fields.integer("pid"));
    status.startTime = fields.number("start_time");
    status.heartbeat = fields.number("heartbeat");
    status.checkpoint = fields.text("checkpoint");
    if (const JsonNode* exit = fields.has("exit") ? fields.object("exit") : nullptr) {
        JsonFields inner(*exit, file);
        status.exit = RunExit{asInt(inner.integer("code")), inner.text("cause"), asInt(inner.integer("rank"))};
        if (inner.error())
            return tl::make_unexpected(*inner.error());
    }
    if (fields.error())
        return tl::make_unexpected(*fields.error());
    return status;
}

}  // namespace moescope
