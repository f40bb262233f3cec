// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/thread_waiting.h"

#include <cstdlib>

#include <gtest/gtest.h>

using namespace moescope;

TEST(ThreadWaiting, LeavesAPersonsChoiceAlone)
{
    ::unsetenv("OMP_NUM_THREADS");
    ::setenv("OMP_WAIT_POLICY", "active", 1);
    EXPECT_FALSE(chooseWaiting());
    ::unsetenv("OMP_WAIT_POLICY");
    ::setenv("GOMP_SPINCOUNT", "7", 1);
    EXPECT_FALSE(chooseWaiting());
    ::unsetenv("GOMP_SPINCOUNT");
}

TEST(ThreadWaiting, OneThreadHasNobodyToWaitFor)
{
    ::setenv("OMP_NUM_THREADS", "1", 1);
    EXPECT_FALSE(chooseWaiting());
    ::unsetenv("OMP_NUM_THREADS");
}

TEST(ThreadWaiting, MeasuresTheLoadOfOthers)
{
    const auto load = otherLoad();
    ASSERT_TRUE(load);
    EXPECT_GE(*load, 0);
    EXPECT_LT(*load, 4096);
}
