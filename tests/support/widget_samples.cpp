// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/widget_samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace moescope::samples {

namespace {

double lossAt(double step) { return 1.78 + 1.9 * std::exp(-step / 900) + 0.35 * std::exp(-step / 4000); }

}  // namespace

std::shared_ptr<const ChartSource> loss(std::size_t steps)
{
    std::mt19937 random(7);
    std::normal_distribution<double> noise(0, 0.02);
    std::vector<ChartPoint> points;
    points.reserve(steps);
    for (std::size_t i = 1; i <= steps; ++i) {
        const double place = double(i) * 6180.0 / double(steps);
        double y = lossAt(place) + noise(random) - 0.02;
        if (i == 2100 || i == 3400)
            y += i == 2100 ? 0.17 : 0.1;
        points.push_back({double(i), y});
    }
    return std::make_shared<PointsSource>(std::move(points));
}

std::shared_ptr<const ChartSource> validation(int every, double offset)
{
    std::vector<ChartPoint> points;
    for (int step = every; step <= 6180; step += every)
        points.push_back({double(step), lossAt(step) + offset * step / 6180});
    return std::make_shared<PointsSource>(std::move(points));
}

std::shared_ptr<const ChartSource> diversity(int layer)
{
    std::vector<ChartPoint> points;
    for (int step = 250; step <= 6180; step += 250) {
        double y = 0.93 + 0.005 * layer + 0.04 * std::exp(-step / 700.0);
        if (layer == 3)
            y = step <= 4200 ? 0.95 : 0.36 + 0.59 * std::exp(-(step - 4200) / 420.0);
        points.push_back({double(step), y});
    }
    return std::make_shared<PointsSource>(std::move(points));
}

std::shared_ptr<const ChartSource> withHoles()
{
    std::mt19937 random(3);
    std::normal_distribution<double> noise(0, 0.12);
    std::vector<ChartPoint> points;
    for (int step = 1; step < 2125; ++step) {
        const double rise = step > 1950 ? std::exp((step - 1950) / 40.0) : 1;
        const double y = (0.4 + 2.4 * std::exp(-step / 260.0)) * std::exp(noise(random)) * rise;
        points.push_back({double(step), step < 2113 ? y : std::numeric_limits<double>::quiet_NaN()});
    }
    return std::make_shared<PointsSource>(std::move(points));
}

ChartSpec lossSpec()
{
    ChartSpec spec;
    spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    spec.clipY = true;
    spec.pointsWord = QStringLiteral("points");
    ChartSeries raw;
    raw.name = QStringLiteral("train, raw, every step");
    raw.source = loss();
    raw.thin = true;
    raw.band = true;
    ChartSeries checks;
    checks.name = QStringLiteral("validation, every 250");
    checks.source = validation();
    checks.markers = true;
    spec.series = {raw, checks};
    spec.marks = {{4200, QStringLiteral("onset, layer 3"), State::Alarm}};
    return spec;
}

ChartSpec diversitySpec()
{
    ChartSpec spec;
    spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    spec.endLabels = true;
    spec.yLow = 0.2;
    spec.yHigh = 1.0;
    spec.pointsWord = QStringLiteral("probes");
    for (int layer = 0; layer < 6; ++layer) {
        ChartSeries series;
        series.name = QStringLiteral("L%1").arg(layer);
        series.role = layer == 3 ? LineRole{LineRole::Kind::Alarm, 3, 6} : LineRole::layer(layer, 6);
        series.selected = layer == 3;
        series.markers = layer == 3;
        series.source = diversity(layer);
        series.decimals = 2;
        spec.series.push_back(series);
    }
    spec.thresholds = {{0.65, QStringLiteral("alarm below 0.65"), ChartThreshold::Side::Below, State::Alarm, false}};
    spec.marks = {{4200, {}, State::Alarm}};
    return spec;
}

