// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/tensor_track.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/event_log.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;

namespace {

/// Layer 0 counts {step, 1}, layer 1 counts {0, step % 7}.
Record loadOf(std::int64_t step)
{
    Record record;
    record.step = step;
    record.wallTime = static_cast<double>(step);
    record.tensors = {{"load/assigned", {2, 2}, std::vector<std::int64_t>{step, 1, 0, step % 7}}};
    return record;
}

class LoadLog {
public:
    explicit LoadLog(std::int64_t numSteps) { write(1, numSteps); }
    void write(std::int64_t firstStep, std::int64_t lastStep)
    {
        auto writer = EventLogWriter::create(FileSystem::real(), m_folder.path(), firstStep).value();
        for (std::int64_t step = firstStep; step <= lastStep; ++step)
            EXPECT_TRUE(writer.append(loadOf(step)));
    }
    std::shared_ptr<const RunSnapshot> read()
    {
        while (m_store.poll().value()) { }
        return m_store.snapshot();
    }
    const std::filesystem::path& path() const { return m_folder.path(); }

private:
    TemporaryFolder m_folder;
    RunStore m_store{m_folder.path()};
};

std::vector<double> expectedSum(std::int64_t from, std::int64_t to)
{
    std::vector<double> sum(4);
    for (std::int64_t step = from + 1; step <= to; ++step) {
        sum[0] += static_cast<double>(step);
        sum[1] += 1;
        sum[3] += static_cast<double>(step % 7);
    }
    return sum;
}

}  // namespace

TEST(TensorTrack, GivesTheNumbersOfEveryRecord)
{
    LoadLog log(5);
    const auto snapshot = log.read();
    const TensorTrack* track = snapshot->tensor("load/assigned");
    ASSERT_NE(track, nullptr);
    EXPECT_THAT(track->shape(), ElementsAre(2, 2));
    EXPECT_EQ(track->size(), 5u);
    EXPECT_EQ(track->step(2), 3);
    EXPECT_EQ(track->indexAtOrBefore(0), 5u);
    EXPECT_EQ(track->indexAtOrBefore(100), 4u);
    EXPECT_THAT(track->values(2).value(), ElementsAre(3, 1, 0, 3));
    EXPECT_EQ(snapshot->tensor("load/kept"), nullptr);
}

TEST(TensorTrack, SumsAnyWindowWithAndWithoutBlocks)
{
    LoadLog log(1000);
    const auto snapshot = log.read();
    const TensorTrack& track = *snapshot->tensor("load/assigned");
    for (const auto& [from, to] : std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 1000}, {0, 64}, {63, 64},
             {64, 128}, {1, 999}, {10, 20}, {100, 100}, {900, 1000}, {-5, 5000}, {50, 70}})
        EXPECT_EQ(
            track.sum(from, to).value(), expectedSum(std::max<std::int64_t>(from, 0), std::min<std::int64_t>(to, 1000)))
            << from << " to " << to;
}

TEST(TensorTrack, ColumnsOfAMapHoldEveryRecordOnce)
{
    LoadLog log(1000);
    const auto snapshot = log.read();
    const auto columns = snapshot->tensor("load/assigned")->columns(0, 0, 1000, 4).value();
    ASSERT_EQ(columns.numColumns, 4u);
    ASSERT_EQ(columns.numElements, 2u);
    EXPECT_THAT(columns.minimum, ElementsAre(1, 1, 251, 1, 501, 1, 751, 1));
    EXPECT_THAT(columns.maximum, ElementsAre(250, 1, 500, 1, 750, 1, 1000, 1));
    EXPECT_THAT(columns.mean, ElementsAre(125.5, 1, 375.5, 1, 625.5, 1, 875.5, 1));
    const auto sparse = snapshot->tensor("load/assigned")->columns(1, 998, 1002, 4).value();
    EXPECT_EQ(sparse.mean[1], 999 % 7);
    EXPECT_EQ(sparse.mean[3], 1000 % 7);
    EXPECT_TRUE(std::isnan(sparse.mean[5]) && std::isnan(sparse.minimum[5]) && std::isnan(sparse.maximum[7]));
}

