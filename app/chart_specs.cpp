// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/chart_specs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include <QCoreApplication>

#include "app/limits.h"
#include "app/series_source.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

QString say(const char* words) { return QCoreApplication::translate("Charts", words); }

QString layerName(std::size_t layer) { return QStringLiteral("L%1").arg(layer); }

/// Raw line, smoothed line over it and what a resume rolled back.
ChartSeries seriesOf(const RunSnapshot& log, const std::string& tag, const ChartOptions& options, double scale = 1)
{
    ChartSeries line;
    const Series* series = log.scalar(tag);
    line.source = chartSource(series, options.axis, scale);
    line.smoothed = smoothedSource(series, options.smoothing, options.axis, scale);
    if (line.smoothed)
        line.smoothedName =
            QCoreApplication::translate("Charts", "mean of last %1 steps").arg(numberText::count(options.smoothing));
    if (const auto old = log.rolledBack.find(tag); old != log.rolledBack.end())
        line.rolledBack = chartSource(&old->second, options.axis, scale);
    return line;
}

std::shared_ptr<const ChartSource> probeSource(
    const Frame& frame, const std::vector<std::int64_t>& steps, const std::vector<double>& values, XAxis axis)
{
    const Series* clock = clockOf(*frame.request.view);
    std::vector<ChartPoint> points;
    double last = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(steps.size(), values.size()); ++i) {
        last = std::max(last, xOfStep(clock, steps[i], axis));
        points.push_back({last, values[i]});
    }
    return points.empty() ? nullptr : std::make_shared<PointsSource>(std::move(points));
}

AxisSpec valueAxis(const ChartOptions& options)
{
    return {.name = {}, .unit = AxisUnit::Number, .log = options.logarithmic};
}

/// Decimals that a read-out needs for numbers of this size.
int decimalsFor(const ChartSource& source)
{
    double largest = 0;
    for (const std::size_t i : {std::size_t{0}, source.size() / 2, source.size() - 1})
        if (const double y = source.point(i).y; std::isfinite(y))
            largest = std::max(largest, std::fabs(y));
    return largest >= 1000 ? 0 : largest >= 100 ? 1 : largest >= 0.1 || largest == 0 ? 3 : 5;
}

/// All charts of a run end where its log ends, also when their last probe was earlier.
void reachToEnd(ChartSpec& spec, const Frame& frame, XAxis axis)
{
    spec.xLow = 0;
    const double last = xOfStep(clockOf(*frame.request.view), frame.request.view->snapshot->lastStep, axis);
    if (std::isfinite(last) && last > 0)
        spec.xHigh = last;
}

/// "load/max_violation/3" -> ("load/max_violation", 3); a tag without a layer has -1.
std::pair<QString, int> splitLayer(const QString& tag)
{
    const qsizetype slash = tag.lastIndexOf(QLatin1Char('/'));
    bool number = false;
    const int layer = tag.mid(slash + 1).toInt(&number);
    return slash > 0 && number ? std::pair{tag.left(slash), layer} : std::pair{tag, -1};
}

}  // namespace

AxisSpec xAxisSpec(XAxis axis)
{
    switch (axis) {
    case XAxis::Step:
        return {.name = say(QT_TRANSLATE_NOOP("Charts", "step")), .unit = AxisUnit::Step};
    case XAxis::Tokens:
        return {.name = say(QT_TRANSLATE_NOOP("Charts", "tokens")), .unit = AxisUnit::Count};
    case XAxis::Time:
        return {.name = say(QT_TRANSLATE_NOOP("Charts", "time")), .unit = AxisUnit::Seconds};
    }
    return {};
}

const Series* clockOf(const RunView& view)
{
    const Series* clock = view.snapshot->scalar("loss/language_model");
    if (!clock || clock->empty())
        clock = view.snapshot->scalar("loss/total");
    return clock && !clock->empty() ? clock : nullptr;
}