HeatmapData load()
{
    HeatmapData data;
    data.rows = 6;
    data.columns = 16;
    data.corner = QStringLiteral("expert");
    data.values = {1.05F, .85F, 1.14F, 1.28F, 1.00F, .88F, .98F, 1.09F, .75F, .95F, .88F, .78F, .93F, .93F, .61F,
        1.88F,                                                                                                    //
        .90F, 1.40F, .83F, .75F, 1.03F, 1.14F, .08F, .98F, .79F, 1.51F, 1.81F, 1.04F, .79F, .87F, .86F, 1.21F,    //
        1.07F, 1.14F, .86F, 1.00F, .91F, .78F, 1.20F, .66F, 1.03F, .64F, 1.22F, .96F, 1.20F, .81F, 1.04F, 1.47F,  //
        .96F, .90F, .93F, 1.02F, 1.06F, .97F, 1.04F, 1.02F, .98F, 1.01F, 1.07F, 1.04F, .99F, 1.05F, .96F, 1.00F,  //
        .83F, .81F, .91F, .87F, .82F, 1.35F, .83F, .84F, 1.25F, 1.53F, 1.01F, .63F, .85F, .82F, 1.38F, 1.27F,     //
        1.24F, 1.05F, 1.24F, 1.20F, 1.29F, 1.55F, .80F, 1.12F, .93F, .50F, .68F, 0, .98F, .87F, .84F, 1.69F};
    data.states.assign(96, CellState::Number);
    data.states[5 * 16 + 11] = CellState::Dead;
    for (int row = 0; row < data.rows; ++row)
        data.rowLabels << QStringLiteral("L%1").arg(row);
    for (int column = 0; column < data.columns; ++column)
        data.columnLabels << QString::number(column);
    return data;
}

MatrixData similarity(bool collapsed)
{
    MatrixData data;
    data.size = 16;
    data.order = {2, 5, 9, 12, 7, 15, 4, 6, 10, 1, 14, 3, 8, 11, 0, 13};
    const std::vector<int> ends{7, 12, 14, 16};
    const auto groupOf = [&ends](int place) {
        return int(std::upper_bound(ends.begin(), ends.end(), place) - ends.begin());
    };
    data.values.assign(256, 1);
    std::mt19937 random(11);
    std::uniform_real_distribution<float> noise(-0.03F, 0.03F);
    for (int i = 0; i < 16; ++i) {
        for (int j = i + 1; j < 16; ++j) {
            const int a = groupOf(i), b = groupOf(j);
            float value = 0.06F;
            if (collapsed)
                value = a == b ? std::array{0.85F, 0.68F, 0.5F, 0.3F}[std::size_t(a)] : 0.52F - 0.12F * float(b);
            else if (a == b)
                value = 0.16F;
            value += noise(random);
            if (collapsed && i == 0 && j == 1)
                value = 0.98F;
            const auto x = std::size_t(data.order[std::size_t(i)]), y = std::size_t(data.order[std::size_t(j)]);
            data.values[x * 16 + y] = data.values[y * 16 + x] = value;
        }
    }
    // Merges in order of height, as average linkage gives them.
    data.tree = {{2, 5, 0.02}, {16, 9, 0.1}, {17, 12, 0.13}, {18, 7, 0.15}, {19, 15, 0.16}, {20, 4, 0.17},
        {6, 10, 0.27}, {22, 1, 0.3}, {23, 14, 0.32}, {24, 3, 0.36}, {8, 11, 0.5}, {21, 25, 0.55}, {27, 26, 0.66},
        {0, 13, 0.72}, {28, 29, 0.85}};
    return data;
}

TimeMapColumns loadOverTime(double xFrom, double xTo, int numColumns)
{
    TimeMapColumns out{16, numColumns, xFrom, xTo, {}, {}};
    std::mt19937 random(5);
    std::normal_distribution<double> noise(0, 0.05);
    for (int column = 0; column < numColumns; ++column) {
        const double step = xFrom + (column + 1) * (xTo - xFrom) / numColumns;
        for (int row = 0; row < 16; ++row) {
            const double slow = std::sin(row * 2.3 + step / 1500) * 0.35 * (step > 4200 ? 0.3 : 1);
            const double early = std::cos(row * 1.7) * 1.8 * std::exp(-step / 350);
            const double middle = slow + early;
            const bool none = step > 6180;
            const float high = float(std::exp2(middle + std::abs(noise(random)))),
                        low = float(std::exp2(middle - std::abs(noise(random))));
            out.maximum.push_back(none ? std::numeric_limits<float>::quiet_NaN() : high);
            out.minimum.push_back(none ? std::numeric_limits<float>::quiet_NaN() : low);
        }
    }
    return out;
}

