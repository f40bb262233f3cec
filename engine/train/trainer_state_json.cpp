// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/trainer_state_json.h"

#include <span>

#include <nlohmann/json.hpp>

#include "engine/base/sha256.h"
#include "engine/run/run_folder.h"
#include "engine/train/checkpoint.h"

namespace moescope {

using nlohmann::json;

std::string trainerStateJson(const TrainerState& state)
{
    const json object{
        {"format_version", kFormatVersion},
        {"step", state.step},
        {"tokens", state.tokens},
        {"flops", state.flops},
        {"skipped", state.numSkipped},
        {"best", {{"step", state.bestStep}, {"bits_per_byte", state.bestBitsPerByte}}},
        {"frozen", state.frozen},
        {"data_fingerprint", state.dataFingerprint},
        {"config_hash", state.configHash},
        {"ranks", state.ranks},
        {"libtorch", state.libtorch},
        {"program", state.program},
    };
    return object.dump(2) + "\n";
}

Result<TrainerState> parseTrainerState(std::string_view text, const std::string& file)
{
    const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object())
        return fail(ErrorKind::Data, file + ": no JSON object; remove this checkpoint to go on from the one before.");
    try {
        if (object.at("format_version").get<int>() > kFormatVersion)
            return fail(ErrorKind::Data, file + ": written by a newer version; update this program.");
        TrainerState state;
        object.at("step").get_to(state.step);
        object.at("tokens").get_to(state.tokens);
        state.flops = object.value("flops", 0.0);
        object.at("skipped").get_to(state.numSkipped);
        object.at("best").at("step").get_to(state.bestStep);
        object.at("best").at("bits_per_byte").get_to(state.bestBitsPerByte);
        state.frozen = object.value("frozen", std::vector<std::string>());
        object.at("data_fingerprint").get_to(state.dataFingerprint);
        object.at("config_hash").get_to(state.configHash);
        object.at("ranks").get_to(state.ranks);
        object.at("libtorch").get_to(state.libtorch);
        object.at("program").get_to(state.program);
        if (state.step < 0 || state.tokens < 0 || !(state.flops >= 0) || state.numSkipped < 0
            || state.numSkipped > state.step)
            return fail(ErrorKind::Data,
                file + ": a count is out of range; remove this checkpoint to go on from the one before.");
        return state;
    } catch (const json::exception& error) {
        return fail(
            ErrorKind::Data, file + ": " + error.what() + "; remove this checkpoint to go on from the one before.");
    }
}

std::string sha256OfText(std::string_view text)
{
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text)));
    return hash.hex();
}

}  // namespace moescope
