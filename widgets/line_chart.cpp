// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/line_chart.h"

#include <algorithm>
#include <cmath>

#include <QEvent>
#include <QPainter>

#include "widgets/line_chart_state.h"
#include "widgets/number_text.h"

namespace moescope {

LineChart::LineChart(QWidget* parent)
    : QWidget(parent)
    , m_impl(std::make_unique<Impl>())
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Chart"));
    m_impl->badgeTimer.setSingleShot(true);
    m_impl->badgeTimer.setInterval(60);
    connect(&m_impl->badgeTimer, &QTimer::timeout, this, [this] {
        const QString now = badge();
        if (now == m_impl->badge)
            return;
        m_impl->badge = now;
        setAccessibleDescription(now);
        Q_EMIT badgeChanged(now);
    });
}

LineChart::~LineChart() = default;

void LineChart::setSpec(ChartSpec spec)
{
    m_impl->spec = std::move(spec);
    refresh();
}

const ChartSpec& LineChart::spec() const { return m_impl->spec; }

void LineChart::setTitle(const QString& title)
{
    m_impl->title = title;
    setAccessibleName(title);
}

void LineChart::setCursors(std::optional<double> a, std::optional<double> b)
{
    m_impl->view.cursorA = a;
    m_impl->view.cursorB = b;
    update();
}

void LineChart::setHoverX(std::optional<double> x)
{
    if (m_impl->view.hoverX == x)
        return;
    m_impl->view.hoverX = x;
    update();
}

void LineChart::setXRange(double from, double to)
{
    if (!(to > from) || !std::isfinite(from) || !std::isfinite(to))
        return;
    m_impl->view.x = ValueRange{from, to};
    refresh();
}

void LineChart::showAll()
{
    m_impl->view.x.reset();
    refresh();
}

bool LineChart::isFollowing() const { return !m_impl->view.x; }

double LineChart::xFrom() const { return m_impl->scene.plot().x.low; }

double LineChart::xTo() const { return m_impl->scene.plot().x.high; }

double LineChart::yLow() const { return m_impl->scene.plot().y.low; }

double LineChart::yHigh() const { return m_impl->scene.plot().y.high; }

QRectF LineChart::plotArea() const { return m_impl->scene.plot().area; }

int LineChart::largestSeries() const { return m_impl->scene.largestSeries(); }

int LineChart::columns() const { return m_impl->scene.plot().columns(); }

void LineChart::refresh()
{
    m_impl->stale = true;
    arrange();
    m_impl->badgeTimer.start();
    update();
}

void LineChart::arrange()
{
    if (!m_impl->stale || width() < 2 || height() < 2)
        return;
    m_impl->scene.arrange(m_impl->spec, m_impl->view, rect(), devicePixelRatioF(), currentTheme());
    m_impl->stale = false;
}

QString LineChart::badge() const
{
    const ChartScene& scene = m_impl->scene;
    const std::vector<ChartSeries>& all = m_impl->spec.series;
    QString text;
    const bool equal = all.size() > 1 && std::all_of(all.begin(), all.end(), [&](const ChartSeries& s) {
        return s.source && s.source->size() == all.front().source->size();
    });
    const std::size_t inView = scene.numInView(), stored = scene.numStored();
    if (equal && inView == stored)
        text =
            QStringLiteral("%1 × %2").arg(all.size()).arg(numberText::count(std::int64_t(all.front().source->size())));
    else
        text = tr("%1 of %2").arg(numberText::count(std::int64_t(inView)), numberText::count(std::int64_t(stored)));
    if (!m_impl->spec.pointsWord.isEmpty())
        text += QLatin1Char(' ') + m_impl->spec.pointsWord;
    if (!scene.isClipped())
        return text;
    OutsideCount outside;
    const PlotMap& plot = scene.plot();
    for (const ChartSeries& series : all) {
        if (!series.source)
            continue;
        const OutsideCount one = countOutside(*series.source, plot.x.low, plot.x.high, {plot.y.low, plot.y.high});
        outside.above += one.above;
        outside.below += one.below;
        outside.exact = outside.exact && one.exact;
    }
    const QString least = outside.exact ? QString() : QStringLiteral("≥ ");
    if (outside.above > 0)
        text +=
            tr(" · %1 above %2")
                .arg(least + numberText::count(std::int64_t(outside.above)), numberText::significant(plot.y.high, 2));
    if (outside.below > 0)
        text +=
            tr(" · %1 below %2")
                .arg(least + numberText::count(std::int64_t(outside.below)), numberText::significant(plot.y.low, 2));
    return text;
}

QString LineChart::figureTitle() const { return m_impl->title; }

QSizeF LineChart::figureSize() const { return {640, 320}; }

QSize LineChart::sizeHint() const { return {420, 220}; }

QSize LineChart::minimumSizeHint() const { return {160, 60}; }

void LineChart::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    ChartScene scene;
    ChartView view = m_impl->view;
    view.hoverX.reset();
    view.focused = false;
    const qreal ratio = std::max<qreal>(1, painter.device()->devicePixelRatioF());
    scene.arrange(m_impl->spec, view, rect, ratio, theme);
    scene.paint(painter, m_impl->spec, view, theme);
}

QString LineChart::tableText(TableFormat format) const
{
    const QString x = m_impl->spec.x.name.isEmpty() ? QStringLiteral("x") : m_impl->spec.x.name;
    TableWriter writer(format, {tr("series"), x, tr("value")});
    const auto add = [&writer](const QString& name, const ChartSource& source) {
        for (std::size_t i = 0; i < source.size(); ++i) {
            const ChartPoint point = source.point(i);
            writer.row({name, TableWriter::number(point.x), TableWriter::number(point.y)});
        }
    };
    for (const ChartSeries& series : m_impl->spec.series) {
        if (series.source)
            add(series.name, *series.source);
        if (series.rolledBack)
            add(tr("%1, rolled back").arg(series.name), *series.rolledBack);
    }
    return writer.text();
}

bool LineChart::event(QEvent* event)
{
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        m_impl->view.focused = event->type() == QEvent::FocusIn;
    return QWidget::event(event);
}

void LineChart::paintEvent(QPaintEvent*)
{
    arrange();
    QPainter painter(this);
    m_impl->scene.paint(painter, m_impl->spec, m_impl->view, currentTheme());
}

void LineChart::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    refresh();
}

void LineChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange
        || event->type() == QEvent::StyleChange)
        refresh();
}

void linkX(const QList<LineChart*>& charts)
{
    for (LineChart* chart : charts) {
        for (LineChart* other : charts) {
            if (chart == other)
                continue;
            QObject::connect(chart, &LineChart::xRangeChanged, other, &LineChart::setXRange);
            QObject::connect(chart, &LineChart::followRequested, other, &LineChart::showAll);
            QObject::connect(chart, &LineChart::hovered, other, [other](double x) { other->setHoverX(x); });
            QObject::connect(chart, &LineChart::hoverLeft, other, [other] { other->setHoverX({}); });
        }
    }
}

}  // namespace moescope
