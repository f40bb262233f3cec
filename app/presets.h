// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The shipped presets: where they lie and what they are called.
#pragma once

#include <filesystem>
#include <vector>

#include <QString>

namespace moescope {

struct Preset {
    QString name;  ///< file name without .json: "demo"
    std::filesystem::path file;
};

/// $MOESCOPE_RESOURCES, else ../share/moescope beside the program, else the source tree it was built from.
std::filesystem::path resourcesFolder();

/// By name, the demo first. Empty when there are none.
std::vector<Preset> presets();

/// A preset's text; empty when it cannot be read.
QString presetText(const Preset& preset);

}  // namespace moescope
