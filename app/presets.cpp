// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/presets.h"

#include <algorithm>
#include <system_error>

#include <QCoreApplication>
#include <QFile>

#include "engine/base/file_system.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPresetBytes = 1 << 20;

}  // namespace

fs::path resourcesFolder()
{
    if (const QString set = qEnvironmentVariable("MOESCOPE_RESOURCES"); !set.isEmpty())
        return fs::path(set.toStdString());
    const fs::path beside =
        fs::path(QCoreApplication::applicationDirPath().toStdString()) / ".." / "share" / "moescope";
    std::error_code error;
    if (fs::is_directory(beside, error))
        return beside;
    return fs::path(MOESCOPE_RESOURCES_BUILT) / "resources";
}

std::vector<Preset> presets()
{
    std::vector<Preset> found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(resourcesFolder() / "presets", error))
        if (entry.path().extension() == ".json")
            found.push_back({QString::fromStdString(entry.path().stem().string()), entry.path()});
    std::sort(found.begin(), found.end(), [](const Preset& a, const Preset& b) {
        const bool demoA = a.name == QStringLiteral("demo"), demoB = b.name == QStringLiteral("demo");
        return demoA != demoB ? demoA : a.name < b.name;
    });
    return found;
}

QString presetText(const Preset& preset)
{
    const Result<std::string> text = readFile(preset.file, kPresetBytes);
    return text ? QString::fromStdString(*text) : QString();
}

}  // namespace moescope
