// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The window with made runs: what it finds, shows, follows and asks.
#include <QAction>
#include <QLabel>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>

#include "app/notice_bar.h"
#include "app/pages/curves_page.h"
#include "app/render.h"
#include "app/run_controls.h"
#include "tests/support/window_fixture.h"
#include "widgets/line_chart.h"
#include "widgets/matrix_view.h"

using namespace moescope;

namespace {

class WindowWithRun : public WindowTest {
protected:
    MadeRunOptions m_options;

    QString folderOf(const MadeRun& run) const { return QString::fromStdString(run.path().string()); }
};

}  // namespace

TEST_F(WindowWithRun, GreetsWithTheDemoWhenThereIsNoRun)
{
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return find<QPushButton>(*window, "startDemo")->isVisible(); }));
    EXPECT_EQ(find<QTabWidget>(*window, "pages")->currentIndex(), MainWindow::SetupTab);
}

TEST_F(WindowWithRun, FindsAndShowsARunByItself)
{
    const MadeRun run(runsFolder() / "one", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return hasFrame(*window); }));
    EXPECT_EQ(window->selection().run(), folderOf(run));
    EXPECT_EQ(window->selection().stepA(), 618);
    EXPECT_EQ(find<QTabWidget>(*window, "pages")->currentIndex(), MainWindow::OverviewTab);
    auto* loss = find<LineChart>(*window, "lossChart");
    ASSERT_TRUE(waitFor([&] { return !loss->spec().series.empty(); }));
    EXPECT_EQ(loss->spec().series[0].source->size(), 618U);
    EXPECT_LE(loss->largestSeries(), 2 * loss->columns());
}

TEST_F(WindowWithRun, AttachesToALiveRunWithinTwoSecondsAndFollowsIt)
{
    m_options.state = RunState::Training;
    MadeRun run(runsFolder() / "live", m_options);
    QElapsedTimer clock;
    clock.start();
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return window->selection().lastStep() == 618; }));
    EXPECT_LT(clock.elapsed(), 2000);
    run.growTo(650);
    ASSERT_TRUE(waitFor([&] { return window->selection().stepA() == 650; }));
    const auto* loss = find<LineChart>(*window, "lossChart");
    EXPECT_TRUE(waitFor([&] { return loss->spec().series[0].source->size() == 650; }));
    EXPECT_TRUE(find<QAction>(*window, "holdRun")->isEnabled());
    EXPECT_TRUE(find<RunStateView>(*window, "runState")->text().contains(QStringLiteral("650 of 1,000")));
}

TEST_F(WindowWithRun, SaysWhyAVerbCannotAct)
{
    const MadeRun run(runsFolder() / "done", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return hasFrame(*window); }));
    const QAction* hold = find<QAction>(*window, "holdRun");
    EXPECT_FALSE(hold->isEnabled());
    EXPECT_TRUE(hold->toolTip().contains(QStringLiteral("no process trains this run")));
    EXPECT_FALSE(find<QAction>(*window, "startRun")->isEnabled());
}

TEST_F(WindowWithRun, ShowsADeadProcessAsFailedAndOffersResume)
{
    m_options.state = RunState::Training;
    MadeRun run(runsFolder() / "killed", m_options);
    run.unlock();
    WindowOptions options;
    options.engine = "/bin/true";
    auto window = openWindow({1440, 900}, options);
    ASSERT_TRUE(waitFor([&] { return hasFrame(*window); }));
    EXPECT_TRUE(find<RunStateView>(*window, "runState")->text().startsWith(QStringLiteral("Failed")));
    EXPECT_TRUE(find<QAction>(*window, "resumeRun")->isEnabled());
}

TEST_F(WindowWithRun, PostsACommandForTheProcessThatRunsNow)
{
    m_options.state = RunState::Training;
    MadeRun run(runsFolder() / "live", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return find<QAction>(*window, "stopRun")->isEnabled(); }));
    find<QAction>(*window, "stopRun")->trigger();
    ASSERT_TRUE(waitFor(
        [&] { return std::filesystem::exists(run.folder().inbox()) && numEntries(run.folder().inbox()) == 1; }));
    const std::string text = readBytes(std::filesystem::directory_iterator(run.folder().inbox())->path());
    EXPECT_NE(text.find("\"stop\""), std::string::npos) << text;
}

