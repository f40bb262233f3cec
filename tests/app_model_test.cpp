// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The window's models, alone.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>

#include "app/events_model.h"
#include "app/metrics_model.h"
#include "app/run_state.h"
#include "app/runs_model.h"
#include "app/selection.h"
#include "app/settings.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;

namespace {

RunRow madeRow(const QString& name, double created, RunState state = RunState::Finished)
{
    RunRow row;
    row.folder = QStringLiteral("/runs/") + name;
    row.id = name;
    row.name = name;
    row.created = created;
    row.status.state = state;
    row.status.step = 61;
    row.status.pid = 4242;
    row.facts.numSteps = 100;
    row.facts.seed = 7;
    return row;
}

std::vector<QString> texts(const QAbstractItemModel& model, int role)
{
    std::vector<QString> all;
    for (int i = 0; i < model.rowCount(); ++i)
        all.push_back(model.index(i, 0).data(role).toString());
    return all;
}

RunStatus statusOf(RunState state)
{
    RunStatus status;
    status.state = state;
    status.pid = 4242;
    status.step = 61;
    return status;
}

}  // namespace

TEST(RunsModel, NumbersRunsByAgeForever)
{
    const TemporaryFolder folder;
    const QString file = QString::fromStdString((folder / "settings.ini").string());
    {
        Settings settings(file);
        RunsModel model(settings);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.resetData({madeRow("new", 300), madeRow("old", 100)});
        EXPECT_THAT(texts(model, Qt::DisplayRole), ElementsAre("2 new", "1 old"));
        model.resetData({madeRow("newest", 400), madeRow("new", 300)});
        EXPECT_THAT(texts(model, Qt::DisplayRole), ElementsAre("3 newest", "2 new"));
    }
    Settings settings(file);
    RunsModel model(settings);
    model.resetData({madeRow("new", 300)});
    EXPECT_THAT(texts(model, Qt::DisplayRole), ElementsAre("2 new"));
}

TEST(RunsModel, SaysStateProgressAndCause)
{
    const TemporaryFolder folder;
    Settings settings(QString::fromStdString((folder / "settings.ini").string()));
    RunsModel model(settings);
    RunRow training = madeRow("training", 1, RunState::Training);
    training.locked = true;
    RunRow failed = madeRow("failed", 2, RunState::Failed);
    failed.status.exit = RunExit{5, "diverged", 1};
    RunRow died = madeRow("died", 3, RunState::Training);
    RunRow stopped = madeRow("stopped", 4, RunState::Stopped);
    model.resetData({training, failed, died, stopped});
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    EXPECT_THAT(texts(model, RunsModel::ProgressTextRole), ElementsAre("61 %", "", "", "61"));
    EXPECT_THAT(texts(model, RunsModel::SecondLineRole),
        ElementsAre(
            "seed 7", "diverged, rank 1, exit code 5", "process 4242 ended without a word at step 61", "seed 7"));
    EXPECT_EQ(rowState(training), State::Training);
    EXPECT_EQ(rowState(died), State::Failed);
}

TEST(RunsModel, KeepsCheckMarksWhenTheListChanges)
{
    const TemporaryFolder folder;
    Settings settings(QString::fromStdString((folder / "settings.ini").string()));
    RunsModel model(settings);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.resetData({madeRow("a", 2), madeRow("b", 1)});
    QSignalSpy changed(&model, &RunsModel::shownChanged);
    EXPECT_TRUE(model.setData(model.index(1), Qt::Checked, Qt::CheckStateRole));
    model.resetData({madeRow("c", 3), madeRow("a", 2), madeRow("b", 1)});
    EXPECT_EQ(model.shown(), QStringList{"/runs/b"});
    EXPECT_EQ(changed.size(), 1);
}

TEST(RunState, ADeadProcessIsAFailureAndAFinishedOneIsNot)
{
    EXPECT_EQ(stateOf(statusOf(RunState::Training), true), State::Training);
    EXPECT_EQ(stateOf(statusOf(RunState::Training), false), State::Failed);
    EXPECT_EQ(stateOf(statusOf(RunState::Holding), true), State::Paused);
    EXPECT_EQ(stateOf(statusOf(RunState::Finished), false), State::Finished);
    EXPECT_EQ(stateWord(statusOf(RunState::Stopping), false), QStringLiteral("Failed"));
    EXPECT_EQ(stateWord(statusOf(RunState::Stopping), true), QStringLiteral("Stopping"));
    EXPECT_EQ(causeText(statusOf(RunState::Finished), false), QString());
}

