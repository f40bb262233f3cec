// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Which inputs and weights a recipe's router takes, found by building it at several sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/router_interface.h"
#include "engine/config/run_config.h"

namespace moescope {

/// The model that a lone router belongs to.
struct RouterSizes {
    std::int64_t experts = 8, features = 32, words = 256;
};

/// The name under which a lone router keeps its weights.
inline constexpr const char* kRouterPrefix = "router";

/// A configuration for one router of these sizes: the recipe with the user's settings (`key=value`, dotted; a size that
/// is set there wins). Errors of kind User name the setting.
Result<RunConfig> routerConfig(const std::string& recipe, const std::vector<std::string>& settings,
    const RouterSizes& sizes, const Catalog& catalog);

/// The inputs by the recipe's traits, the weights by name, with shapes in E, d and V. Takes a few milliseconds.
Result<RouterInterface> describeRouter(
    const std::string& recipe, const std::vector<std::string>& settings, const Catalog& catalog);

}  // namespace moescope
