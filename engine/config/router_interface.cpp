// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/router_interface.h"

#include <utility>

namespace moescope {

std::string sizeText(const RouterSize& size)
{
    std::string text;
    for (const auto& [factor, letter] :
        {std::pair{size.perExpert, " E"}, std::pair{size.perFeature, " d"}, std::pair{size.perWord, " V"}})
        if (factor != 0)
            text +=
                (text.empty() ? "" : " + ") + (factor == 1 ? std::string(letter + 1) : std::to_string(factor) + letter);
    if (text.empty())
        return std::to_string(size.constant);
    if (size.constant == 0)
        return text;
    return text + (size.constant > 0 ? " + " : " - ")
        + std::to_string(size.constant > 0 ? size.constant : -size.constant);
}

std::string shapeText(const RouterWeight& weight)
{
    std::string text = "[";
    for (const RouterSize& size : weight.shape)
        text += (text.size() > 1 ? ", " : "") + sizeText(size);
    return text + "]";
}

}  // namespace moescope
