// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Any warning of Qt fails the test that caused it.
#pragma once

#include <gtest/gtest.h>

#include <QStringList>

namespace moescope {

inline QStringList& qtWarnings()
{
    static QStringList warnings;
    return warnings;
}

inline void noteQtMessage(QtMsgType type, const QMessageLogContext&, const QString& text)
{
    // The offscreen platform says so of windows with a minimum size and of menus; no desktop does.
    const bool ofThePlatform = text.startsWith(QLatin1String("This plugin does not support "));
    if (type == QtDebugMsg || type == QtInfoMsg || ofThePlatform)
        return;
    qtWarnings() << text;
}

class WarningsFail : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo&) override { qtWarnings().clear(); }
    void OnTestEnd(const testing::TestInfo&) override
    {
        for (const QString& text : qtWarnings())
            ADD_FAILURE() << "Qt warned: " << text.toStdString();
    }
};

/// Before the application is made.
inline void failOnQtWarnings()
{
    qInstallMessageHandler(noteQtMessage);
    testing::UnitTest::GetInstance()->listeners().Append(new WarningsFail);
}

}  // namespace moescope
