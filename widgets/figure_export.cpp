// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/figure_export.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <QBuffer>
#include <QClipboard>
#include <QCoreApplication>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImageWriter>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include "widgets/crisp.h"

namespace moescope {

namespace {

constexpr int kEdge = 12, kPixelsPerInch = 96, kPdfResolution = 1200;

QString tr(const char* text) { return QCoreApplication::translate("FigureExport", text); }

const Theme& themeOf(const FigureOptions& options) { return options.dark ? Theme::dark() : Theme::light(); }

qreal titleHeight(const Figure& figure, const FigureOptions& options)
{
    return options.title && !figure.figureTitle().isEmpty() ? metrics::title() : 0;
}

QSizeF innerSize(const Figure& figure, const FigureOptions& options)
{
    if (options.size.isEmpty()) {
        // A small figure is as wide as its title.
        const QSizeF own = figure.figureSize();
        const qreal title =
            titleHeight(figure, options) > 0 ? crisp::textWidth(themeOf(options).title, figure.figureTitle()) : 0;
        return {std::max(own.width(), std::ceil(title) + 1), own.height()};
    }
    return {std::max(options.size.width() - 2 * kEdge, 60.0),
        std::max(options.size.height() - 2 * kEdge - titleHeight(figure, options), 40.0)};
}

QSizeF pageSize(const std::vector<const Figure*>& figures, const FigureOptions& options)
{
    QSizeF size(2 * kEdge, kEdge);
    for (const Figure* figure : figures) {
        const QSizeF inner = innerSize(*figure, options);
        size.setWidth(std::max(size.width(), inner.width() + 2 * kEdge));
        size.setHeight(size.height() + inner.height() + titleHeight(*figure, options) + kEdge);
    }
    return {std::ceil(size.width()), std::ceil(size.height())};
}

void paintPage(QPainter& painter, const std::vector<const Figure*>& figures, QSizeF page, const FigureOptions& options)
{
    const Theme& theme = themeOf(options);
    painter.fillRect(QRectF(QPointF(), page), theme.base);
    qreal y = kEdge;
    for (const Figure* figure : figures) {
        const QSizeF inner(page.width() - 2 * kEdge, innerSize(*figure, options).height());
        if (const qreal title = titleHeight(*figure, options); title > 0) {
            crisp::elided(painter, QRectF(kEdge, y, inner.width(), title), Qt::AlignLeft | Qt::AlignTop,
                figure->figureTitle(), theme.title, theme.text);
            y += title;
        }
        painter.save();
        figure->paintFigure(painter, QRectF(QPointF(kEdge, y), inner), theme);
        painter.restore();
        y += inner.height() + kEdge;
    }
}

QByteArray aboutAsJson(const FigureOptions& options)
{
    QJsonObject object;
    for (auto it = options.about.begin(); it != options.about.end(); ++it)
        object.insert(it.key(), it.value());
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QImage pageImage(const std::vector<const Figure*>& figures, const FigureOptions& options)
{
    const QSizeF page = pageSize(figures, options);
    QImage image((page * options.scale).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(options.scale);
    image.setDotsPerMeterX(int(kPixelsPerInch * options.scale / 0.0254));
    image.setDotsPerMeterY(image.dotsPerMeterX());
    QPainter painter(&image);
    painter.setRenderHint(QPainter::TextAntialiasing);
    paintPage(painter, figures, page, options);
    painter.end();
    for (auto it = options.about.begin(); it != options.about.end(); ++it)
        image.setText(it.key(), it.value());
    return image;
}

QByteArray pagePng(const std::vector<const Figure*>& figures, const FigureOptions& options)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QImageWriter(&buffer, "png").write(pageImage(figures, options));
    return buffer.data();
}

QByteArray pageSvg(const std::vector<const Figure*>& figures, const FigureOptions& options)
{
    const QSizeF page = pageSize(figures, options);
    QBuffer buffer;
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setResolution(kPixelsPerInch);
    svg.setSize(page.toSize());
    svg.setViewBox(QRectF(QPointF(), page));
    svg.setTitle(figures.front()->figureTitle());
    svg.setDescription(QString::fromUtf8(aboutAsJson(options)));
    QPainter painter(&svg);
    paintPage(painter, figures, page, options);
    painter.end();
    return buffer.data();
}

QByteArray pagePdf(const std::vector<const Figure*>& figures, const FigureOptions& options)
{
    const QSizeF page = pageSize(figures, options);
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter pdf(&buffer);
    pdf.setResolution(kPdfResolution);
    pdf.setPageSize(QPageSize(page * 72.0 / kPixelsPerInch, QPageSize::Point, QString(), QPageSize::ExactMatch));
    pdf.setPageMargins({});
    pdf.setTitle(figures.front()->figureTitle());
    pdf.setCreator(QStringLiteral("Moescope"));
    if (!options.about.isEmpty())
        pdf.addFileAttachment(
            QStringLiteral("moescope.json"), aboutAsJson(options), QStringLiteral("application/json"));
    QPainter painter(&pdf);
    painter.scale(double(kPdfResolution) / kPixelsPerInch, double(kPdfResolution) / kPixelsPerInch);
    paintPage(painter, figures, page, options);
    painter.end();
    return buffer.data();
}

QByteArray pageTable(const std::vector<const Figure*>& figures, TableFormat format)
{
    QByteArray text;
    for (const Figure* figure : figures) {
        if (!text.isEmpty())
            text += '\n';
        text += figure->tableText(format).toUtf8();
    }
    return text;
}

QByteArray encode(const std::vector<const Figure*>& figures, const QString& ending, const FigureOptions& options)
{
    if (ending == QStringLiteral("png"))
        return pagePng(figures, options);
    if (ending == QStringLiteral("svg"))
        return pageSvg(figures, options);
    if (ending == QStringLiteral("pdf"))
        return pagePdf(figures, options);
    return pageTable(figures, ending == QStringLiteral("md") ? TableFormat::Markdown : TableFormat::Csv);
}

}  // namespace

QStringList exportEndings()
{
    return {QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"), QStringLiteral("csv"),
        QStringLiteral("md")};
}

QString exportFigures(const std::vector<const Figure*>& figures, const QString& path, const FigureOptions& options)
{
    const QString ending = QFileInfo(path).suffix().toLower();
    if (!exportEndings().contains(ending))
        return tr("%1: the ending must be one of .%2.").arg(path, exportEndings().join(QStringLiteral(", .")));
    if (figures.empty())
        return tr("%1: there is nothing to export.").arg(path);
    const QByteArray bytes = encode(figures, ending, options);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return tr("%1: cannot be written: %2. Choose another folder.").arg(path, file.errorString());
    return {};
}

QString exportFigure(const Figure& figure, const QString& path, const FigureOptions& options)
{
    return exportFigures({&figure}, path, options);
}

QImage figureImage(const Figure& figure, const FigureOptions& options) { return pageImage({&figure}, options); }

void copyFigure(const Figure& figure)
{
    auto data = std::make_unique<QMimeData>();
    data->setImageData(figureImage(figure));
    data->setData(QStringLiteral("image/svg+xml"), pageSvg({&figure}, {}));
    data->setData(QStringLiteral("text/csv"), figure.tableText(TableFormat::Csv).toUtf8());
    QGuiApplication::clipboard()->setMimeData(data.release());
}

}  // namespace moescope
