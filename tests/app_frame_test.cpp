// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Frames: what the pages draw equals what the log holds.
#include <numeric>

#include <gtest/gtest.h>

#include "app/chart_specs.h"
#include "app/frame.h"
#include "app/key_figures.h"
#include "app/limits.h"
#include "app/map_data.h"
#include "app/series_source.h"
#include "app/similarity_text.h"
#include "app/watch_worker.h"
#include "tests/support/made_run.h"
#include "tests/support/temporary_folder.h"
#include "widgets/heatmap.h"
#include "widgets/matrix_view.h"

using namespace moescope;

namespace {

RunViewPtr readAll(const MadeRun& run)
{
    const QString folder = QString::fromStdString(run.path().string());
    Result<WatchedRun> opened = openRun(folder);
    EXPECT_TRUE(opened) << opened.error().text;
    RunViewPtr view;
    while (const RunViewPtr next = refresh(*opened, folder, 100'000))
        view = next;
    return view;
}

class FrameTest : public testing::Test {
protected:
    TemporaryFolder m_folder;
    MadeRunOptions m_options;
    MadeRun m_run{m_folder / "run", m_options};
    RunViewPtr m_view = readAll(m_run);

    Frame frameAt(std::int64_t a, std::int64_t b = 0, int layer = 3)
    {
        FrameRequest request;
        request.view = m_view;
        request.stepA = a;
        request.stepB = b;
        request.layer = layer;
        request.window = 20;
        request.first = 2;
        request.second = 5;
        return FrameMaker().make(request);
    }
};

}  // namespace

TEST_F(FrameTest, SumsCountsOverTheWindow)
{
    const Frame frame = frameAt(618);
    ASSERT_EQ(frame.numLayers, 6);
    ASSERT_EQ(frame.numExperts, 16);
    EXPECT_EQ(frame.loadA.fromStep, 598);
    const double layerSum = std::accumulate(frame.loadA.counts.begin(), frame.loadA.counts.begin() + 16, 0.0);
    EXPECT_EQ(layerSum, 20.0 * 8192 * 2);
    EXPECT_TRUE(frame.loadA.sumsAgree);
    EXPECT_EQ(frame.loadA.metrics[5].numDead, 1);
    EXPECT_EQ(loadMap(frame, frame.loadA).states[5 * 16 + 11], CellState::Dead);
    EXPECT_TRUE(frame.errors.empty());
}

TEST_F(FrameTest, SeesTheCollapseThatTheLoadHides)
{
    const Frame frame = frameAt(618, 400);
    EXPECT_EQ(limits::diversity(diversityShare(frame, false, 3)), State::Alarm);
    EXPECT_EQ(limits::diversity(diversityShare(frame, true, 3)), State::Ok);
    EXPECT_EQ(limits::diversity(diversityShare(frame, false, 2)), State::Ok);
    EXPECT_LT(frame.loadA.metrics[3].maxViolation, frame.loadB.metrics[3].maxViolation);
    EXPECT_EQ(mergedPairs(frame, 3), (std::vector<std::pair<int, int>>{{2, 5}}));
    EXPECT_EQ(distinctFigure(std::make_shared<Frame>(frame)).state, State::Alarm);
}

TEST_F(FrameTest, ShowsTheNewestProbeAtOrBeforeTheCursor)
{
    EXPECT_EQ(frameAt(618).similarityA.step, 600);
    EXPECT_EQ(frameAt(600).similarityA.step, 600);
    EXPECT_EQ(frameAt(599).similarityA.step, 575);
    EXPECT_FALSE(frameAt(24).similarityA.present());
}

TEST_F(FrameTest, DifferenceIsAMinusB)
{
    const Frame frame = frameAt(618, 400);
    const MatrixData a = similarityMatrix(frame, frame.similarityA, 3, {}),
                     b = similarityMatrix(frame, frame.similarityB, 3, {});
    const MatrixData difference = differenceMatrix(frame, 3, {});
    ASSERT_EQ(difference.values.size(), 256U);
    EXPECT_FLOAT_EQ(difference.values[2 * 16 + 5], a.values[2 * 16 + 5] - b.values[2 * 16 + 5]);
    EXPECT_EQ(differenceMatrix(frameAt(618), 3, {}).size, 0);
}

TEST_F(FrameTest, KeepsPairAndDiversityOfEveryProbe)
{
    const Frame frame = frameAt(618);
    ASSERT_EQ(frame.history.steps.size(), 24U);
    EXPECT_EQ(frame.history.pairSteps, frame.history.steps);
    EXPECT_GT(frame.history.pair.back(), 0.9);
    EXPECT_LT(frame.history.pair.front(), 0.4);
    EXPECT_EQ(frame.history.diversity.size(), 6U);
}

TEST_F(FrameTest, TimeColumnsAreInUnitsOfFairShare)
{
    const Frame frame = frameAt(618);
    ASSERT_EQ(frame.overTime.mean.size(), frame.overTime.numColumns * 16);
    for (std::size_t column = 0; column < frame.overTime.numColumns; ++column) {
        double sum = 0;
        for (std::size_t e = 0; e < 16; ++e)
            sum += static_cast<double>(frame.overTime.mean[column * 16 + e]);
        EXPECT_NEAR(sum, 16, 1e-3);
    }
}

TEST_F(FrameTest, OutsideOfTheLogThereIsNothingAndNoCrash)
{
    const Frame frame = frameAt(618, 0, 17);
    EXPECT_EQ(frame.overTime.numColumns, 0U);
    EXPECT_TRUE(frame.history.pair.empty());
    EXPECT_EQ(layerLabels(0).size(), 0);
    EXPECT_EQ(loadPlaceText(frame, frame.loadA, 17, 0), QString());
}

TEST_F(FrameTest, LossIsInBitsPerByteOnTrainAndValidation)
{
    const ChartSpec spec = lossSpec({m_view, QStringLiteral("1 smoe"), LineRole::run(0)}, {});
    ASSERT_EQ(spec.series.size(), 2U);
    EXPECT_EQ(spec.series[0].source->size(), 618U);
    EXPECT_EQ(spec.series[1].source->size(), 24U);
    EXPECT_NEAR(spec.series[0].source->point(599).y, spec.series[1].source->point(23).y, 0.1);
}

TEST_F(FrameTest, SmoothingIsTheMeanOfTheLastSteps)
{
    const Series* loss = m_view->snapshot->scalar("loss/language_model");
    const auto smoothed = smoothedSource(loss, 10, XAxis::Step);
    ASSERT_EQ(smoothed->size(), loss->size());
    EXPECT_FLOAT_EQ(static_cast<float>(smoothed->point(0).y), loss->value(0));
    double mean = 0;
    for (std::size_t i = 90; i < 100; ++i)
        mean += static_cast<double>(loss->value(i)) / 10;
    EXPECT_NEAR(smoothed->point(99).y, mean, 1e-6);
}

TEST_F(FrameTest, EveryAxisFindsItsStepAgain)
{
    const Series* clock = clockOf(*m_view);
    for (const XAxis axis : {XAxis::Step, XAxis::Tokens, XAxis::Time})
        for (const std::int64_t step : {std::int64_t{1}, std::int64_t{300}, std::int64_t{618}})
            EXPECT_EQ(stepOfX(clock, xOfStep(clock, step, axis), axis), step) << static_cast<int>(axis);
}
