// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/event_log_files.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>

#include <unistd.h>

#include "engine/base/file_system.h"

namespace moescope {
namespace {

constexpr std::string_view kEventFilePrefix = "events.out.tfevents.";

/// The host's name as part of a file name: what is no letter, digit or minus becomes a minus, so that the dots stay
/// separators.
std::string hostPart()
{
    std::array<char, 256> name = {};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0')
        return "localhost";
    std::string host = name.data();
    for (char& c : host) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!fine)
            c = '-';
    }
    return host.substr(0, 64);
}

std::int64_t secondsOf(const std::string& name)
{
    std::int64_t seconds = 0;
    std::from_chars(name.data() + kEventFilePrefix.size(), name.data() + name.size(), seconds);
    return seconds;
}

}  // namespace

Result<std::vector<std::filesystem::path>> listEventFiles(const std::filesystem::path& run)
{
    std::vector<std::filesystem::path> found;
    std::error_code error;
    std::filesystem::directory_iterator entries(run, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        std::error_code unreadable;
        const bool isEventFile = entries->path().filename().native().starts_with(kEventFilePrefix);
        if (isEventFile && entries->is_regular_file(unreadable))
            found.push_back(entries->path());
    }
    if (error)
        return tl::make_unexpected(fileError(run, "list the run folder", error.value()));
    std::ranges::sort(found);
    return found;
}

Result<std::string> newEventFileName(const std::filesystem::path& run, std::int64_t now)
{
    const auto existing = listEventFiles(run);
    if (!existing)
        return forward(existing);
    std::int64_t seconds = now;
    if (!existing->empty())
        seconds = std::max(seconds, secondsOf(existing->back().filename().native()) + 1);
    seconds = std::clamp<std::int64_t>(seconds, 0, 9'999'999'999);
    static std::atomic<unsigned> number = 0;
    std::array<char, 16> digits;
    std::snprintf(digits.data(), digits.size(), "%010lld", static_cast<long long>(seconds));
    return std::string(kEventFilePrefix) + digits.data() + "." + hostPart() + "." + std::to_string(::getpid()) + "."
        + std::to_string(number++);
}

}  // namespace moescope