TEST(Selection, FollowsTheNewestStepUntilTheUserMoves)
{
    Selection selection;
    selection.setRun(QStringLiteral("/run"));
    selection.setLastStep(100);
    EXPECT_EQ(selection.stepA(), 100);
    selection.setStepA(40);
    EXPECT_FALSE(selection.live());
    selection.setLastStep(200);
    EXPECT_EQ(selection.stepA(), 40);
    selection.setLive(true);
    EXPECT_EQ(selection.stepA(), 200);
}

TEST(Selection, KeepsStepsInsideTheLog)
{
    Selection selection;
    selection.setRun(QStringLiteral("/run"));
    selection.setLastStep(100);
    selection.setStepA(500);
    EXPECT_EQ(selection.stepA(), 100);
    selection.setStepB(-5);
    EXPECT_EQ(selection.stepB(), 0);
    selection.setStepA(-5);
    EXPECT_EQ(selection.stepA(), 1);
}

TEST(Selection, SaysNothingWhenNothingChanges)
{
    Selection selection;
    selection.setRun(QStringLiteral("/run"));
    selection.setLastStep(100);
    QSignalSpy steps(&selection, &Selection::stepsChanged), place(&selection, &Selection::placeChanged);
    selection.setStepA(100);
    selection.setLayer(0);
    selection.setExpert(0);
    selection.setLastStep(100);
    EXPECT_EQ(steps.size() + place.size(), 0);
}

TEST(MetricsModel, GroupsByTheFirstPartAndOpensWhatMatters)
{
    MetricsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.appendData({"loss/total", "loss/language_model", "eval/bits_per_byte"});
    model.appendData({"loss/total", "train/gradient_norm"});
    EXPECT_THAT(texts(model, Qt::DisplayRole), ElementsAre("loss", "eval", "train"));
    EXPECT_EQ(model.numMetrics(), 4);
    EXPECT_EQ(model.checked(), (QStringList{"loss/language_model", "eval/bits_per_byte", "train/gradient_norm"}));
    model.setChecked(QStringLiteral("loss/language_model"), false);
    EXPECT_EQ(model.checked(), (QStringList{"eval/bits_per_byte", "train/gradient_norm"}));
}

TEST(EventsModel, AppendsAndStartsOver)
{
    EventsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const RunEvent first{1, 10, "state", R"({"kind": "state", "time": 10, "state": "training"})", 0};
    const RunEvent second{50, 20, "notice", R"({"kind": "notice", "time": 20, "text": "warm-up ends"})", 0};
    model.resetData({first});
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.resetData({first, second});
    EXPECT_EQ(reset.size(), 0);
    EXPECT_EQ(model.index(1, EventsModel::Text).data().toString(), QStringLiteral("warm-up ends"));
    model.resetData({second});
    EXPECT_EQ(reset.size(), 1);
    EXPECT_EQ(model.rowCount(), 1);
}

TEST(EventsModel, ShowsWhatItDoesNotUnderstand)
{
    EXPECT_EQ(eventRow({1, 0, "odd", "not json \x01", 0}).text, QStringLiteral("not json \uFFFD"));
    EXPECT_EQ(eventRow({1, 0, "odd", R"({"weight": 3})", 0}).text, QStringLiteral("{\"weight\": 3}"));
}

TEST(Settings, AreMovedAsideWhenCorruptOrNewer)
{
    const TemporaryFolder folder;
    for (const std::string& text : {std::string("[General]\nversion=99\n"), std::string("[General]\nversion=soon\n"),
             std::string("\x01\x02 no settings")}) {
        const std::filesystem::path file = folder / "settings.ini";
        writeBytes(file, text);
        Settings settings(QString::fromStdString(file.string()));
        EXPECT_TRUE(settings.notice().contains(QStringLiteral(".aside-"))) << text;
        EXPECT_EQ(settings.store().value(QStringLiteral("version")).toInt(), Settings::kVersion);
        settings.store().sync();
        std::filesystem::remove(file);
    }
    EXPECT_EQ(numEntries(folder.path()), 3U);
}

TEST(Settings, OfAnEarlierStartAreKept)
{
    const TemporaryFolder folder;
    const QString file = QString::fromStdString((folder / "settings.ini").string());
    {
        Settings settings(file);
        settings.store().setValue(QStringLiteral("run"), QStringLiteral("/runs/x"));
    }
    Settings settings(file);
    EXPECT_EQ(settings.notice(), QString());
    EXPECT_EQ(settings.store().value(QStringLiteral("run")).toString(), QStringLiteral("/runs/x"));
}
