// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// main() of every test program that opens widgets: offscreen, our theme, and any warning of Qt fails the test that
// caused it.
#include <gtest/gtest.h>

#include <QApplication>
#include <QStringList>

#include "widgets/theme.h"

namespace {

QStringList warnings;

void onMessage(QtMsgType type, const QMessageLogContext&, const QString& text)
{
    // The offscreen platform says so for every top-level window with a minimum size; no desktop does.
    const bool ofThePlatform = text == QLatin1String("This plugin does not support propagateSizeHints()");
    if (type == QtDebugMsg || type == QtInfoMsg || ofThePlatform)
        return;
    warnings << text;
}

class WarningsFail : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo&) override { warnings.clear(); }
    void OnTestEnd(const testing::TestInfo&) override
    {
        for (const QString& text : warnings)
            ADD_FAILURE() << "Qt warned: " << text.toStdString();
    }
};

}  // namespace

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("XDG_RUNTIME_DIR", qEnvironmentVariable("XDG_RUNTIME_DIR", "/tmp").toUtf8());
    testing::InitGoogleTest(&argc, argv);
    qInstallMessageHandler(onMessage);
    QApplication application(argc, argv);
    moescope::applyTheme(application, moescope::Theme::light());
    testing::UnitTest::GetInstance()->listeners().Append(new WarningsFail);
    return RUN_ALL_TESTS();
}
