// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Figures as files: any of them without a window, text as text, light unless asked, whole or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QMimeData>
#include <QTemporaryDir>

#include "tests/support/widget_samples.h"
#include "widgets/bar_cells.h"
#include "widgets/figure_export.h"
#include "widgets/line_chart.h"

using namespace moescope;
using testing::HasSubstr;

namespace {

std::string contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

struct Figures {
    LineChart chart;
    Heatmap load;
    MatrixView matrix;
    TimeMap time;
    HealthGrid health;
    Figures()
    {
        chart.setTitle(QStringLiteral("Loss"));
        chart.setSpec(samples::lossSpec());
        load.setTitle(QStringLiteral("Expert load"));
        load.setData(samples::load());
        matrix.setTitle(QStringLiteral("Layer 3"));
        matrix.setData(samples::similarity(true));
        time.setTitle(QStringLiteral("Expert × time"));
        time.resize(600, 240);
        time.setSource(16, 1, 6180, samples::loadOverTime);
        health.setTitle(QStringLiteral("Layer health"));
        samples::fillHealth(health);
    }
    std::vector<const Figure*> all() const { return {&chart, &load, &matrix, &time, &health}; }
};

}  // namespace

TEST(FigureExport, TextStaysTextInSvg)
{
    const QTemporaryDir folder;
    const Figures figures;
    const QString path = folder.filePath(QStringLiteral("all.svg"));
    EXPECT_EQ(exportFigures(figures.all(), path, {}), QString());
    const std::string svg = contents(path);
    for (const char* words : {"Loss", "train, raw, every step", "onset, layer 3", "1 = fair share", "MaxVio",
             "Expert load", "within limits"})
        EXPECT_THAT(svg, HasSubstr(words));
    EXPECT_THAT(svg, HasSubstr("<text"));
}

TEST(FigureExport, PdfHoldsFontsAndWhatItWasMadeFrom)
{
    const QTemporaryDir folder;
    const Figures figures;
    const QString path = folder.filePath(QStringLiteral("loss.pdf"));
    FigureOptions options;
    options.about = {{QStringLiteral("run"), QStringLiteral("smoe-1")}};
    EXPECT_EQ(exportFigure(figures.chart, path, options), QString());
    const std::string pdf = contents(path);
    EXPECT_THAT(pdf, testing::StartsWith("%PDF"));
    EXPECT_THAT(pdf, HasSubstr("/FontFile2"));
    EXPECT_THAT(pdf, HasSubstr("/EmbeddedFile"));
}

TEST(FigureExport, EveryFigureNeedsNoWindowAndIsLightUnlessAsked)
{
    applyTheme(*qApp, Theme::dark());
    const Figures figures;
    for (const Figure* figure : figures.all()) {
        const QImage light = figureImage(*figure);
        FigureOptions options;
        options.dark = true;
        const QImage dark = figureImage(*figure, options);
        EXPECT_EQ(QColor(light.pixel(1, 1)), Theme::light().base) << figure->figureTitle().toStdString();
        EXPECT_EQ(QColor(dark.pixel(1, 1)), Theme::dark().base) << figure->figureTitle().toStdString();
        EXPECT_NE(light, dark);
    }
    applyTheme(*qApp, Theme::light());
}

TEST(FigureExport, PictureDoesNotDependOnTheThemeOfItsMaker)
{
    const auto made = [](const Theme& theme) {
        applyTheme(*qApp, theme);
        const Figures figures;
        return figureImage(figures.load);
    };
    const QImage inDark = made(Theme::dark()), inLight = made(Theme::light());
    EXPECT_EQ(inDark, inLight);
}

TEST(FigureExport, SizeAndScaleAreTheOnesAskedFor)
{
    const Figures figures;
    FigureOptions options;
    options.size = {800, 400};
    options.scale = 3;
    EXPECT_EQ(figureImage(figures.chart, options).size(), QSize(2400, 1200));
}

TEST(FigureExport, CsvIsTheTable)
{
    const QTemporaryDir folder;
    const Figures figures;
    const QString path = folder.filePath(QStringLiteral("load.csv"));
    EXPECT_EQ(exportFigure(figures.load, path), QString());
    EXPECT_EQ(contents(path), figures.load.tableText(TableFormat::Csv).toStdString());
}

TEST(FigureExport, SaysWhichFileAndWhy)
{
    const Figures figures;
    EXPECT_THAT(exportFigure(figures.load, QStringLiteral("/no/such/folder/a.png")).toStdString(),
        HasSubstr("/no/such/folder/a.png"));
    EXPECT_THAT(exportFigure(figures.load, QStringLiteral("a.gif")).toStdString(), HasSubstr(".png, .svg"));
    const QTemporaryDir folder;
    EXPECT_THAT(
        exportFigures({}, folder.filePath(QStringLiteral("a.png"))).toStdString(), HasSubstr("nothing to export"));
}

TEST(FigureExport, ClipboardHoldsPictureVectorAndNumbers)
{
    const Figures figures;
    copyFigure(figures.load);
    const QMimeData* data = QGuiApplication::clipboard()->mimeData();
    EXPECT_TRUE(data->hasImage());
    EXPECT_TRUE(data->hasFormat(QStringLiteral("image/svg+xml")));
    EXPECT_TRUE(data->hasFormat(QStringLiteral("text/csv")));
}

TEST(TableWriter, QuotesAsRfc4180AndKeepsAllDigits)
{
    TableWriter writer(TableFormat::Csv, {QStringLiteral("a,b"), QStringLiteral("c")});
    writer.row({QStringLiteral("say \"x\""), TableWriter::number(0.1)});
    EXPECT_EQ(writer.text().toStdString(), "\"a,b\",c\n\"say \"\"x\"\"\",0.1\n");
    EXPECT_EQ(TableWriter::number(1.0 / 3).toDouble(), 1.0 / 3);
}
