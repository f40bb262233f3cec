// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// trainer.json of a checkpoint as text.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace moescope {

struct TrainerState;

std::string trainerStateJson(const TrainerState& state);

/// A missing or wrong field is an error of kind Data that names `file` and the field; so is a newer format version.
Result<TrainerState> parseTrainerState(std::string_view text, const std::string& file);

/// SHA-256 of a text, 64 lower-case digits.
std::string sha256OfText(std::string_view text);

}  // namespace moescope
