// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/key_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <QCoreApplication>

#include "app/limits.h"
#include "app/map_data.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

QString say(const char* words) { return QCoreApplication::translate("KeyFigures", words); }

template <class... Arguments> QString say(const char* words, const Arguments&... arguments)
{
    return QCoreApplication::translate("KeyFigures", words).arg(arguments...);
}

/// Change per 1,000 steps between the value at A and the one about 1,000 steps before.
QString slope(const Series& series, std::size_t at)
{
    const std::size_t before = series.indexAtOrBefore(series.step(at) - 1000);
    const std::size_t from = before < series.size() ? before : 0;
    const std::int64_t steps = series.step(at) - series.step(from);
    if (steps <= 0)
        return say("at step %1", numberText::count(series.step(at)));
    const double change = (static_cast<double>(series.value(at)) - static_cast<double>(series.value(from))) * 1000
        / static_cast<double>(steps);
    return say("%1 per 1 k steps", numberText::signedFixed(change, 3));
}

}  // namespace

double scalarAt(const RunSnapshot& log, std::string_view tag, std::int64_t step)
{
    const Series* series = log.scalar(tag);
    if (!series)
        return kNaN;
    const std::size_t at = series->indexAtOrBefore(step);
    return at < series->size() ? static_cast<double>(series->value(at)) : kNaN;
}

double secondsLeft(const RunView& view)
{
    const Series* speed = view.snapshot->scalar("speed/step_ms");
    const std::int64_t remaining = view.facts.numSteps - view.snapshot->lastStep;
    if (!view.active() || remaining <= 0 || !speed || speed->empty())
        return -1;
    // Wall time of the last steps, not of the whole run: a pause in between does not count.
    const std::size_t last = speed->size() - 1;
    const std::size_t first = last > 50 ? last - 50 : 0;
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = first; i <= last; ++i)
        if (std::isfinite(speed->value(i))) {
            sum += static_cast<double>(speed->value(i));
            ++count;
        }
    return count > 0 ? sum / static_cast<double>(count) / 1000 * static_cast<double>(remaining) : -1;
}

FigureText validationFigure(const RunViewPtr& view, std::int64_t stepA)
{
    FigureText text{numberText::missing(), say("bits/byte"), {}};
    const Series* series = view ? view->snapshot->scalar("eval/bits_per_byte") : nullptr;
    const std::size_t at = series ? series->indexAtOrBefore(stepA) : 0;
    if (!series || at >= series->size())
        return text;
    text.number = numberText::fixed(static_cast<double>(series->value(at)), 3);
    text.below = slope(*series, at);
    return text;
}

FigureText distinctFigure(const FramePtr& frame)
{
    FigureText text{numberText::missing(), say("worst D/E"), {}};
    if (!frame)
        return text;
    double worst = kNaN;
    int layer = 0;
    for (int at = 0; at < frame->numLayers; ++at)
        if (const double share = diversityShare(*frame, false, at); std::isfinite(share) && !(share >= worst)) {
            worst = share;
            layer = at;
        }
    if (!std::isfinite(worst))
        return text;
    text.number = numberText::fixed(worst, 2);
    text.unit = say("worst D/E, layer %1", QString::number(layer));
    text.state = limits::diversity(worst);
    const double before = diversityShare(*frame, true, layer);
    text.below = std::isfinite(before)
        ? say("%1 at step %2", numberText::fixed(before, 2),
            numberText::count(frame->similarityB.present() ? frame->similarityB.step : frame->otherB.step))
        : say(
            "probe %1", numberText::count(frame->similarityA.present() ? frame->similarityA.step : frame->otherA.step));
    return text;
}

