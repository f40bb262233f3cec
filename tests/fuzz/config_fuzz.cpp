// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The configuration reader over any text: JSON up to the first zero byte, then overrides, one a line.
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "engine/config/estimate.h"
#include "engine/config/read_config.h"
#include "engine/config/schedule.h"
#include "tests/support/small_catalog.h"

using namespace moescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Catalog catalog = smallCatalog();
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = std::min(text.find('\0'), text.size());
    std::vector<std::string> overrides;
    std::istringstream lines(zero == text.size() ? "" : text.substr(zero + 1));
    for (std::string line; std::getline(lines, line) && overrides.size() < 100;)
        overrides.push_back(line);

    const ConfigReading reading = readConfig(text.substr(0, zero), "fuzz.json", overrides, catalog);
    for (const Issue& issue : reading.errors)
        if (toText(issue).empty() || issue.reason.empty())
            std::abort();
    if (!reading.ok())
        return 0;
    // What is accepted can be estimated, scheduled, written, and reads back equal.
    if (!(estimateRun(reading.config, catalog).memory.total() > 0))
        std::abort();
    if (!(learningRateAt(1.0, reading.config.schedule, 1, reading.config.training.steps) >= 0))
        std::abort();
    const ConfigReading again = readConfig(writeConfig(reading.config, catalog), "again.json", {}, catalog);
    if (!again.ok() || !(again.config == reading.config))
        std::abort();
    return 0;
}