ChartSpec lossSpec(const NamedRun& run, const ChartOptions& options)
{
    ChartSpec spec;
    spec.x = xAxisSpec(options.axis);
    spec.y = valueAxis(options);
    spec.clipY = !options.logarithmic;
    spec.pointsWord = say(QT_TRANSLATE_NOOP("Charts", "points"));
    ChartSeries train = seriesOf(*run.view->snapshot, "loss/language_model", options, 1 / std::numbers::ln2);
    train.name = say(QT_TRANSLATE_NOOP("Charts", "train, raw, every step"));
    train.role = run.role;
    train.thin = true;
    train.solid = true;
    if (train.source)
        spec.series.push_back(std::move(train));
    ChartSeries validation =
        seriesOf(*run.view->snapshot, "eval/bits_per_byte", {options.axis, 0, options.logarithmic});
    const std::int64_t every = run.view->facts.evaluationEvery;
    validation.name = every > 0
        ? QCoreApplication::translate("Charts", "validation, every %1").arg(numberText::count(every))
        : say(QT_TRANSLATE_NOOP("Charts", "validation"));
    validation.role = run.role;
    validation.markers = true;
    validation.solid = true;
    if (validation.source)
        spec.series.push_back(std::move(validation));
    return spec;
}

ChartSpec throughputSpec(const NamedRun& run, const ChartOptions& options)
{
    ChartSpec spec;
    spec.x = xAxisSpec(options.axis);
    spec.y = valueAxis(options);
    spec.clipY = true;
    spec.legend = false;
    ChartSeries line = seriesOf(*run.view->snapshot, "speed/tokens_per_second", options, 1e-3);
    line.name = say(QT_TRANSLATE_NOOP("Charts", "k tok/s"));
    line.rolledBack.reset();
    spec.readout = false;
    line.role = {LineRole::Kind::Muted};
    line.thin = true;
    line.decimals = 1;
    if (line.source)
        spec.series.push_back(std::move(line));
    return spec;
}

ChartSpec diversitySpec(const Frame& frame, const ChartOptions& options, bool onlySelected)
{
    ChartSpec spec;
    spec.x = xAxisSpec(options.axis);
    spec.y = {};
    reachToEnd(spec, frame, options.axis);
    spec.readout = false;
    spec.yHigh = 1.0;
    spec.endLabels = !onlySelected;
    spec.legend = false;
    spec.pointsWord = say(QT_TRANSLATE_NOOP("Charts", "probes"));
    double lowest = 1;
    const auto selected = static_cast<std::size_t>(frame.request.layer);
    for (std::size_t layer = 0; layer < frame.history.diversity.size(); ++layer) {
        if (onlySelected && layer != selected)
            continue;
        const std::vector<double>& values = frame.history.diversity[layer];
        ChartSeries line;
        line.source = probeSource(frame, frame.history.steps, values, options.axis);
        if (!line.source)
            continue;
        for (const double value : values)
            lowest = std::isfinite(value) ? std::min(lowest, value) : lowest;
        const bool alarm = limits::diversity(values.back()) == State::Alarm;
        line.name = layerName(layer);
        line.role = alarm       ? LineRole{LineRole::Kind::Alarm}
            : layer == selected ? LineRole{LineRole::Kind::Text}
                                : LineRole::layer(static_cast<int>(layer), frame.numLayers);
        line.endLabel =
            alarm || layer == selected ? line.name + QLatin1Char(' ') + numberText::fixed(values.back(), 2) : line.name;
        line.selected = alarm || layer == selected;
        line.markers = line.selected;
        line.solid = true;
        line.decimals = 2;
        spec.series.push_back(std::move(line));
    }
    spec.yLow = std::min(0.5, std::floor(lowest * 5 - 0.5) / 5);
    spec.thresholds.push_back({limits::kDiversityAlarm,
        QCoreApplication::translate("Charts", "alarm below %1").arg(numberText::fixed(limits::kDiversityAlarm, 2)),
        ChartThreshold::Side::Below, State::Alarm, false});
    return spec;
}