TEST_F(WindowWithRun, AsksBeforeItLeavesALiveRunAlone)
{
    m_options.state = RunState::Training;
    MadeRun run(runsFolder() / "live", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return find<QAction>(*window, "stopRun")->isEnabled(); }));
    window->close();
    EXPECT_TRUE(window->isVisible());
    auto* keep = find<QPushButton>(*window, "noticeAnswer0");
    EXPECT_EQ(keep->text(), QStringLiteral("Keep running"));
    QTest::mouseClick(keep, Qt::LeftButton);
    EXPECT_FALSE(window->isVisible());
    EXPECT_TRUE(!std::filesystem::exists(run.folder().inbox()) || numEntries(run.folder().inbox()) == 0);
}

TEST_F(WindowWithRun, KeysMoveTheCursorTabsAndLive)
{
    const MadeRun run(runsFolder() / "one", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return hasFrame(*window); }));
    window->setFocus();
    QTest::keyClick(window.get(), Qt::Key_Left);
    EXPECT_EQ(window->selection().stepA(), 617);
    EXPECT_FALSE(window->selection().live());
    QTest::keyClick(window.get(), Qt::Key_Left, Qt::ShiftModifier);
    EXPECT_EQ(window->selection().stepA(), 607);
    QTest::keyClick(window.get(), Qt::Key_Space);
    EXPECT_TRUE(window->selection().live());
    EXPECT_EQ(window->selection().stepA(), 618);
    QTest::keyClick(window.get(), Qt::Key_4);
    EXPECT_EQ(find<QTabWidget>(*window, "pages")->currentIndex(), MainWindow::ExpertsTab);
    QTest::keyClick(window.get(), Qt::Key_D);
    EXPECT_EQ(find<QTabWidget>(*window, "pages")->currentIndex(), MainWindow::SimilarityTab);
    EXPECT_GT(window->selection().stepB(), 0);
}

TEST_F(WindowWithRun, OneSelectionMovesEveryView)
{
    const MadeRun run(runsFolder() / "one", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return hasFrame(*window); }));
    window->showTab(MainWindow::SimilarityTab);
    window->selection().setLayer(3);
    const auto* big = find<MatrixView>(*window, "similarityMatrix");
    ASSERT_TRUE(waitFor([&] { return big->data().size == 16 && big->data().values[2 * 16 + 5] > 0.9F; }));
    window->selection().setStepA(300);
    ASSERT_TRUE(waitFor([&] { return big->data().values[2 * 16 + 5] < 0.5F; }));
}

TEST_F(WindowWithRun, TellsWhatIsWrongWithAFolder)
{
    std::filesystem::create_directories(m_folder / "empty");
    WindowOptions options;
    options.folders << QString::fromStdString((m_folder / "empty").string());
    auto window = openWindow({1440, 900}, options);
    const auto* list = find<QListView>(*window, "runsList");
    ASSERT_TRUE(waitFor([&] { return list->model()->rowCount() == 1; }));
    EXPECT_TRUE(list->model()->index(0, 0).data(RunsModel::FailedRole).toBool());
    EXPECT_FALSE(list->model()->index(0, 0).data(RunsModel::SecondLineRole).toString().isEmpty());
}

TEST_F(WindowWithRun, SaysWhyTheEngineCannotStart)
{
    WindowOptions options;
    options.engine = m_folder / "no-engine";
    auto window = openWindow({1440, 900}, options);
    const auto* notice = find<NoticeBar>(*window, "noticeBar");
    QLabel* text = nullptr;
    ASSERT_TRUE(waitFor([&] {
        for (QLabel* label : window->findChildren<QLabel*>(QStringLiteral("noticeText")))
            if (label->isVisible())
                text = label;
        return text != nullptr;
    }));
    EXPECT_NE(notice, nullptr);
    EXPECT_TRUE(text->text().contains(QStringLiteral("no-engine is not there")));
}

