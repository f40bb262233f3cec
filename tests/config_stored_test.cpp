// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/stored_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/read_config.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

using testing::HasSubstr;

const std::string kStored = writeConfig(readConfig("{}", "x", {}, smallCatalog()).config, smallCatalog());

Result<RunConfig> resumed(const std::vector<std::string>& overrides)
{
    return readResumedConfig(kStored, "RUN/config.json", overrides, smallCatalog());
}

TEST(ResumedConfig, LetsResumableFieldsChange)
{
    const auto config = resumed({"training.steps=2000", "evaluation.every=1", "checkpoint.every=2", "probe.every=3",
        "record.every=4", "record.load_every=5", "model.hidden_size=128"});
    ASSERT_TRUE(config.has_value()) << config.error().text;
    EXPECT_EQ(config->training.steps, 2000);
    EXPECT_EQ(config->record, (RecordConfig{4, 5}));
}

TEST(ResumedConfig, RefusesEverythingElseAndNamesIt)
{
    const auto config = resumed({"model.expert_size=64", "routing.losses.balance.coefficient=0.5", "training.steps=9"});
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().kind, ErrorKind::User);
    EXPECT_THAT(config.error().text, HasSubstr("\nmodel.expert_size: cannot change from 256 to 64"));
    EXPECT_THAT(config.error().text,
        HasSubstr("\nrouting.losses.balance: cannot change from balance coefficient=0.01 form=switch to balance "
                  "coefficient=0.5 form=switch"));
    EXPECT_EQ(config.error().text.find("training.steps:"), std::string::npos);
    EXPECT_EQ(resumed({"training.stps=9"}).error().kind, ErrorKind::User);
    EXPECT_EQ(resumed({"routing.losses.balance=null"}).error().kind, ErrorKind::User);
}

TEST(StoredConfig, BadFileIsTheFoldersFault)
{
    const auto config = readResumedConfig("{\"modle\": {}}", "RUN/config.json", {}, smallCatalog());
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().kind, ErrorKind::Data);
    EXPECT_THAT(config.error().text, HasSubstr("RUN/config.json:1:2: modle: unknown key"));
}

}  // namespace
}  // namespace moescope
