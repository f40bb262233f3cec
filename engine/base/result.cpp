// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/result.h"

#include <cerrno>
#include <system_error>

namespace moescope {

int exitCode(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::User:
        return 2;
    case ErrorKind::Data:
        return 3;
    case ErrorKind::Resources:
        return 4;
    case ErrorKind::Diverged:
        return 5;
    case ErrorKind::PeerLost:
        return 6;
    case ErrorKind::Bug:
        break;
    }
    return 70;
}

ErrorKind kindOfErrno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return ErrorKind::Resources;
    default:
        return ErrorKind::Data;
    }
}

std::string errnoText(int error)
{
    return std::error_code(error, std::generic_category()).message();
}

}  // namespace moescope