ChartSpec maxViolationSpec(const Frame& frame, const ChartOptions& options, int layer)
{
    ChartSpec spec;
    spec.x = xAxisSpec(options.axis);
    spec.y = {.name = {}, .unit = AxisUnit::Number, .log = options.logarithmic, .includeZero = true};
    reachToEnd(spec, frame, options.axis);
    spec.readout = false;
    spec.clipY = true;
    spec.legend = false;
    spec.endLabels = layer < 0;
    for (int at = 0; at < frame.numLayers; ++at) {
        if (layer >= 0 && at != layer)
            continue;
        ChartSeries line = seriesOf(*frame.request.view->snapshot, "load/max_violation/" + std::to_string(at), options);
        if (!line.source)
            continue;
        line.name = layer >= 0 ? say(QT_TRANSLATE_NOOP("Charts", "MaxVio")) : layerName(static_cast<std::size_t>(at));
        const bool selected = at == frame.request.layer;
        line.role = layer >= 0 ? LineRole{LineRole::Kind::Muted}
            : selected         ? LineRole{LineRole::Kind::Text}
                               : LineRole::layer(at, frame.numLayers);
        line.selected = selected && layer < 0;
        if (layer >= 0)
            line.rolledBack.reset();
        line.thin = layer >= 0;
        line.solid = true;
        line.decimals = 2;
        spec.series.push_back(std::move(line));
    }
    const RunFacts& facts = frame.request.view->facts;
    if (facts.tokensPerStep > 0 && facts.expertsPerToken > 0 && frame.numExperts > 1) {
        const double floor =
            maxViolationFloor(facts.tokensPerStep, frame.numExperts, static_cast<double>(facts.expertsPerToken));
        spec.thresholds.push_back({floor, {}, ChartThreshold::Side::None, State::None, true});
    }
    return spec;
}

ChartSpec pairSpec(const Frame& frame, const ChartOptions& options)
{
    ChartSpec spec;
    spec.x = xAxisSpec(options.axis);
    reachToEnd(spec, frame, options.axis);
    spec.readout = false;
    spec.yHigh = 1.0;
    spec.yLow = -0.2;
    spec.endLabels = true;
    spec.legend = false;
    spec.pointsWord = say(QT_TRANSLATE_NOOP("Charts", "probes"));
    const FrameRequest& request = frame.request;
    if (request.second >= 0 && !frame.history.pair.empty()) {
        ChartSeries pair;
        pair.source = probeSource(frame, frame.history.pairSteps, frame.history.pair, options.axis);
        const double last = frame.history.pair.back();
        pair.name = QStringLiteral("%1–%2").arg(request.first).arg(request.second);
        pair.endLabel = pair.name + QLatin1Char(' ') + numberText::fixed(last, 2);
        pair.role = {limits::pair(last) == State::Alarm ? LineRole::Kind::Alarm : LineRole::Kind::Text};
        pair.selected = true;
        pair.markers = true;
        pair.decimals = 2;
        if (pair.source)
            spec.series.push_back(std::move(pair));
    }
    if (!frame.history.mean.empty()) {
        ChartSeries mean;
        mean.source = probeSource(frame, frame.history.pairSteps, frame.history.mean, options.axis);
        mean.name = say(QT_TRANSLATE_NOOP("Charts", "mean"));
        mean.endLabel = mean.name + QLatin1Char(' ') + numberText::fixed(frame.history.mean.back(), 2);
        mean.role = {LineRole::Kind::Muted};
        mean.decimals = 2;
        if (mean.source)
            spec.series.push_back(std::move(mean));
    }
    for (const ChartSeries& line : spec.series)
        for (std::size_t i = 0; i < line.source->size(); ++i)
            if (const double y = line.source->point(i).y; std::isfinite(y))
                spec.yLow = std::min(*spec.yLow, std::floor(y * 5) / 5);
    spec.thresholds.push_back({limits::kPairAlarm,
        QCoreApplication::translate("Charts", "alarm above %1").arg(numberText::fixed(limits::kPairAlarm, 2)),
        ChartThreshold::Side::None, State::Alarm, false});
    spec.nulls.push_back({-0.05, 0.05, say(QT_TRANSLATE_NOOP("Charts", "null"))});
    return spec;
}

