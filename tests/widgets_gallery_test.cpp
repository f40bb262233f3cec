// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Every widget in both themes as pictures under test-output/widgets, for eyes; each must paint without a warning and
// not be blank.
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabBar>

#include "tests/support/widget_samples.h"
#include "widgets/bar_cells.h"
#include "widgets/code_view.h"
#include "widgets/icon.h"
#include "widgets/key_figure.h"
#include "widgets/line_chart.h"
#include "widgets/panel.h"
#include "widgets/state_glyph.h"
#include "widgets/time_map.h"
#include "widgets/timeline.h"

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
        if (QWidget* focus = widget.focusWidget())
            focus->clearFocus();
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

TEST_P(WidgetGallery, LayerMatrix)
{
    Panel panel(QStringLiteral("Layer 3"));
    panel.setSubtitle(QStringLiteral("probe 6,000, clustered order of 6,000"));
    auto* matrix = new MatrixView;
    matrix->setData(samples::similarity(true));
    matrix->setPairs({{2, 5}}, QStringLiteral("R9 pair"));
    matrix->setCut(0.35);
    matrix->setSelection(2, 5);
    panel.setContent(matrix);
    panel.setBadge(QStringLiteral("average linkage on 1 − S"));
    keep(panel, QStringLiteral("matrix"), {490, 480});
}

TEST_P(WidgetGallery, SmallMatrices)
{
    QWidget row;
    row.setBackgroundRole(QPalette::Base);
    row.setAutoFillBackground(true);
    auto* layout = new QHBoxLayout(&row);
    layout->setSpacing(0);
    for (int layer = 0; layer < 4; ++layer) {
        auto* matrix = new MatrixView;
        matrix->setSmall(true);
        matrix->setData(samples::similarity(layer == 3));
        matrix->setSelected(layer == 3);
        matrix->setHeading(QStringLiteral("L%1").arg(layer),
            layer == 3 ? QStringLiteral("D/E 0.36") : QStringLiteral("D/E 0.95"),
            layer == 3 ? State::Alarm : State::Ok);
        layout->addWidget(matrix);
    }
    keep(row, QStringLiteral("matrices"), {620, 180});
}

TEST_P(WidgetGallery, ExpertsOverTime)
{
    Panel panel(QStringLiteral("Layer 3, expert × time"));
    panel.setSubtitle(QStringLiteral("16 experts, columns keep min and max"));
    auto* map = new TimeMap;
    map->setSource(16, 1, 6180, samples::loadOverTime);
    map->setCursors(6180, 4000);
    map->setMarks({{4200, {}, State::Alarm}});
    map->setSelectedRow(5);
    std::vector<double> a, b;
    for (int i = 0; i < 16; ++i) {
        a.push_back(1 + 0.04 * (i % 3 - 1));
        b.push_back(1 + 0.05 * (i % 5 - 2));
    }
    map->setBars(a, b, QStringLiteral("load at A"));
    panel.setContent(map);
    panel.setBadge(QStringLiteral("column = 9 steps"));
    keep(panel, QStringLiteral("time"), {930, 260});
}

TEST_P(WidgetGallery, RunTimeline)
{
    Timeline timeline;
    timeline.setData(samples::timeline());
    timeline.setCursors(6180, 4000);
    timeline.setProbeText(QStringLiteral("Probe shown: A 6,000 · B 4,000"));
    keep(timeline, QStringLiteral("timeline"), {1440, timeline.sizeHint().height()});
}

TEST_P(WidgetGallery, SettingsForm)
{
    Panel panel(QStringLiteral("Fields"));
    auto* form = new FieldForm;
    form->setFields(samples::formFields());
    form->setValue(QStringLiteral("model.dropout"), 0.1);
    form->setNote(QStringLiteral("model.dropout"), QStringLiteral("evaluated without it"));
    form->setValue(QStringLiteral("model.num_heads"), 3);
    form->setError(
        QStringLiteral("model.num_heads"), QStringLiteral("3 heads do not divide width 128: use 1, 2, 4 or 8"));
    panel.setContent(form);
    keep(panel, QStringLiteral("form"), {368, 420});
}

TEST_P(WidgetGallery, TextWithDifference)
{
    CodeView code;
    const QStringList before{QStringLiteral("{"), QStringLiteral("  \"seed\": 1,"),
        QStringLiteral("  \"dropout\": 0.0"), QStringLiteral("}")};
    const QStringList after{QStringLiteral("{"), QStringLiteral("  \"seed\": 1,"), QStringLiteral("  \"dropout\": 0.1"),
        QStringLiteral("}")};
    code.setDiff(before, after, false);
    keep(code, QStringLiteral("code"), {300, 120});
}

