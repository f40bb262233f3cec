// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The main story with a real engine and a real window process: demo → Start → everything moves → the window is killed →
// opened again → Stop → Resume → export.
#include <csignal>
#include <cstdio>
#include <cstring>

#include <QAction>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QProcess>
#include <QPushButton>
#include <QToolButton>

#include "app/run_controls.h"
#include "tests/support/places.h"
#include "tests/support/window_fixture.h"
#include "widgets/heatmap.h"
#include "widgets/line_chart.h"
#include "widgets/matrix_view.h"

using namespace moescope;

namespace {

constexpr const char* kDemo = R"({
  "name": "demo",
  "model": {"hidden_size": 32, "num_layers": 2, "num_heads": 2, "context": 32, "num_experts": 4},
  "data": {"corpus": "dialects", "batch_sequences": 8},
  "training": {"steps": 200000, "threads": 1},
  "evaluation": {"every": 50, "sequences": 16},
  "checkpoint": {"every": 200},
  "probe": {"every": 20, "sequences": 8, "positions": 16}
})";

template <class Widget> Widget* find(const QWidget& window, const char* name)
{
    return window.findChild<Widget*>(QLatin1String(name));
}

bool click(const QWidget& window, const char* button)
{
    auto* found = find<QAbstractButton>(window, button);
    if (!found || !waitFor([&] { return found->isEnabled() && found->isVisible(); }, 20'000))
        return false;
    QTest::mouseClick(found, Qt::LeftButton);
    return true;
}

std::size_t lossPoints(const MainWindow& window)
{
    const auto& series = find<LineChart>(window, "lossChart")->spec().series;
    return series.empty() ? 0 : series[0].source->size();
}

/// True when the value is another one after a while.
template <class Read> bool changes(Read read, const char* what)
{
    const auto before = read();
    const bool changed = waitFor([&] { return read() != before; }, 20'000);
    if (!changed)
        std::printf("%s does not change\n", what);
    return changed;
}

/// What the window process does before it is killed. Every sentence is for the test that reads it.
int firstWindow()
{
    MainWindow window;
    window.show();
    if (!click(window, "startRunButton")) {
        std::printf("Start cannot be clicked: %s\n", qPrintable(find<QAction>(window, "startRun")->toolTip()));
        return 1;
    }
    if (!waitFor([&] { return window.selection().lastStep() > 0; }, 30'000)) {
        for (const QLabel* label : window.findChildren<QLabel*>(QStringLiteral("noticeText")))
            std::printf("notice: %s\n", qPrintable(label->text()));
        return 1;
    }
    std::printf("run %s\n", qPrintable(window.selection().run()));
    if (!changes([&] { return lossPoints(window); }, "the curve"))
        return 1;
    if (!changes([&] { return find<Heatmap>(window, "loadMap")->data().values; }, "the heatmap"))
        return 1;
    QTest::keyClick(&window, Qt::Key_5);
    if (!waitFor([&] { return find<MatrixView>(window, "similarityMatrix")->data().size == 4; }, 20'000)
        || !changes([&] { return find<MatrixView>(window, "similarityMatrix")->data().values; }, "the matrix"))
        return 1;
    std::printf("changed\n");
    std::fflush(stdout);
    waitFor([] { return false; }, 60'000);  // until it is killed
    return 1;
}

class Story : public WindowTest {
protected:
    void SetUp() override
    {
        const std::filesystem::path resources = m_folder / "resources";
        std::filesystem::create_directories(resources / "presets");
        std::filesystem::copy(std::filesystem::path(sourceFolder()) / "resources" / "methods",
            resources / "methods", std::filesystem::copy_options::recursive);
        writeBytes(resources / "presets" / "demo.json", kDemo);
        qputenv("MOESCOPE_RESOURCES", QByteArray::fromStdString(resources.string()));
    }
    void TearDown() override
    {
        qunsetenv("MOESCOPE_RESOURCES");
        // Whatever happened: no engine outlives the test.
        for (const std::filesystem::path& folder : RunFolder::list(runsFolder())) {
            const Result<RunFolder> run = RunFolder::open(FileSystem::real(), folder);
            if (const Result<RunStatus> status = run ? run->status() : Result<RunStatus>();
                run && run->isLocked() && status && status->pid > 1)
                ::kill(status->pid, SIGKILL);
        }
    }

    static QString stateText(const MainWindow& window) { return find<RunStateView>(window, "runState")->text(); }

    /// Steps of the curve follow each other without a gap.
    static bool hasNoGap(MainWindow& window)
    {
        const Series* loss = window.watcher().view(window.selection().run())->snapshot->scalar("loss/language_model");
        for (std::size_t i = 0; i < loss->size(); ++i)
            if (loss->step(i) != static_cast<std::int64_t>(i) + 1)
                return false;
        return loss->size() > 0;
    }
};

}  // namespace

TEST_F(Story, FromTheDemoOverAKilledWindowToAFigure)
{
    QProcess first;
    first.setProgram(QCoreApplication::applicationFilePath());
    first.setArguments({QStringLiteral("window")});
    first.setProcessChannelMode(QProcess::MergedChannels);
    QByteArray said;
    QObject::connect(&first, &QProcess::readyRead, &first, [&] { said += first.readAll(); });
    first.start();
    ASSERT_TRUE(waitFor([&] { return said.contains("changed\n") || first.state() == QProcess::NotRunning; }, 40'000));
    ASSERT_TRUE(said.contains("changed\n")) << said.toStdString();
    first.kill();  // SIGKILL: no goodbye
    ASSERT_TRUE(waitFor([&] { return first.state() == QProcess::NotRunning; }));

    // Opened again: the run goes on and is attached within two seconds, with all its points.
    QElapsedTimer clock;
    clock.start();
    auto window = openWindow();
    ASSERT_TRUE(waitFor([&] { return window->selection().lastStep() > 0 && lossPoints(*window) > 0; }));
    EXPECT_LT(clock.elapsed(), 2000);
    EXPECT_TRUE(stateText(*window).startsWith(QStringLiteral("Training"))) << stateText(*window).toStdString();
    EXPECT_TRUE(hasNoGap(*window));
    EXPECT_TRUE(changes([&] { return lossPoints(*window); }, "the curve"));

    ASSERT_TRUE(click(*window, "stopRunButton"));
    ASSERT_TRUE(waitFor([&] { return stateText(*window).startsWith(QStringLiteral("Stopped")); }, 20'000))
        << stateText(*window).toStdString();
    const std::int64_t stopped = window->selection().lastStep();
    ASSERT_TRUE(click(*window, "resumeRunButton"));
    ASSERT_TRUE(waitFor([&] { return window->selection().lastStep() > stopped + 5; }, 20'000))
        << stateText(*window).toStdString();
    EXPECT_TRUE(hasNoGap(*window));
    ASSERT_TRUE(click(*window, "stopRunButton"));
    ASSERT_TRUE(waitFor([&] { return stateText(*window).startsWith(QStringLiteral("Stopped")); }, 20'000))
        << stateText(*window).toStdString();

    QTest::keyClick(window.get(), Qt::Key_2);
    find<QAction>(*window, "exportView")->trigger();
    auto* dialog = find<QFileDialog>(*window, "exportDialog");
    ASSERT_NE(dialog, nullptr);
    const QString file = QString::fromStdString((m_folder / "loss.pdf").string());
    dialog->selectFile(file);
    QMetaObject::invokeMethod(dialog, "accept");
    ASSERT_TRUE(waitFor([&] { return std::filesystem::exists(file.toStdString()); }));
    EXPECT_TRUE(readBytes(file.toStdString()).starts_with("%PDF"));
}

namespace moescope {

/// Called by main() instead of the tests when the program is started as the window of the story.
int windowProcess() { return firstWindow(); }

}  // namespace moescope
