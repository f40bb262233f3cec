// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How a file in parts/ puts its part into the table: one line at its end, `MOESCOPE_ROUTING_PART(TopK);`, for a class
// with `static PartInfo info()` and a constructor that takes PartArgs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/catalog.h"
#include "engine/config/routed_experts.h"
#include "engine/config/run_config.h"
#include "engine/routing/parts.h"

namespace moescope {

/// What a part is built from.
struct PartArgs {
    const PartInfo& info;
    const PartChoice& choice;
    const ModelConfig& model;  ///< num_experts counts all routed experts, of whatever kind: the router's columns
    LayerId layer;
    std::uint64_t seed = 0;  ///< of the run; initial numbers depend on it and on the parameter's name only
    ParameterStore& parameters;
    std::string prefix;  ///< "layers.3.moe.router"; names are prefix + ".weight" and the like
    RouterState& state;
    const std::vector<RoutedExpert>& experts;  ///< what the router's columns stand for; gone after the constructor

    /// A setting, or the default of its field. An unknown key or another type is a bug.
    std::int64_t integer(std::string_view key) const;
    double number(std::string_view key) const;
    bool flag(std::string_view key) const;
    std::string text(std::string_view key) const;
};

struct RegisteredPart {
    PartInfo info;
    std::unique_ptr<Part> (*make)(const PartArgs&) = nullptr;
};

/// Called before main() by MOESCOPE_ROUTING_PART. A slot and name that are taken, or an info that lacks name, summary,
/// formula or source, stop the program. Always true.
bool registerPart(RegisteredPart part);

/// All parts, by slot and then by name.
std::vector<PartInfo> registeredParts();

/// Null when there is no such part.
const RegisteredPart* findPart(Slot slot, std::string_view name);

// Rows for PartInfo::fields.
Field integerField(
    std::string key, std::string label, std::int64_t fallback, double minimum, double maximum, std::string help);
Field numberField(
    std::string key, std::string label, double fallback, double minimum, double maximum, std::string help);
Field switchField(std::string key, std::string label, bool fallback, std::string help);
Field choiceField(
    std::string key, std::string label, std::vector<std::string> choices, std::string help);  ///< first = default
Field coefficientField(double fallback);                                                      ///< every loss has it

}  // namespace moescope

#define MOESCOPE_ROUTING_PART(Class)                                                                                   \
    [[maybe_unused]] const bool k##Class##IsRegistered = ::moescope::registerPart(                                     \
        {Class::info(), [](const ::moescope::PartArgs& args) -> std::unique_ptr<::moescope::Part> {                    \
             return std::make_unique<Class>(args);                                                                     \
         }})
