// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A routing that sees later tokens in evaluation gets no bits per byte, unless asked for by a name of their own.
#include "engine/config/leaky_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/read_config.h"
#include "tests/support/small_catalog.h"

using namespace moescope;
using testing::HasSubstr;

namespace {

/// The small catalogue, whose selector expert-choice now leaks where its factor is above 1.
Catalog leakingCatalog()
{
    Catalog catalog = smallCatalog();
    for (PartInfo& part : catalog.parts)
        if (part.slot == Slot::Selector && part.name == "expert-choice")
            part.conditionalTraits = {{Trait::LeaksFutureInEvaluation, {{part.fields.at(0).key, 1, {}}}}};
    return catalog;
}

ConfigReading reading(std::vector<std::string> overrides)
{
    overrides.insert(overrides.begin(), "routing.recipe=switch");
    return readConfig("{}", "test", overrides, leakingCatalog());
}

std::string leakyNotices(const ConfigReading& read)
{
    std::string text;
    for (const Issue& issue : read.notices)
        if (issue.key == "evaluation.accept_leaky")
            text += toText(issue);
    return text;
}

const std::string kFactor = "routing.selector.capacity_factor=";

}  // namespace

TEST(LeakyEvaluation, IsLeftOutWithANoticeThatSaysWhy)
{
    const ConfigReading read = reading({"routing.selector.part=expert-choice", kFactor + "2"});
    ASSERT_TRUE(read.ok()) << toError(read).text;
    EXPECT_FALSE(isEvaluated(read.config, leakingCatalog()));
    EXPECT_THAT(leakyNotices(read), HasSubstr("no likelihood"));
    EXPECT_THAT(leakyNotices(read), HasSubstr("the run trains without evaluation"));
    EXPECT_THAT(leakyNotices(read), HasSubstr("eval/leaky_bits_per_byte"));
}

TEST(LeakyEvaluation, IsDoneWhereTheUserAcceptsIt)
{
    const ConfigReading read =
        reading({"routing.selector.part=expert-choice", kFactor + "2", "evaluation.accept_leaky=true"});
    ASSERT_TRUE(read.ok()) << toError(read).text;
    EXPECT_TRUE(isEvaluated(read.config, leakingCatalog()));
    EXPECT_TRUE(leaksInEvaluation(read.config.routing, leakingCatalog()));
    EXPECT_EQ(leakyNotices(read), "");
}

TEST(LeakyEvaluation, FollowsTheSettingsNotTheName)
{
    for (const std::vector<std::string>& causal :
        {std::vector<std::string>{}, {"routing.selector.part=expert-choice", kFactor + "1"}}) {
        const ConfigReading read = reading(causal);
        ASSERT_TRUE(read.ok()) << toError(read).text;
        EXPECT_TRUE(isEvaluated(read.config, leakingCatalog()));
        EXPECT_EQ(leakyNotices(read), "");
    }
}
