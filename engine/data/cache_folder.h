// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Where prepared data is kept between runs: $XDG_CACHE_HOME/moescope. Everything in it can be made again.
#pragma once

#include <filesystem>
#include <functional>

#include "engine/base/result.h"

namespace moescope {

/// $XDG_CACHE_HOME/moescope, or $HOME/.cache/moescope where that is unset or no absolute path (as the specification
/// wants it). Not made. Neither variable set: an error of kind User.
Result<std::filesystem::path> cacheFolder();

/// Makes `folder` whole or not at all: `fill` writes into a temporary folder beside it, which is synced and renamed
/// over what is there. Several processes may do so at once; the last one's folder stays, and files that are open stay
/// readable.
Result<void> replaceFolder(
    const std::filesystem::path& folder, const std::function<Result<void>(const std::filesystem::path&)>& fill);

}  // namespace moescope
