// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/live_settings.h"

#include <charconv>
#include <iterator>

#include "engine/base/check.h"

namespace moescope {

namespace {

constexpr std::int64_t kMostLiveSteps = 1'000'000'000;

constexpr LiveSetting kLiveSettings[] = {
    {"training.steps", 1, [](RunConfig& c) -> std::int64_t& { return c.training.steps; }},
    {"evaluation.every", 0, [](RunConfig& c) -> std::int64_t& { return c.evaluation.every; }},
    {"checkpoint.every", 0, [](RunConfig& c) -> std::int64_t& { return c.checkpoint.every; }},
    {"probe.every", 0, [](RunConfig& c) -> std::int64_t& { return c.probe.every; }},
    {"record.every", 1, [](RunConfig& c) -> std::int64_t& { return c.record.every; }},
    {"record.load_every", 1, [](RunConfig& c) -> std::int64_t& { return c.record.loadEvery; }},
};

}  // namespace

int numLiveSettings() { return static_cast<int>(std::size(kLiveSettings)); }

const LiveSetting& liveSetting(int index)
{
    MOESCOPE_CHECK(index >= 0 && index < numLiveSettings(), "an index of the table");
    return kLiveSettings[index];
}

Result<LiveChange> checkLiveChange(std::string_view key, std::string_view value, std::int64_t step)
{
    LiveChange change;
    while (change.index < numLiveSettings() && liveSetting(change.index).key != key)
        ++change.index;
    if (change.index == numLiveSettings()) {
        std::string known;
        for (const LiveSetting& setting : kLiveSettings)
            known += (known.empty() ? "" : ", ") + std::string(setting.key);
        return fail(
            ErrorKind::User, "set: " + std::string(key) + " cannot change while a run trains; " + known + " can.");
    }
    const LiveSetting& setting = liveSetting(change.index);
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), change.value);
    if (error != std::errc() || end != value.data() + value.size() || change.value < setting.minimum
        || change.value > kMostLiveSteps)
        return fail(ErrorKind::User,
            "set: " + std::string(key) + " must be a whole number from " + std::to_string(setting.minimum) + " to "
                + std::to_string(kMostLiveSteps) + ".");
    if (setting.key == "training.steps" && change.value <= step)
        return fail(ErrorKind::User,
            "set: training.steps must lie above the step that the run has reached (" + std::to_string(step) + ").");
    return change;
}

}  // namespace moescope
