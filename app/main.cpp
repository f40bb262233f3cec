// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// moescope: the window, or one view of a run as a file.
#include <cstdio>

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QTextStream>

#include "app/main_window.h"
#include "app/render.h"
#include "app/theme_choice.h"

namespace {

using namespace moescope;

int complain(const QString& text, ErrorKind kind)
{
    QTextStream(stderr) << "moescope: " << text << '\n';
    return exitCode(kind);
}

/// Neither X nor Wayland, and no other platform asked for.
bool hasNoDisplay()
{
    return qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")
        && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
}

bool readSize(const QString& text, QSize& size)
{
    const QStringList parts = text.split(QLatin1Char('x'));
    bool width = false, height = false;
    if (parts.size() == 2)
        size = QSize(parts[0].toInt(&width), parts[1].toInt(&height));
    return width && height && size.width() >= 120 && size.height() >= 80 && size.width() <= 8192
        && size.height() <= 8192;
}

void addOptions(QCommandLineParser& parser)
{
    const auto text = [](const char* words) { return QString::fromUtf8(words); };
    parser.setApplicationDescription(
        text("Set up, run, watch and compare experiments with sparse Mixture-of-Experts language models."));
    parser.addPositionalArgument(text("FOLDER"), text("Runs, or folders of runs, to show."), text("[FOLDER…]"));
    parser.addOption({text("render"),
        text("Write one view of a run into a file, without a window; \"list\" prints the views."), text("VIEW")});
    parser.addOption({{text("o"), text("output")},
        text("File for --render; its ending decides: png, svg, pdf, csv, md."), text("FILE")});
    parser.addOption({text("step"), text("Step for --render; default: the last record."), text("N")});
    parser.addOption({text("layer"), text("Layer for --render; default: 0."), text("N")});
    parser.addOption({text("theme"), text("light or dark, for --render."), text("THEME"), text("light")});
    parser.addOption({text("size"), text("Size for --render in pixels."), text("WxH")});
    parser.addOption({{text("h"), text("help")}, text("Show this text.")});
    parser.addOption({{text("v"), text("version")}, text("Show the version.")});
}

int render(const QCommandLineParser& parser)
{
    const QString view = parser.value(QStringLiteral("render"));
    if (view == QStringLiteral("list")) {
        QTextStream(stdout) << renderViews().join(QLatin1Char('\n')) << '\n';
        return 0;
    }
    RenderRequest request;
    request.view = view;
    if (parser.positionalArguments().size() != 1)
        return complain(QStringLiteral("--render %1 needs exactly one run folder").arg(view), ErrorKind::User);
    request.run = parser.positionalArguments().first();
    request.file = parser.value(QStringLiteral("output"));
    if (request.file.isEmpty())
        return complain(QStringLiteral("--render %1 needs -o FILE").arg(view), ErrorKind::User);
    bool step = true, layer = true;
    if (parser.isSet(QStringLiteral("step")))
        request.step = parser.value(QStringLiteral("step")).toLongLong(&step);
    if (parser.isSet(QStringLiteral("layer")))
        request.layer = parser.value(QStringLiteral("layer")).toInt(&layer);
    if (!step || !layer)
        return complain(QStringLiteral("--step and --layer take whole numbers"), ErrorKind::User);
    const QString theme = parser.value(QStringLiteral("theme"));
    if (theme != QStringLiteral("light") && theme != QStringLiteral("dark"))
        return complain(QStringLiteral("--theme is light or dark, not \"%1\"").arg(theme), ErrorKind::User);
    request.dark = theme == QStringLiteral("dark");
    if (parser.isSet(QStringLiteral("size")) && !readSize(parser.value(QStringLiteral("size")), request.size))
        return complain(QStringLiteral("--size is WIDTHxHEIGHT in pixels, 120x80 to 8192x8192"), ErrorKind::User);
    const Result<void> done = renderView(request);
    return done ? 0 : complain(QString::fromStdString(done.error().text), done.error().kind);
}

}  // namespace

int main(int argc, char** argv)
{
    // The command line first: what is wrong with it must be said without a display too.
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);
    QCommandLineParser parser;
    addOptions(parser);
    if (!parser.parse(arguments))
        return complain(parser.errorText(), ErrorKind::User);
    const bool talks = parser.isSet(QStringLiteral("help")) || parser.isSet(QStringLiteral("version"));
    const bool renders = parser.isSet(QStringLiteral("render"));
    if (!talks && !renders && hasNoDisplay())
        return complain(
            QStringLiteral(
                "there is no display (DISPLAY and WAYLAND_DISPLAY are not set). Views can be drawn without one: "
                "moescope --render VIEW RUN -o FILE; moescope-engine trains in the terminal."),
            ErrorKind::Resources);
    if (talks || renders)
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("moescope"));
    QApplication::setApplicationVersion(QStringLiteral(MOESCOPE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("moescope"));
    if (parser.isSet(QStringLiteral("help"))) {
        QTextStream(stdout) << parser.helpText();
        return 0;
    }
    if (parser.isSet(QStringLiteral("version"))) {
        QTextStream(stdout) << "moescope " << QApplication::applicationVersion() << '\n';
        return 0;
    }
    if (renders) {
        applyTheme(application, Theme::light());
        return render(parser);
    }

    WindowOptions options;
    for (const QString& folder : parser.positionalArguments())
        options.folders << QFileInfo(folder).absoluteFilePath();
    applyTheme(application, storedTheme(options.settingsFile));
    MainWindow window(options);
    window.show();
    return QApplication::exec();
}