TimelineData timeline()
{
    TimelineData data;
    data.planned = 10000;
    data.last = 6180;
    data.segments = {{1, 2900, 2500, State::Stopped}, {2500, 6180, {}, State::Training}};
    for (int step = 500; step <= 6000; step += 500)
        data.checkpoints.push_back(step);
    data.loss = loss();
    data.events = {{500, QStringLiteral("warm-up ends"), State::None}, {2500, QStringLiteral("resumed"), State::None},
        {3000, QStringLiteral("bookmark 1"), State::None},
        {4200, QStringLiteral("L3 onset, est. 4,200"), State::Alarm}};
    data.alarms = {{1280, {}, 1500, 1920, QStringLiteral("R3 L0 resolved")},
        {4750, 5250, {}, 6180, QStringLiteral("R10 L3")}, {4750, 5750, {}, 6180, QStringLiteral("R9 L3")},
        {5760, 5960, {}, 6180, QStringLiteral("R1 L5")}};
    data.remaining = QStringLiteral("remaining 3,820 steps · 42 min");
    return data;
}

std::vector<FormField> formFields()
{
    const auto whole = [](const char* key, const char* label, qint64 value, const char* unit) {
        FormField field;
        field.key = QString::fromLatin1(key);
        field.group = QStringLiteral("Model");
        field.label = QString::fromLatin1(label);
        field.unit = QString::fromLatin1(unit);
        field.fallback = value;
        field.minimum = 1;
        field.maximum = 65536;
        field.help = QStringLiteral("What it does, and when to leave it alone.");
        return field;
    };
    std::vector<FormField> fields{whole("model.hidden_size", "Hidden size", 128, "features"),
        whole("model.num_heads", "Heads", 4, ""), whole("model.context", "Context", 256, "bytes"),
        whole("model.num_experts", "Experts", 16, "per layer"),
        whole("model.expert_size", "Expert size", 256, "features")};
    FormField choice = whole("model.activation", "Activation", 0, "");
    choice.type = FormType::Choice;
    choice.choices = {QStringLiteral("swiglu"), QStringLiteral("gelu"), QStringLiteral("relu")};
    choice.fallback = QStringLiteral("swiglu");
    fields.push_back(choice);
    FormField dropout = whole("model.dropout", "Dropout", 0, "");
    dropout.type = FormType::Number;
    dropout.minimum = 0;
    dropout.maximum = 1;
    dropout.fallback = 0.0;
    fields.push_back(dropout);
    FormField tied = whole("model.tied_head", "Tied head", 0, "");
    tied.type = FormType::Switch;
    tied.fallback = true;
    fields.push_back(tied);
    FormField path = whole("data.path", "Path", 0, "");
    path.group = QStringLiteral("Data");
    path.type = FormType::Path;
    path.fallback = QString();
    fields.push_back(path);
    FormField rate = whole("optimizer.learning_rate", "Learning rate", 0, "");
    rate.group = QStringLiteral("Optimiser");
    rate.type = FormType::Number;
    rate.minimum = 0;
    rate.fallback = 0.0003;
    fields.push_back(rate);
    return fields;
}

void fillHealth(HealthGrid& grid)
{
    const auto plain = [](const char* text) { return HealthCell{QString::fromUtf8(text), State::Ok}; };
    std::vector<std::vector<HealthCell>> cells{
        {plain("0.88"), plain("0"), plain("0.53"), plain("0.92"), plain("1.7"), plain("0.0")},
        {plain("0.81"), plain("0"), plain("0.55"), plain("0.95"), plain("2.0"), plain("0.0")},
        {plain("0.47"), plain("0"), plain("0.59"), plain("0.95"), plain("2.4"), plain("0.0")},
        {plain("0.07"), plain("0"), {QStringLiteral("0.26"), State::Watch}, {QStringLiteral("0.36"), State::Alarm},
            plain("8.2"), plain("0.0")},
        {plain("0.53"), plain("0"), plain("0.66"), plain("0.91"), plain("3.0"), plain("0.0")},
        {plain("0.69"), {QStringLiteral("1"), State::Alarm}, plain("0.68"), plain("0.94"), plain("3.3"), plain("0.0")}};
    grid.setRows({{QStringLiteral("MaxVio"), {}}, {QStringLiteral("Dead"), QStringLiteral("of 16")},
                     {QStringLiteral("I"), {}}, {QStringLiteral("D/E"), {}},
                     {QStringLiteral("Flip"), QStringLiteral("%")}, {QStringLiteral("Drop"), QStringLiteral("%")}},
        {QStringLiteral("L0"), QStringLiteral("L1"), QStringLiteral("L2"), QStringLiteral("L3"), QStringLiteral("L4"),
            QStringLiteral("L5")},
        std::move(cells));
    grid.setSelectedRow(3);
    grid.setHint(QStringLiteral("Click a cell to open its view"));
}

}  // namespace moescope::samples
