// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// main() of every test program that opens widgets: offscreen, our theme, and any warning of Qt fails the test that
// caused it.
#include <gtest/gtest.h>

#include <QApplication>

#include "tests/support/qt_warnings.h"
#include "widgets/theme.h"

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("XDG_RUNTIME_DIR", qEnvironmentVariable("XDG_RUNTIME_DIR", "/tmp").toUtf8());
    testing::InitGoogleTest(&argc, argv);
    moescope::failOnQtWarnings();
    QApplication application(argc, argv);
    moescope::applyTheme(application, moescope::Theme::light());
    return RUN_ALL_TESTS();
}
