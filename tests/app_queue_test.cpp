// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The queue under the runs, with clicks, and over the death of its window.
#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <QAction>
#include <QListWidget>
#include <QProcess>
#include <QPushButton>
#include <QToolButton>

#include "app/pages/setup_page.h"
#include "engine/control/run_queue.h"
#include "tests/support/window_fixture.h"

using namespace moescope;
using testing::ElementsAre;

namespace {

QStringList waitingIn(const MainWindow& window)
{
    QStringList names;
    const auto* list = window.findChild<QListWidget*>(QStringLiteral("queueList"));
    for (int i = 0; i < list->count(); ++i)
        names << list->item(i)->text();
    return names;
}

/// Adds a run with the button of the Set-up tab.
bool addRun(MainWindow& window, const QString& name, int expected)
{
    window.showTab(MainWindow::SetupTab);
    window.setupPage()->loadText(QStringLiteral("{\"name\": \"%1\"}").arg(name), QStringLiteral("test"));
    auto* button = window.findChild<QPushButton*>(QStringLiteral("addToQueueButton"));
    if (!waitFor([&] { return button->isEnabled() && button->isVisible(); }))
        return false;
    QTest::mouseClick(button, Qt::LeftButton);
    return waitFor([&] { return waitingIn(window).size() == expected; });
}

WindowOptions withFakeEngine()
{
    WindowOptions options;
    options.engine = MOESCOPE_FAKE_ENGINE;
    return options;
}

class QueueInWindow : public WindowTest {
    int m_held = -1;

protected:
    Variable m_go{"FAKE_ENGINE_GO", QByteArray::fromStdString((m_folder / "go").string())};
    RunQueue m_queue = RunQueue::open(m_folder / "data" / "moescope" / "queue").value();

    void SetUp() override
    {
        m_held = ::open((m_folder / "go").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        ASSERT_EQ(::flock(m_held, LOCK_EX), 0);
    }

    void TearDown() override
    {
        letGo();
        EXPECT_TRUE(waitFor([&] { return !m_queue.isWorkedOn(); }, 30'000));
    }

    /// From here on every training ends at once.
    void letGo()
    {
        if (m_held >= 0)
            ::close(m_held);
        m_held = -1;
    }

    std::vector<std::string> done() const
    {
        std::vector<std::string> names;
        for (const QueueEntry& entry : m_queue.list(QueuePlace::Done))
            names.insert(names.begin(), entry.name + " " + std::to_string(entry.code));
        return names;
    }

    std::unique_ptr<MainWindow> openReady()
    {
        auto window = openWindow({1440, 900}, withFakeEngine());
        EXPECT_TRUE(waitFor([&] { return window->setupPage()->draft() != nullptr; }));
        return window;
    }
};

}  // namespace

TEST_F(QueueInWindow, IsReorderedAndEmptiedWithClicksWhileOneRunTrains)
{
    auto window = openReady();
    ASSERT_TRUE(addRun(*window, QStringLiteral("one"), 1));
    ASSERT_TRUE(waitFor([&] { return m_queue.list(QueuePlace::Running).size() == 1; }));
    ASSERT_TRUE(addRun(*window, QStringLiteral("two"), 2));
    ASSERT_TRUE(addRun(*window, QStringLiteral("three"), 3));
    ASSERT_TRUE(addRun(*window, QStringLiteral("four"), 4));
    auto* list = find<QListWidget>(*window, "queueList");
    const auto choose = [&](int row) {
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(row)).center());
    };
    // What trains cannot be moved or taken out here.
    choose(0);
    EXPECT_FALSE(find<QToolButton>(*window, "queueUp")->isEnabled());
    EXPECT_FALSE(find<QToolButton>(*window, "queueRemove")->isEnabled());
    choose(3);
    QTest::mouseClick(find<QToolButton>(*window, "queueUp"), Qt::LeftButton);
    const QStringList moved{
        QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("four"), QStringLiteral("three")};
    ASSERT_TRUE(waitFor([&] { return waitingIn(*window) == moved; }));
    choose(1);
    QTest::mouseClick(find<QToolButton>(*window, "queueRemove"), Qt::LeftButton);
    ASSERT_TRUE(waitFor([&] { return waitingIn(*window).size() == 3; }));
    letGo();
    ASSERT_TRUE(waitFor([&] { return done().size() == 3; }, 20'000));
    EXPECT_THAT(done(), ElementsAre("one 0", "four 0", "three 0"));
    EXPECT_TRUE(waitFor([&] { return window->runs().rowCount() == 3 && waitingIn(*window).isEmpty(); }));
}

TEST_F(QueueInWindow, GoesOnWhenItsWindowIsKilled)
{
    QProcess first;
    first.setProgram(QCoreApplication::applicationFilePath());
    first.setArguments({QStringLiteral("window")});
    first.setProcessChannelMode(QProcess::MergedChannels);
    QByteArray said;
    QObject::connect(&first, &QProcess::readyRead, &first, [&] { said += first.readAll(); });
    first.start();
    ASSERT_TRUE(waitFor([&] { return said.contains("queued\n") || first.state() == QProcess::NotRunning; }, 30'000));
    ASSERT_TRUE(said.contains("queued\n")) << said.toStdString();
    first.kill();  // SIGKILL: no goodbye
    ASSERT_TRUE(waitFor([&] { return first.state() == QProcess::NotRunning; }));

    EXPECT_TRUE(m_queue.isWorkedOn());
    EXPECT_EQ(m_queue.list(QueuePlace::Running).size(), 1U);
    EXPECT_EQ(m_queue.list(QueuePlace::Waiting).size(), 1U);
    auto window = openReady();
    ASSERT_TRUE(waitFor([&] { return waitingIn(*window).size() == 2; }));
    letGo();
    ASSERT_TRUE(waitFor([&] { return done().size() == 2; }, 20'000));
    EXPECT_THAT(done(), ElementsAre("one 0", "two 0"));
    EXPECT_TRUE(waitFor([&] { return window->runs().rowCount() == 2 && waitingIn(*window).isEmpty(); }));
}

TEST_F(QueueInWindow, OffersToWorkOnWhatNobodyWorksOn)
{
    ASSERT_TRUE(m_queue.add("left", "{}", m_folder / "data" / "moescope" / "runs" / "left"));
    letGo();
    auto window = openReady();
    auto* start = find<QToolButton>(*window, "queueStart");
    ASSERT_TRUE(waitFor([&] { return start->isVisible(); }));
    QTest::mouseClick(start, Qt::LeftButton);
    EXPECT_TRUE(waitFor([&] { return done().size() == 1; }, 20'000));
    EXPECT_TRUE(waitFor([&] { return !start->isVisible(); }));
}

namespace moescope {

/// The window process that the test kills.
int windowProcess()
{
    MainWindow window(withFakeEngine());
    window.resize(1440, 900);
    window.show();
    if (!waitFor([&] { return window.setupPage()->draft() != nullptr; }) || !addRun(window, QStringLiteral("one"), 1)
        || !addRun(window, QStringLiteral("two"), 2)) {
        std::printf("nothing was queued\n");
        return 1;
    }
    const RunQueue queue = RunQueue::open(RunQueue::defaultFolder()).value();
    if (!waitFor([&] {
            const std::vector<QueueEntry> running = queue.list(QueuePlace::Running);
            return running.size() == 1 && running[0].pid > 0 && std::filesystem::exists(running[0].run / "lock");
        }))
        return 1;
    std::printf("queued\n");
    std::fflush(stdout);
    waitFor([] { return false; }, 60'000);  // until it is killed
    return 1;
}

}  // namespace moescope
