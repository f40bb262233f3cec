// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

namespace moescope {
namespace {

QString fileName(const Figure& figure)
{
    QString name;
    for (const QChar c : figure.figureTitle().toLower())
        name += c.isLetterOrNumber() ? c : QLatin1Char('-');
    while (name.contains(QStringLiteral("--")))
        name.replace(QStringLiteral("--"), QStringLiteral("-"));
    return name.left(60) + QStringLiteral(".png");
}

}  // namespace

QMap<QString, QString> aboutRun(const RunView& view)
{
    return {{QStringLiteral("run"), QString::fromStdString(view.identity.id)},
        {QStringLiteral("name"), QString::fromStdString(view.identity.name)},
        {QStringLiteral("step"), QString::number(view.snapshot->lastStep)},
        {QStringLiteral("program"), QString::fromStdString(view.identity.program)},
        {QStringLiteral("git"), QString::fromStdString(view.identity.git)},
        {QStringLiteral("moescope"), QCoreApplication::applicationVersion()}};
}

void askExport(QWidget* parent, std::vector<const Figure*> figures, const QString& folder, const RunViewPtr& view,
    std::function<void(const QString& file, const QString& error)> done)
{
    const QString start = QFileInfo(folder).isWritable() ? folder : QDir::homePath();
    auto* dialog = new QFileDialog(parent,
        QCoreApplication::translate("Export", "Export as PNG, SVG, PDF, CSV or Markdown: the ending decides"), start);
    dialog->setObjectName(QStringLiteral("exportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    QStringList filters;
    for (const QString& ending : exportEndings())
        filters << QStringLiteral("%1 (*.%2)").arg(ending.toUpper(), ending);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.section(QLatin1Char(' '), 0, 0).toLower());
    });
    dialog->selectFile(fileName(*figures.front()));
    QObject::connect(
        dialog, &QFileDialog::fileSelected, parent, [figures, view, done = std::move(done)](const QString& file) {
            FigureOptions options;
            if (view)
                options.about = aboutRun(*view);
            done(file,
                figures.size() == 1 ? exportFigure(*figures.front(), file, options)
                                    : exportFigures(figures, file, options));
        });
    dialog->open();
}

}  // namespace moescope
