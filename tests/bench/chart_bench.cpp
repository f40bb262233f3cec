// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Frame cost of the line chart: pan and zoom over 1,000,000 points from the run's own series, offscreen. Goal: under 16
// ms.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

#include <QApplication>
#include <QImage>

#include "engine/run/series.h"
#include "widgets/line_chart.h"
#include "widgets/theme.h"

using namespace moescope;

namespace {

using Clock = std::chrono::steady_clock;

/// The engine's series as a chart's source, as the window wires it.
class PyramidSource : public ChartSource {
public:
    explicit PyramidSource(Series series)
        : m_series(std::move(series))
    {
    }
    std::size_t size() const override { return m_series.size(); }
    ChartPoint point(std::size_t i) const override { return {double(m_series.step(i)), double(m_series.value(i))}; }
    std::size_t lowerBound(double x) const override { return m_series.lowerBound(x, XAxis::Step); }
    std::vector<ChartColumn> columns(double from, double to, std::size_t number) const override
    {
        std::vector<ChartColumn> out;
        for (const SeriesColumn& c : m_series.columns(from, to, number, XAxis::Step))
            out.push_back({c.first, c.count, c.x, double(c.minimum), double(c.maximum), c.numNaN, c.numInfinite});
        return out;
    }
    std::size_t numNonFinite() const override { return m_series.numNonFinite(); }
    std::size_t firstNonFinite() const override { return m_series.firstNonFinite(); }

private:
    Series m_series;
};

std::shared_ptr<const ChartSource> million(int seed)
{
    Series series;
    unsigned state = unsigned(seed) * 2654435761U + 1;
    for (std::int64_t step = 1; step <= 1000000; ++step) {
        state = state * 1664525U + 1013904223U;
        const double noise = double(state >> 8) / double(1 << 24) - 0.5;
        series.append(step, float(1.8 + 1.5 * std::exp(-double(step) / 1.5e5) + 0.1 * noise), double(step),
            double(step) * 8192, nullptr);
    }
    return std::make_shared<PyramidSource>(std::move(series));
}

struct Frames {
    double median = 0, worst = 0;
    double processor = 0;  ///< median processor time, which other programs on the machine disturb less
};

double medianOf(std::vector<double> ms)
{
    std::sort(ms.begin(), ms.end());
    return ms[ms.size() / 2];
}

/// One frame is a new range, all columns, Qt Charts and every pixel.
Frames measure(LineChart& chart, int frames, double (*low)(int), double (*high)(int))
{
    QImage image(chart.size(), QImage::Format_RGB32);
    std::vector<double> ms, processor;
    for (int i = 0; i < frames; ++i) {
        const auto begin = Clock::now();
        const std::clock_t used = std::clock();
        chart.setXRange(low(i), high(i));
        chart.render(&image);
        processor.push_back(1e3 * double(std::clock() - used) / CLOCKS_PER_SEC);
        ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    return {medianOf(ms), *std::max_element(ms.begin(), ms.end()), medianOf(processor)};
}

void report(const char* what, LineChart& chart, int numSeries)
{
    const Frames pan = measure(
        chart, 60, [](int i) { return i * 8000.0; }, [](int i) { return i * 8000.0 + 500000; });
    const Frames zoom = measure(
        chart, 60, [](int i) { return 500000 - 500000 * std::pow(0.85, i); },
        [](int i) { return 500000 + 500000 * std::pow(0.85, i); });
    chart.showAll();
    std::printf("%-34s pan %5.1f ms (worst %5.1f, processor %5.1f)   zoom %5.1f ms (worst %5.1f, processor %5.1f)   "
                "largest QLineSeries %d of %d allowed, %d series\n",
        what, pan.median, pan.worst, pan.processor, zoom.median, zoom.worst, zoom.processor, chart.largestSeries(),
        2 * chart.columns(), numSeries);
}

}  // namespace

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    applyTheme(application, Theme::light());
    for (const int numSeries : {1, 2, 4}) {
        LineChart chart;
        ChartSpec spec;
        spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
        for (int i = 0; i < numSeries; ++i) {
            ChartSeries series;
            series.name = QStringLiteral("run %1").arg(i);
            series.role = LineRole::run(i);
            series.source = million(i);
            spec.series.push_back(series);
        }
        chart.resize(1000, 400);
        chart.setSpec(spec);
        const QByteArray title = QStringLiteral("%1 × 1,000,000 points, 1000 × 400").arg(numSeries).toUtf8();
        report(title.constData(), chart, numSeries);
    }
    return 0;
}
