// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Random routing makes experts alike, SMoE does not: spec diagnostics 7.2, early (150 of its 400 steps). How far it goes in
// the end, `moescope-engine claims teacher` prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/routing/registry.h"
#include "engine/train/teacher_student.h"

namespace moescope {
namespace {

Result<TeacherStudentReport> student(TeacherStudentSettings settings, std::int64_t steps = 20)
{
    const auto catalog = routingCatalog(resourceFolder());
    EXPECT_TRUE(catalog);
    settings.steps = steps;
    return trainOnTeacher(settings, *catalog);
}

TEST(TeacherStudent, RandomRoutingMakesExpertsAlikeAndSmoeDoesNot)
{
    TeacherStudentSettings random;
    random.randomRouting = true;
    const auto healthy = student({}, 150), collapsed = student(random, 150);
    ASSERT_TRUE(healthy && collapsed);
    EXPECT_LT(healthy->meanCosine, 0.15);
    EXPECT_GT(healthy->diversity, 0.85);
    EXPECT_GT(collapsed->meanCosine, 0.3);
    EXPECT_LT(collapsed->diversity, 0.75);
    EXPECT_LT(healthy->loss, collapsed->loss);
}

TEST(TeacherStudent, IsAFunctionOfItsSeed)
{
    EXPECT_EQ(student({})->loss, student({})->loss);
    TeacherStudentSettings other;
    other.seed = 2;
    EXPECT_NE(student({})->loss, student(other)->loss);
}

TEST(TeacherStudent, SaysWhichSettingIsWrong)
{
    TeacherStudentSettings settings;
    settings.settings = {"routing.selector.k=9"};
    const auto report = student(settings);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::User);
    EXPECT_THAT(report.error().text, testing::HasSubstr("routing.selector.k"));
}

}  // namespace
}  // namespace moescope