TEST_F(WindowWithRun, ShowsTheEndOfTheOutputOfAnEngineThatDies)
{
    const std::filesystem::path engine = m_folder / "engine";
    writeBytes(engine, "#!/bin/sh\necho 'libtorch_cpu.so: cannot open' >&2\nexit 127\n");
    std::filesystem::permissions(engine, std::filesystem::perms::owner_all);
    WindowOptions options;
    options.engine = engine;
    auto window = openWindow({1440, 900}, options);
    QPlainTextEdit* details = nullptr;
    ASSERT_TRUE(waitFor([&] {
        for (auto* edit : window->findChildren<QPlainTextEdit*>(QStringLiteral("noticeDetails")))
            if (edit->isVisible())
                details = edit;
        return details != nullptr;
    }));
    EXPECT_TRUE(details->toPlainText().contains(QStringLiteral("libtorch_cpu.so: cannot open")));
    window->showTab(MainWindow::SetupTab);
    EXPECT_FALSE(find<QAction>(*window, "startRun")->isEnabled());
}

TEST_F(WindowWithRun, MovesACorruptSettingsFileAsideAndSaysSo)
{
    const std::filesystem::path settings = m_folder / "config" / "moescope" / "moescope.ini";
    std::filesystem::create_directories(settings.parent_path());
    writeBytes(settings, "[General]\nversion=7777\n");
    auto window = openWindow();
    EXPECT_EQ(numEntries(settings.parent_path()) >= 1, true);
    bool said = false;
    for (const QLabel* label : window->findChildren<QLabel*>(QStringLiteral("noticeText")))
        said = said || label->text().contains(QStringLiteral("newer version"));
    EXPECT_TRUE(said);
}

TEST_F(WindowWithRun, EveryControlHasAName)
{
    const MadeRun run(runsFolder() / "one", m_options);
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return hasFrame(*window); }));
    for (const QAbstractButton* button : window->findChildren<QAbstractButton*>()) {
        const bool ofQt = button->objectName().startsWith(QStringLiteral("qt_"))
            || button->inherits("QLineEditIconButton") || button->inherits("QTableCornerButton");
        if (ofQt || !button->parentWidget() || button->parentWidget()->inherits("QTabBar"))
            continue;
        EXPECT_FALSE(button->text().isEmpty() && button->accessibleName().isEmpty() && button->toolTip().isEmpty())
            << button->metaObject()->className() << " in " << button->parentWidget()->objectName().toStdString();
    }
}

TEST_F(WindowWithRun, RendersEveryViewInEveryFormat)
{
    const MadeRun run(m_folder / "run", m_options);
    for (const QString& view : renderViews())
        for (const char* ending : {"png", "svg", "pdf", "csv"}) {
            const std::filesystem::path file = m_folder / (view.toStdString() + '.' + ending);
            const Result<void> done =
                renderView({view, folderOf(run), QString::fromStdString(file.string()), 0, 3, false, {}});
            ASSERT_TRUE(done) << view.toStdString() << ": " << done.error().text;
            EXPECT_GT(std::filesystem::file_size(file), 100U) << file;
        }
}

TEST_F(WindowWithRun, RefusesToRenderWhatIsNotThere)
{
    const MadeRun run(m_folder / "run", m_options);
    const QString file = QString::fromStdString((m_folder / "x.png").string());
    const auto kindOf = [](const RenderRequest& request) {
        const Result<void> done = renderView(request);
        EXPECT_FALSE(done);
        return done ? ErrorKind::Bug : done.error().kind;
    };
    EXPECT_EQ(kindOf({"lost", folderOf(run), file, 0, 0, false, {}}), ErrorKind::User);
    EXPECT_EQ(kindOf({"loss", folderOf(run), file, 5000, 0, false, {}}), ErrorKind::User);
    EXPECT_EQ(kindOf({"load", folderOf(run), file, 0, 6, false, {}}), ErrorKind::User);
    EXPECT_EQ(kindOf({"loss", folderOf(run), QStringLiteral("x.bmp"), 0, 0, false, {}}), ErrorKind::User);
    EXPECT_EQ(kindOf({"loss", QStringLiteral("/nowhere"), file, 0, 0, false, {}}), ErrorKind::Data);
    EXPECT_EQ(kindOf({"loss", folderOf(run), QStringLiteral("/nowhere/x.png"), 0, 0, false, {}}), ErrorKind::Resources);
}
