// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// moescope: the window, or one view of a run as a file.
#include <cstdio>
#include <cstring>

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

/// --render needs no display: the platform must be chosen before the application exists.
bool rendersOnly(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i)
        if (std::strncmp(argv[i], "--render", 8) == 0 || std::strcmp(argv[i], "--version") == 0
            || std::strcmp(argv[i], "--help") == 0)
            return true;
    return false;
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
    if (rendersOnly(argc, argv))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("moescope"));
    QApplication::setApplicationVersion(QStringLiteral(MOESCOPE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("moescope"));

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Set up, run, watch and compare experiments with sparse Mixture-of-Experts language models."));
    parser.addPositionalArgument(
        QStringLiteral("FOLDER"), QStringLiteral("Runs, or folders of runs, to show."), QStringLiteral("[FOLDER…]"));
    parser.addOption({QStringLiteral("render"),
        QStringLiteral("Write one view of a run into a file, without a window; \"list\" prints the views."),
        QStringLiteral("VIEW")});
    parser.addOption({{QStringLiteral("o"), QStringLiteral("output")},
        QStringLiteral("File for --render; its ending decides: png, svg, pdf, csv, md."), QStringLiteral("FILE")});
    parser.addOption(
        {QStringLiteral("step"), QStringLiteral("Step for --render; default: the last record."), QStringLiteral("N")});
    parser.addOption({QStringLiteral("layer"), QStringLiteral("Layer for --render; default: 0."), QStringLiteral("N")});
    parser.addOption({QStringLiteral("theme"), QStringLiteral("light or dark, for --render."), QStringLiteral("THEME"),
        QStringLiteral("light")});
    parser.addOption({QStringLiteral("size"), QStringLiteral("Size for --render in pixels."), QStringLiteral("WxH")});
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    if (!parser.parse(QApplication::arguments()))
        return complain(parser.errorText(), ErrorKind::User);
    if (parser.isSet(help)) {
        QTextStream(stdout) << parser.helpText();
        return 0;
    }
    if (parser.isSet(version)) {
        QTextStream(stdout) << "moescope " << QApplication::applicationVersion() << '\n';
        return 0;
    }
    if (parser.isSet(QStringLiteral("render"))) {
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
