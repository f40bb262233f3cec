// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/result.h"

#include <cerrno>

#include <gtest/gtest.h>

using namespace moescope;

TEST(Result, EveryKindHasItsDocumentedExitCode)
{
    EXPECT_EQ(exitCode(ErrorKind::User), 2);
    EXPECT_EQ(exitCode(ErrorKind::Data), 3);
    EXPECT_EQ(exitCode(ErrorKind::Resources), 4);
    EXPECT_EQ(exitCode(ErrorKind::Diverged), 5);
    EXPECT_EQ(exitCode(ErrorKind::PeerLost), 6);
    EXPECT_EQ(exitCode(ErrorKind::Bug), 70);
}

TEST(Result, FullDiskIsResourcesAndMissingFileIsData)
{
    EXPECT_EQ(kindOfErrno(ENOSPC), ErrorKind::Resources);
    EXPECT_EQ(kindOfErrno(ENOENT), ErrorKind::Data);
}

TEST(Result, ForwardKeepsKindAndText)
{
    const Result<int> first = fail(ErrorKind::Data, "run.json: not a file");
    const Result<double> second = [&]() -> Result<double> { return forward(first); }();
    EXPECT_EQ(second.error(), first.error());
}
