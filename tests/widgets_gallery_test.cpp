// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Every widget in both themes as pictures under test-output/widgets, for eyes; each must paint without a warning and
// not be blank.
#include <set>

#include <gtest/gtest.h>

#include <QApplication>
#include <QDir>
#include <QHBoxLayout>

#include "tests/support/widget_samples.h"
#include "widgets/bar_cells.h"
#include "widgets/key_figure.h"
#include "widgets/line_chart.h"
#include "widgets/panel.h"
#include "widgets/state_glyph.h"

using namespace moescope;

namespace {

class WidgetGallery : public testing::TestWithParam<bool> {
protected:
    void SetUp() override { applyTheme(*qApp, GetParam() ? Theme::dark() : Theme::light()); }
    void TearDown() override { applyTheme(*qApp, Theme::light()); }

    void keep(QWidget& widget, const QString& name, QSize size)
    {
        widget.resize(size);
        widget.show();
        QApplication::processEvents();
        const QImage image = widget.grab().toImage();
        QDir().mkpath(QStringLiteral("test-output/widgets"));
        ASSERT_TRUE(image.save(QStringLiteral("test-output/widgets/%1-%2.png")
                                   .arg(name, GetParam() ? QStringLiteral("dark") : QStringLiteral("light"))));
        std::set<QRgb> colors;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                colors.insert(image.pixel(x, y));
        }
        EXPECT_GT(colors.size(), 5U) << name.toStdString();
    }
};

}  // namespace

TEST_P(WidgetGallery, LossChart)
{
    Panel panel(QStringLiteral("Loss"));
    panel.setSubtitle(QStringLiteral("language model, bits/byte"));
    auto* chart = new LineChart;
    panel.setContent(chart);
    QObject::connect(chart, &LineChart::badgeChanged, &panel, [&panel](const QString& text) { panel.setBadge(text); });
    chart->setSpec(samples::lossSpec());
    chart->setCursors(6180, {});
    panel.resize(527, 256);
    panel.show();
    QApplication::processEvents();
    panel.setBadge(chart->badge());
    keep(panel, QStringLiteral("loss"), {527, 256});
}

TEST_P(WidgetGallery, DiversityChart)
{
    Panel panel(QStringLiteral("Expert diversity D/E"));
    panel.setSubtitle(QStringLiteral("per layer"));
    auto* chart = new LineChart;
    panel.setContent(chart);
    ChartSpec spec = samples::diversitySpec();
    spec.readout = false;
    chart->setSpec(spec);
    chart->setCursors(6180, 4000);
    panel.setBadge(QStringLiteral("25 probes"));
    keep(panel, QStringLiteral("diversity"), {390, 206});
}

TEST_P(WidgetGallery, LogChartWithHoles)
{
    Panel panel(QStringLiteral("train/gradient_norm"));
    panel.setSubtitle(QStringLiteral("log, 2 runs"));
    auto* chart = new LineChart;
    panel.setContent(chart);
    ChartSpec spec;
    spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    spec.y.log = true;
    ChartSeries a, b;
    a.name = QStringLiteral("14 smoe");
    a.source = samples::loss();
    b.name = QStringLiteral("7 st-moe");
    b.role = LineRole::run(5);
    b.source = samples::withHoles();
    spec.series = {a, b};
    spec.thresholds = {{1.0, QStringLiteral("clip 1.0"), ChartThreshold::Side::None, State::None, false}};
    chart->setSpec(spec);
    chart->setCursors(6180, 4000);
    keep(panel, QStringLiteral("holes"), {390, 230});
}

TEST_P(WidgetGallery, CompareChart)
{
    LineChart chart;
    ChartSpec spec;
    spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    spec.clipY = true;
    const QStringList names{QStringLiteral("14 smoe"), QStringLiteral("12 simsmoe+smoe"),
        QStringLiteral("11 competesmoe"), QStringLiteral("9 stablemoe")};
    for (int i = 0; i < 4; ++i) {
        ChartSeries series;
        series.name = names[i];
        series.role = LineRole::run(i);
        series.markers = true;
        series.source = samples::validation(250, -0.02 * i);
        spec.series.push_back(series);
    }
    chart.setSpec(spec);
    chart.setCursors(6180, 4000);
    chart.setHoverX(4000);
    keep(chart, QStringLiteral("compare"), {420, 240});
}