ChartSpec metricSpec(
    const QString& metric, const std::vector<NamedRun>& runs, const ChartOptions& options, int selectedLayer)
{
    ChartSpec spec;
    spec.x = xAxisSpec(options.axis);
    spec.y = valueAxis(options);
    spec.clipY = !options.logarithmic;
    spec.readout = false;
    for (const NamedRun& run : runs) {
        const RunSnapshot& log = *run.view->snapshot;
        std::map<int, std::string> layers;
        for (const auto& [tag, series] : log.scalars)
            if (const auto [base, layer] = splitLayer(QString::fromStdString(tag)); base == metric)
                layers.emplace(layer, tag);
        const bool family = !layers.empty() && layers.rbegin()->first >= 0;
        const int numLayers = family ? layers.rbegin()->first + 1 : 1;
        // Several runs of a per-layer metric: only the selected layer, or nobody could tell the lines apart.
        if (family && runs.size() > 1)
            std::erase_if(layers, [&](const auto& entry) { return entry.first != selectedLayer; });
        for (const auto& [layer, tag] : layers) {
            ChartSeries line = seriesOf(log, tag, options);
            if (!line.source)
                continue;
            const bool ramp = family && runs.size() == 1;
            line.name = ramp ? layerName(static_cast<std::size_t>(layer)) : run.title;
            line.role = !ramp            ? run.role
                : layer == selectedLayer ? LineRole{LineRole::Kind::Text}
                                         : LineRole::layer(layer, numLayers);
            line.selected = ramp && layer == selectedLayer;
            line.markers = line.source->size() <= 200;
            // A dash only helps where single points can be told apart; a single run needs none.
            line.solid = runs.size() == 1 || !line.markers;
            line.decimals = decimalsFor(*line.source);
            if (ramp && !line.selected)
                line.rolledBack.reset();
            line.thin = !line.markers && !line.selected;
            spec.series.push_back(std::move(line));
        }
        spec.endLabels = spec.endLabels || (family && runs.size() == 1);
    }
    spec.legend = spec.series.size() > 1;
    return spec;
}

QStringList metricNames(const RunSnapshot& log)
{
    QStringList names;
    for (const auto& [tag, series] : log.scalars)
        if (const QString name = splitLayer(QString::fromStdString(tag)).first; !names.contains(name))
            names << name;
    return names;
}

QString metricSubtitle(const QString& metric)
{
    static const std::map<QString, const char*> known{
        {QStringLiteral("loss/total"), QT_TRANSLATE_NOOP("Charts", "nats per token")},
        {QStringLiteral("loss/language_model"), QT_TRANSLATE_NOOP("Charts", "nats per token")},
        {QStringLiteral("eval/loss"), QT_TRANSLATE_NOOP("Charts", "nats per token")},
        {QStringLiteral("eval/bits_per_byte"), QT_TRANSLATE_NOOP("Charts", "bits/byte")},
        {QStringLiteral("eval/full_bits_per_byte"), QT_TRANSLATE_NOOP("Charts", "bits/byte, all validation text")},
        {QStringLiteral("speed/tokens_per_second"), QT_TRANSLATE_NOOP("Charts", "tok/s")},
        {QStringLiteral("memory/peak_bytes"), QT_TRANSLATE_NOOP("Charts", "bytes")},
        {QStringLiteral("load/max_violation"), QT_TRANSLATE_NOOP("Charts", "by layer")},
    };
    if (const auto at = known.find(metric); at != known.end())
        return say(at->second);
    if (metric.startsWith(QStringLiteral("speed/")) && metric.endsWith(QStringLiteral("_ms")))
        return QStringLiteral("ms");
    if (metric.startsWith(QStringLiteral("loss/")))
        return say(QT_TRANSLATE_NOOP("Charts", "raw, without its coefficient"));
    return {};
}

}  // namespace moescope
