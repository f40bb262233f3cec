// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/output.h"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace moescope {

bool printResult(std::string_view text)
{
    const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return std::fflush(stdout) == 0 && whole;
}

void say(std::string_view line) { std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()); }

int report(const Error& error)
{
    say("moescope-engine: " + error.text);
    return exitCode(error.kind);
}

void sayIssues(const ConfigReading& reading)
{
    for (const Issue& issue : reading.errors)
        say(toText(issue));
    for (const Issue& issue : reading.notices)
        say("note: " + toText(issue));
}

std::string issuesJson(const std::vector<Issue>& issues)
{
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Issue& issue : issues)
        list.push_back({{"file", issue.file}, {"line", issue.line}, {"column", issue.column}, {"key", issue.key},
            {"reason", issue.reason}, {"remedy", issue.remedy}});
    return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string jsonText(std::string_view text)
{
    return nlohmann::ordered_json(text).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string padded(std::string_view text, std::size_t width)
{
    const auto columns = static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    return std::string(text) + std::string(columns < width ? width - columns : 0, ' ');
}

}  // namespace moescope
