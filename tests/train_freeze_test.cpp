// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A parameter that was frozen on the way stays so: in the optimiser, in checkpoints, after a resume.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>

#include "engine/base/file_system.h"
#include "engine/model/parameters.h"
#include "engine/run/safetensors.h"
#include "engine/train/checkpoint.h"
#include "engine/train/flat_adamw.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Two matrices, of which one may be frozen, and their optimiser.
struct Learner {
    ParameterStore store;
    std::unique_ptr<FlatAdamW> optimizer;

    explicit Learner(const std::string& second = "student", float value = 1)
    {
        store.add("teacher", at::full({4, 4}, value));
        store.add(second, at::full({4, 4}, value));
        store.pack(Precision::Fp32);
        optimizer = std::make_unique<FlatAdamW>(
            OptimizerConfig{}, store.master().detach(), store.gradient(), store.numDecayed());
    }

    void update(int steps)
    {
        const c10::NoGradGuard noGrad;
        for (int i = 0; i < steps; ++i) {
            optimizer->restrictTo(store.liveRanges());
            store.gradient().fill_(0.5);
            optimizer->step(0.1, 0);
        }
    }

    const at::Tensor& value(int index) const { return store.parameters()[static_cast<std::size_t>(index)].value; }
};

std::filesystem::path saved(const TemporaryFolder& folder, const Learner& learner, std::int64_t step)
{
    TrainerState state;
    state.step = step;
    const auto path = saveCheckpoint(FileSystem::real(), folder.path(), learner.store, *learner.optimizer, state);
    EXPECT_TRUE(path) << (path ? "" : path.error().text);
    return path.value_or(std::filesystem::path());
}

}  // namespace

TEST(Freeze, TheCheckpointSaysItAndHoldsNoMoments)
{
    const TemporaryFolder folder;
    Learner learner;
    learner.update(3);
    learner.store.freeze("student");
    learner.update(2);
    const auto checkpoint = saved(folder, learner, 5);

    const auto state = readTrainerState({checkpoint, 5, {}});
    ASSERT_TRUE(state) << state.error().text;
    EXPECT_THAT(state->frozen, ElementsAre("student"));
    const auto moments = SafetensorsFile::open(checkpoint / "optimizer.safetensors");
    ASSERT_TRUE(moments);
    EXPECT_NE(moments->find("teacher.exp_avg"), nullptr);
    EXPECT_EQ(moments->find("student.exp_avg"), nullptr);
    EXPECT_EQ(moments->find("student.exp_avg_sq"), nullptr);
}

TEST(Freeze, HoldsAfterALoadAsWithoutOne)
{
    const TemporaryFolder folder;
    Learner straight;
    straight.update(3);
    straight.store.freeze("student");
    const at::Tensor frozen = straight.value(1).clone();
    saved(folder, straight, 3);
    straight.update(100);

    Learner resumed("student", 7);
    const auto loaded = loadNewestCheckpoint(folder.path(), "", resumed.store, resumed.optimizer.get());
    ASSERT_TRUE(loaded && *loaded);
    resumed.update(100);
    EXPECT_TRUE(at::equal(resumed.value(0), straight.value(0)));
    EXPECT_TRUE(at::equal(resumed.value(1), straight.value(1)));
    EXPECT_TRUE(at::equal(resumed.value(1), frozen));
    EXPECT_FALSE(at::equal(resumed.value(0), frozen));
}

TEST(Freeze, ACheckpointThatFrozeAnUnknownParameterIsRefused)
{
    const TemporaryFolder folder;
    Learner learner;
    learner.update(1);
    learner.store.freeze("student");
    saved(folder, learner, 1);

    Learner other("pupil", 7);
    const at::Tensor before = other.store.master().clone();
    const auto loaded = loadNewestCheckpoint(folder.path(), "", other.store, other.optimizer.get());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::Data);
    EXPECT_THAT(loaded.error().text, HasSubstr("step-00000001/trainer.json"));
    EXPECT_THAT(loaded.error().text, HasSubstr("student"));
    EXPECT_TRUE(at::equal(other.store.master(), before));
}
