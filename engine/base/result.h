// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the world can get wrong, as a value: an error with its kind, or the result.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace moescope {

/// Whose fault it is. The kind decides the exit code of a command; the text says what, where, why and what to do.
enum class ErrorKind {
    User,  ///< what the user passed: configuration, key, command line (exit 2)
    Data,  ///< data or run folder unusable (exit 3)
    Resources,  ///< out of memory, disk or device (exit 4)
    Diverged,  ///< non-finite loss or gradient under the policy `stop` (exit 5)
    PeerLost,  ///< another rank is gone (exit 6)
    Bug,  ///< ours (exit 70)
};

struct Error {
    ErrorKind kind = ErrorKind::Bug;
    std::string text;  ///< one or more sentences for a person: the thing, the place, the cause, the remedy

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T> using Result = tl::expected<T, Error>;

/// `return fail(ErrorKind::Data, "…");` from a function that returns Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string text)
{
    return tl::make_unexpected(Error{kind, std::move(text)});
}

/// Hands an error on unchanged: `if (!x) return forward(x);`
template <class T> [[nodiscard]] tl::unexpected<Error> forward(const Result<T>& result)
{
    return tl::make_unexpected(result.error());
}

/// Exit code of a command that ends with this error (0, 2, 3, 4, 5, 6, 70 and no others).
[[nodiscard]] int exitCode(ErrorKind kind);

/// errno as a kind: no space, no memory and too many files are Resources, everything else is Data.
[[nodiscard]] ErrorKind kindOfErrno(int error);

/// "No space left on device" and the like, thread-safe.
[[nodiscard]] std::string errnoText(int error);

}  // namespace moescope
