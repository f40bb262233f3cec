// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the routed experts of a MoE block are, one by one: most are feed-forward networks, some only pass a token on.
#pragma once

#include <cstdint>
#include <vector>

namespace moescope {

struct ModelConfig;

enum class ExpertKind {
    FeedForward,
    Zero,      ///< answers 0
    Copy,      ///< answers with the token itself
    Constant,  ///< mixes the token with a learnt vector
};

struct RoutedExpert {
    ExpertKind kind = ExpertKind::FeedForward;
    std::int64_t slice = 0;  ///< its number among the experts of its kind; two experts can share weights
    std::int64_t width = 0;  ///< hidden features; 0 where nothing is computed
    double sign = 1;         ///< of its answer

    friend bool operator==(const RoutedExpert&, const RoutedExpert&) = default;
};

/// Feed-forward experts, then the same with a minus sign if the model has them, then zero, copy and constant experts:
/// the columns of the router.
std::vector<RoutedExpert> routedExperts(const ModelConfig& model);

/// routedExperts(model).size().
std::int64_t numRoutedExperts(const ModelConfig& model);

/// Hidden features of feed-forward expert `slice`. Pairs of a wide and a narrow one add up to 2 expert_size.
std::int64_t expertWidth(const ModelConfig& model, std::int64_t slice);

}  // namespace moescope