FigureText worstFigure(const FramePtr& frame)
{
    FigureText text{numberText::missing(), {}, {}};
    if (!frame || frame->loadA.metrics.empty())
        return text;
    const auto& metrics = frame->loadA.metrics;
    const auto worst = std::max_element(metrics.begin(), metrics.end(),
        [](const LoadMetrics& a, const LoadMetrics& b) { return a.maxViolation < b.maxViolation; });
    text.number = numberText::fixed(worst->maxViolation, 2);
    text.unit = say("layer %1", QString::number(worst - metrics.begin()));
    text.below = say("floor %1", numberText::fixed(frame->loadA.floor, 2));
    text.state = limits::maxViolation(worst->maxViolation, frame->loadA.floor);
    return text;
}

FigureText tokensFigure(const RunViewPtr& view, std::int64_t stepA)
{
    FigureText text{numberText::missing(), {}, {}};
    if (!view || view->facts.tokensPerStep <= 0)
        return text;
    const double perStep = static_cast<double>(view->facts.tokensPerStep);
    text.number = numberText::si(static_cast<double>(stepA) * perStep);
    // "50.6 M of 81.9 M": the unit of the number stands beside it in small type.
    const QStringList parts = text.number.split(QChar(0x20));
    text.number = parts.first();
    text.unit = (parts.size() > 1 ? parts.last() + QLatin1Char(' ') : QString())
        + say("of %1", numberText::si(static_cast<double>(view->facts.numSteps) * perStep));
    if (const double speed = scalarAt(*view->snapshot, "speed/tokens_per_second", stepA); std::isfinite(speed))
        text.below = say("%1 tok/s", numberText::si(speed));
    return text;
}

FigureText stepFigure(const RunViewPtr& view, std::int64_t stepA)
{
    FigureText text{numberText::missing(), QStringLiteral("ms"), {}};
    const double step = view ? scalarAt(*view->snapshot, "speed/step_ms", stepA) : kNaN;
    if (!std::isfinite(step) || step <= 0)
        return text;
    text.number = step < 10 ? numberText::fixed(step, 1) : numberText::count(std::llround(step));
    constexpr std::array<std::pair<const char*, const char*>, 4> kParts{{{"speed/data_ms", "data"},
        {"speed/forward_ms", "fwd"}, {"speed/backward_ms", "bwd"}, {"speed/optimizer_ms", "opt"}}};
    QStringList parts;
    double rest = 100;
    for (const auto& [tag, name] : kParts) {
        const double part = scalarAt(*view->snapshot, tag, stepA);
        if (!std::isfinite(part))
            continue;
        const double share = std::round(100 * part / step);
        rest -= share;
        parts << QStringLiteral("%1 %2").arg(say(name), QString::number(share));
    }
    if (!parts.isEmpty())
        text.below = parts.join(QStringLiteral(" · ")) + say(" · other %1 %", QString::number(std::max(0.0, rest)));
    return text;
}

QString loadBadge(const Frame& frame)
{
    const std::int64_t k = frame.request.view->facts.expertsPerToken;
    if (!frame.loadA.present() || k <= 0)
        return {};
    const QString sum = say("assigned = tokens × %1", QString::number(k));
    return frame.loadA.sumsAgree ? say("sum check: %1 ✓", sum) : say("sum check fails: %1 does not hold", sum);
}

QString healthBadge(const Frame& frame)
{
    const std::int64_t probe = frame.similarityA.present() ? frame.similarityA.step : frame.otherA.step;
    const std::int64_t steps = frame.loadA.step - frame.loadA.fromStep;
    const QString load = steps == 1 ? say("load: this step") : say("load: last %1 steps", numberText::count(steps));
    return probe > 0 ? say("%1 · probe %2", load, numberText::count(probe)) : load;
}

QString throughputBadge(const RunViewPtr& view)
{
    const double speed = view ? scalarAt(*view->snapshot, "speed/tokens_per_second", view->snapshot->lastStep) : kNaN;
    if (!std::isfinite(speed))
        return {};
    return view->active() ? say("%1 now", numberText::fixed(speed / 1000, 1))
                          : say("%1 at the end", numberText::fixed(speed / 1000, 1));
}

}  // namespace moescope