TEST_P(WidgetGallery, SmoothedChart)
{
    LineChart chart;
    ChartSpec spec;
    spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    spec.clipY = true;
    ChartSeries series;
    series.name = QStringLiteral("raw");
    series.source = samples::loss();
    series.smoothed = trailingMean(*series.source, 100);
    series.smoothedName = QStringLiteral("mean of last 100 steps");
    std::vector<ChartPoint> gone;
    for (int step = 2500; step < 2900; ++step)
        gone.push_back({double(step), 2.2 - (step - 2500) * 0.0001});
    series.rolledBack = std::make_shared<PointsSource>(gone);
    spec.series = {series};
    chart.setSpec(spec);
    keep(chart, QStringLiteral("smoothed"), {390, 220});
}

TEST_P(WidgetGallery, LoadMap)
{
    Panel panel(QStringLiteral("Load, layer × expert"));
    panel.setSubtitle(QStringLiteral("units of fair share, at A = step 6,180, window 100 steps"));
    panel.setBadge(QStringLiteral("assigned = tokens × 2 in all layers ✓"));
    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(12, 8, 8, 8);
    auto* map = new Heatmap;
    map->setData(samples::load());
    map->setDeadText(QStringLiteral("dead in window"));
    map->setSelection(3, 5);
    auto* bars = new BarCells;
    BarColumn maxVio{QStringLiteral("MaxVio"), {}, false}, dead{QStringLiteral("Dead"), {}, false},
        diverse{QStringLiteral("D/E"), {}, false};
    const double values[] = {0.88, 0.81, 0.47, 0.07, 0.53, 0.69};
    for (int i = 0; i < 6; ++i) {
        maxVio.cells.push_back({QString::number(values[i], 'f', 2), values[i] / 1.5, 0.05 / 1.5, State::None});
        dead.cells.push_back(
            {i == 5 ? QStringLiteral("1") : QStringLiteral("0"), {}, {}, i == 5 ? State::Alarm : State::None});
        diverse.cells.push_back({i == 3 ? QStringLiteral("0.36") : QStringLiteral("0.9%1").arg(i), {}, {},
            i == 3 ? State::Alarm : State::None});
    }
    bars->setColumns({maxVio, dead, diverse}, map->data().rowLabels);
    bars->setSelectedRow(3);
    row->addWidget(map, 1);
    row->addWidget(bars);
    bars->alignTo(map);
    panel.setContent(content);
    keep(panel, QStringLiteral("load"), {930, 260});
}

TEST_P(WidgetGallery, SmallMap)
{
    Heatmap map;
    map.setCompact(true);
    map.setData(samples::load());
    map.setSelection(3, 5);
    keep(map, QStringLiteral("smallmap"), {250, 150});
}

TEST_P(WidgetGallery, LayerHealth)
{
    Panel panel(QStringLiteral("Layer health"));
    panel.setBadge(QStringLiteral("load: last 100 steps · probe 6,000"));
    auto* grid = new HealthGrid;
    samples::fillHealth(*grid);
    panel.setContent(grid);
    keep(panel, QStringLiteral("health"), {390, 256});
}

TEST_P(WidgetGallery, KeyFigures)
{
    QWidget row;
    row.setAutoFillBackground(true);
    row.setBackgroundRole(QPalette::Base);
    auto* layout = new QHBoxLayout(&row);
    layout->setContentsMargins(0, 6, 0, 6);
    layout->setSpacing(0);
    auto* validation = new KeyFigure(QStringLiteral("Validation"));
    validation->setValue(QStringLiteral("1.874"), QStringLiteral("bits/byte"), QStringLiteral("−0.036 per 1 k steps"));
    auto* distinct = new KeyFigure(QStringLiteral("Distinct experts"));
    distinct->setValue(
        QStringLiteral("0.36"), QStringLiteral("worst D/E, layer 3"), QStringLiteral("0.95 at step 4,000"));
    distinct->setState(State::Alarm);
    layout->addWidget(validation);
    layout->addWidget(distinct);
    keep(row, QStringLiteral("figures"), row.sizeHint());
}

TEST_P(WidgetGallery, States)
{
    QWidget row;
    auto* layout = new QHBoxLayout(&row);
    for (const State state : {State::Ok, State::Finished, State::Watch, State::Alarm, State::Failed, State::Paused,
             State::Stopped, State::Resolved, State::Queued, State::NonFinite})
        layout->addWidget(new StateGlyph(state));
    keep(row, QStringLiteral("states"), row.sizeHint());
}

INSTANTIATE_TEST_SUITE_P(LightAndDark, WidgetGallery, testing::Bool(), testing::PrintToStringParamName());
