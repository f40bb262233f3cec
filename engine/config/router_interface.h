// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a recipe's router takes and keeps, as plain data: for `describe`, and for whoever checks it from outside.
// T tokens, d model width, E experts, V words of the vocabulary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moescope {

struct RouterInput {
    std::string name;   ///< "hidden"
    std::string shape;  ///< "[T, d]"
    std::string type;   ///< "F32"
    bool required = false;
    std::string help;

    friend bool operator==(const RouterInput&, const RouterInput&) = default;
};

/// A size that grows evenly with those of the model: "E", "2 E + 1", "16".
struct RouterSize {
    std::int64_t perExpert = 0, perFeature = 0, perWord = 0, constant = 0;

    std::int64_t of(std::int64_t experts, std::int64_t features, std::int64_t words) const
    {
        return perExpert * experts + perFeature * features + perWord * words + constant;
    }

    friend bool operator==(const RouterSize&, const RouterSize&) = default;
};

/// "E", "2 E + 1", "16"
std::string sizeText(const RouterSize& size);

struct RouterWeight {
    std::string name;  ///< "router.weight": what stands after `layers.N.moe.` in a checkpoint
    std::vector<RouterSize> shape;
    std::string type;  ///< "F32" or "I64"
    std::string use;   ///< "learnt", "frozen" or "state"

    friend bool operator==(const RouterWeight&, const RouterWeight&) = default;
};

/// "[E, d]"
std::string shapeText(const RouterWeight& weight);

struct RouterInterface {
    std::vector<RouterInput> inputs;
    std::vector<RouterWeight> weights;

    friend bool operator==(const RouterInterface&, const RouterInterface&) = default;
};

}  // namespace moescope