TEST(TensorTrack, LongRangesAreColumnsOfBlocksAndLoseNoRecord)
{
    LoadLog log(20'000);
    const auto snapshot = log.read();
    const TensorTrack& track = *snapshot->tensor("load/assigned");
    const auto columns = track.columns(0, 0, 20'000, 1000).value();
    EXPECT_EQ(columns.numColumns, 20'000u / 64);
    EXPECT_EQ(columns.minimum.front(), 1);
    EXPECT_EQ(columns.maximum[2 * (columns.numColumns - 1)], 20'000);
    for (std::size_t c = 1; c < columns.numColumns; ++c)
        ASSERT_EQ(columns.minimum[2 * c], columns.maximum[2 * (c - 1)] + 1)
            << "a record is missing or twice at column " << c;
}

TEST(TensorTrack, ResumeReplacesRecordsAndSumsFollow)
{
    LoadLog log(300);
    const auto before = log.read();
    log.write(151, 200);
    const auto after = log.read();
    const TensorTrack& track = *after->tensor("load/assigned");
    EXPECT_EQ(track.size(), 200u);
    EXPECT_EQ(track.sum(0, 1000).value(), expectedSum(0, 200));
    EXPECT_EQ(track.sum(128, 192).value(), expectedSum(128, 192));
    EXPECT_EQ(track.step(150), 151);
    EXPECT_THAT(track.values(199).value(), ElementsAre(200, 1, 0, 200 % 7));
    // The older snapshot has not changed.
    EXPECT_EQ(before->tensor("load/assigned")->size(), 300u);
    EXPECT_EQ(before->tensor("load/assigned")->sum(0, 300).value(), expectedSum(0, 300));
}

TEST(TensorTrack, ARecordThatIsGoneIsAnErrorThatNamesTheFile)
{
    LoadLog log(100);
    const auto snapshot = log.read();
    for (const auto& entry : std::filesystem::directory_iterator(log.path()))
        std::filesystem::resize_file(entry.path(), 200);
    const auto values = snapshot->tensor("load/assigned")->values(99);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().kind, ErrorKind::Data);
    EXPECT_THAT(values.error().text, testing::HasSubstr("events.out.tfevents."));
}

TEST(TensorBlocks, JoinTwoByTwoWhenMemoryIsUsedUp)
{
    const std::size_t numElements = 1 << 18;  // 4 MiB a block: 8 blocks fill the budget
    TensorBlocks blocks(numElements);
    TensorFold fold(numElements);
    std::vector<float> record(numElements, 1);
    for (int b = 0; b < 8; ++b) {
        fold.reset(numElements);
        for (std::size_t i = 0; i < blocks.blockSize(); ++i) {
            record[5] = static_cast<float>(b);
            fold.addBytes<float>(record.data());
        }
        blocks.append(fold);
    }
    EXPECT_EQ(blocks.blockSize(), 128u);
    ASSERT_EQ(blocks.size(), 4u);
    EXPECT_EQ(blocks[3].sum[5], 64.0 * 6 + 64.0 * 7);
    EXPECT_EQ(blocks[3].minimum[5], 6);
    EXPECT_EQ(blocks[3].maximum[5], 7);
    EXPECT_EQ(blocks[3].sum[0], 128);
}

TEST(TensorIndex, FindsRecordsAcrossFilesAndFarApart)
{
    TensorIndex index;
    const std::int64_t far = std::int64_t{1} << 40;
    std::vector<std::int64_t> steps;
    for (std::int64_t i = 0; i < 3000; ++i)
        steps.push_back(i < 2000 ? 3 * i + 1 : far + i);
    for (std::size_t i = 0; i < steps.size(); ++i)
        index.append(steps[i], {i / 700, static_cast<std::uint64_t>(i % 700) * 100'000'000});
    for (std::size_t i = 0; i < steps.size(); ++i) {
        ASSERT_EQ(index.step(i), steps[i]);
        ASSERT_EQ(index.place(i).file, i / 700);
        ASSERT_EQ(index.place(i).offset, (i % 700) * 100'000'000);
        ASSERT_EQ(index.upperBound(steps[i]), i + 1);
        ASSERT_EQ(index.upperBound(steps[i] - 1), i);
    }
    const TensorIndex copy = index;
    index.truncate(1500);
    index.append(1 + 3 * 1500, {9, 7});
    EXPECT_EQ(index.size(), 1501u);
    EXPECT_EQ(index.place(1500).file, 9u);
    EXPECT_EQ(index.upperBound(far), 1501u);
    EXPECT_EQ(copy.step(2999), far + 2999);
}
