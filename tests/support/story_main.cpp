// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// main() of tests that kill a window: the tests, or with the argument "window" the window process.
#include <cstring>

#include <gtest/gtest.h>

#include <QApplication>

#include "tests/support/qt_warnings.h"
#include "widgets/theme.h"

namespace moescope {
int windowProcess();
}

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("XDG_RUNTIME_DIR", qEnvironmentVariable("XDG_RUNTIME_DIR", "/tmp").toUtf8());
    testing::InitGoogleTest(&argc, argv);
    moescope::failOnQtWarnings();
    QApplication application(argc, argv);
    moescope::applyTheme(application, moescope::Theme::light());
    if (argc > 1 && std::strcmp(argv[1], "window") == 0)
        return moescope::windowProcess();
    return RUN_ALL_TESTS();
}
