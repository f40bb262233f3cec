// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Random routing collapses experts, SMoE does not: spec diagnostics 7.2, at 150 steps instead of 400.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/routing/registry.h"
#include "engine/train/teacher_student.h"

namespace moescope {
namespace {

Result<TeacherStudentReport> student(TeacherStudentSettings settings)
{
    const auto catalog = routingCatalog(resourceFolder());
    EXPECT_TRUE(catalog);
    settings.steps = 150;
    return trainOnTeacher(settings, *catalog);
}

TEST(TeacherStudent, RandomRoutingMakesExpertsAlikeAndSmoeDoesNot)
{
    TeacherStudentSettings random;
    random.randomRouting = true;
    const auto healthy = student({}), collapsed = student(random);
    ASSERT_TRUE(healthy && collapsed);
    EXPECT_LT(healthy->meanCosine, 0.15);
    EXPECT_GT(healthy->diversity, 0.85);
    EXPECT_GT(collapsed->meanCosine, 0.45);
    EXPECT_LT(collapsed->diversity, 0.5);
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
