// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A main window on folders of its own: no file of the user is read or written.
#pragma once

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTest>

#include "app/main_window.h"
#include "tests/support/made_run.h"
#include "tests/support/temporary_folder.h"

namespace moescope {

/// Runs the event loop until the condition holds. False when it does not within the time.
inline bool waitFor(const std::function<bool()>& condition, int milliseconds = 10'000)
{
    QElapsedTimer clock;
    clock.start();
    while (!condition()) {
        if (clock.elapsed() > milliseconds)
            return false;
        QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return true;
}

/// An environment variable for as long as a test runs.
class Variable {
public:
    Variable(const char* name, const QByteArray& value)
        : m_name(name)
        , m_before(qgetenv(name))
        , m_wasSet(qEnvironmentVariableIsSet(name))
    {
        qputenv(name, value);
    }
    ~Variable()
    {
        if (m_wasSet)
            qputenv(m_name, m_before);
        else
            qunsetenv(m_name);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* m_name;
    QByteArray m_before;
    bool m_wasSet;
};

/// XDG folders below one temporary folder.
class WindowTest : public testing::Test {
protected:
    TemporaryFolder m_folder;
    Variable m_data{"XDG_DATA_HOME", QByteArray::fromStdString((m_folder / "data").string())};
    Variable m_config{"XDG_CONFIG_HOME", QByteArray::fromStdString((m_folder / "config").string())};
    Variable m_cache{"XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string())};
    Variable m_state{"XDG_STATE_HOME", QByteArray::fromStdString((m_folder / "state").string())};

    std::filesystem::path runsFolder() const { return m_folder / "data" / "moescope" / "runs"; }

    /// A window with a size, shown, with its first list of runs read.
    std::unique_ptr<MainWindow> openWindow(QSize size = {1440, 900}, const WindowOptions& options = {})
    {
        auto window = std::make_unique<MainWindow>(options);
        window->resize(size);
        window->restoreLayout();
        window->show();
        EXPECT_TRUE(QTest::qWaitForWindowExposed(window.get()));
        return window;
    }

    /// The selected run's newest frame has arrived.
    static bool hasFrame(const MainWindow& window) { return window.frame() && window.frame()->numLayers > 0; }

    template <class Widget> static Widget* find(const QWidget& window, const char* name)
    {
        auto* found = window.findChild<Widget*>(QLatin1String(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }
};

}  // namespace moescope