TEST_P(WidgetGallery, Controls)
{
    QWidget row;
    auto* layout = new QHBoxLayout(&row);
    auto* start = new QPushButton(icon(QStringLiteral("start")), QStringLiteral("Start"));
    start->setEnabled(false);
    layout->addWidget(start);
    layout->addWidget(new QPushButton(icon(QStringLiteral("pause")), QStringLiteral("Pause")));
    layout->addWidget(new QPushButton(icon(QStringLiteral("checkpoint")), QStringLiteral("Checkpoint")));
    auto* axis = new QComboBox;
    axis->addItems({QStringLiteral("x: step"), QStringLiteral("x: tokens")});
    layout->addWidget(axis);
    auto* box = new QCheckBox(QStringLiteral("Link x"));
    box->setChecked(true);
    layout->addWidget(box);
    layout->addWidget(new QCheckBox(QStringLiteral("Band")));
    auto* search = new QLineEdit;
    search->setPlaceholderText(QStringLiteral("Filter: text, or key = value"));
    search->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    layout->addWidget(search);
    auto* tabs = new QTabBar;
    for (const char* name : {"Set-up", "Overview", "Curves"})
        tabs->addTab(QString::fromLatin1(name));
    tabs->setCurrentIndex(1);
    layout->addWidget(tabs);
    keep(row, QStringLiteral("controls"), {960, 44});
}

TEST_P(WidgetGallery, Icons)
{
    QWidget sheet;
    auto* layout = new QGridLayout(&sheet);
    int i = 0;
    for (const QString& name : iconNames()) {
        auto* cell = new QLabel;
        cell->setPixmap(iconPixmap(name, 32, 1, currentTheme().text2));
        layout->addWidget(cell, i / 14, i % 14);
        ++i;
    }
    keep(sheet, QStringLiteral("icons"), sheet.sizeHint());
}

TEST_P(WidgetGallery, PanelStates)
{
    QWidget row;
    auto* layout = new QHBoxLayout(&row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* empty = new Panel(QStringLiteral("Loss"));
    empty->showEmpty(QStringLiteral("No run is open."), QStringLiteral("Start the demo, or open a folder with runs."),
        {QStringLiteral("Start the demo"), QStringLiteral("Open a folder")});
    auto* waiting = new Panel(QStringLiteral("Similarity"));
    auto* chart = new LineChart;
    ChartSpec axes;
    axes.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    chart->setSpec(axes);
    waiting->setContent(chart);
    waiting->showWaiting(QStringLiteral("First probe at step 250, in 3 min"));
    auto* broken = new Panel(QStringLiteral("Expert load"));
    auto* map = new Heatmap;
    map->setData(samples::load());
    broken->setContent(map);
    broken->setError(
        QStringLiteral("events.out.tfevents.1: record 4,211 is damaged. The rest is shown; resume rewrites it."));
    for (Panel* panel : {empty, waiting, broken})
        layout->addWidget(panel);
    keep(row, QStringLiteral("panels"), {1080, 240});
}

// The factor of the screen is fixed when a program starts, so each is a run of its own; grab() at a scale proves the
// painting.
TEST_P(WidgetGallery, PaintsSharpAtEveryScale)
{
    Heatmap map;
    map.setData(samples::load());
    map.setSelection(3, 5);
    map.resize(640, 260);
    MatrixView matrix;
    matrix.setData(samples::similarity(true));
    matrix.resize(420, 420);
    LineChart chart;
    chart.setSpec(samples::lossSpec());
    chart.resize(520, 240);
    for (const qreal scale : {1.0, 1.5, 2.0}) {
        for (QWidget* widget :
            {static_cast<QWidget*>(&map), static_cast<QWidget*>(&matrix), static_cast<QWidget*>(&chart)}) {
            QImage image(widget->size() * scale, QImage::Format_RGB32);
            image.setDevicePixelRatio(scale);
            widget->render(&image);
            const QString name =
                QStringLiteral("scaled-%1-%2")
                    .arg(QString::fromLatin1(widget->metaObject()->className()).section(QStringLiteral("::"), -1))
                    .arg(scale);
            ASSERT_TRUE(image.save(QStringLiteral("test-output/widgets/%1-%2.png")
                                       .arg(name, GetParam() ? QStringLiteral("dark") : QStringLiteral("light"))));
        }
        // A row frame is exactly accent on its own pixels: no blur at 150 %.
        QImage image(map.size() * scale, QImage::Format_RGB32);
        image.setDevicePixelRatio(scale);
        map.render(&image);
        const QRect row = map.cellLayout().row(3);
        const int x = int(row.center().x() * scale), y = int(row.top() * scale);
        int sharp = 0;
        for (int dy = -3; dy <= 3; ++dy)
            sharp += QColor(image.pixel(x, y + dy)) == currentTheme().accent;
        EXPECT_GE(sharp, 1) << scale;
        EXPECT_LE(sharp, int(std::ceil(scale))) << scale;
    }
}

INSTANTIATE_TEST_SUITE_P(LightAndDark, WidgetGallery, testing::Bool(), testing::PrintToStringParamName());
