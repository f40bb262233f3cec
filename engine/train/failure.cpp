// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/failure.h"

#include <new>
#include <string_view>

#include "engine/dist/group.h"

namespace moescope {

namespace {

/// LibTorch appends a stack of symbols to its messages.
std::string firstLine(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

bool isOutOfMemory(const std::exception& problem)
{
    const std::string_view text = problem.what();
    return dynamic_cast<const std::bad_alloc*>(&problem) != nullptr
        || text.find("can't allocate memory") != std::string_view::npos
        || text.find("out of memory") != std::string_view::npos;
}

}  // namespace

Error errorOf(const std::exception& problem)
{
    if (dynamic_cast<const PeerLost*>(&problem) != nullptr)
        return {ErrorKind::PeerLost, firstLine(problem.what())};
    if (isOutOfMemory(problem))
        return {ErrorKind::Resources,
            "Out of memory (" + firstLine(problem.what())
                + "). The last checkpoint is kept. Raise training.accumulation or make batch, context or model "
                  "smaller."};
    return {ErrorKind::Bug, "Unexpected failure: " + firstLine(problem.what())};
}

std::string causeOf(const Error& error)
{
    switch (error.kind) {
    case ErrorKind::User:
        return "configuration";
    case ErrorKind::Data:
        return "data";
    case ErrorKind::Resources:
        return "out_of_resources";
    case ErrorKind::Diverged:
        return "diverged";
    case ErrorKind::PeerLost:
        return "peer_lost";
    case ErrorKind::Bug:
        break;
    }
    return "bug";
}

}  // namespace moescope
