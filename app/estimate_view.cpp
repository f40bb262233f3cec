// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/estimate_view.h"

#include "app/counted.h"

#include <algorithm>
#include <array>
#include <string>

#include <QMouseEvent>
#include <QPainter>

#include "widgets/number_text.h"
#include "widgets/state_glyph.h"

namespace moescope {
namespace {

struct MemoryPart {
    const char* name;
    double MemoryEstimate::*bytes;
    int color;  ///< of the runs' colours; -1 = grey
};

constexpr std::array<MemoryPart, 6> kParts{{{QT_TR_NOOP("weights"), &MemoryEstimate::weights, 0},
    {QT_TR_NOOP("gradients"), &MemoryEstimate::gradients, 5}, {QT_TR_NOOP("optimiser"), &MemoryEstimate::optimizer, 2},
    {QT_TR_NOOP("activations"), &MemoryEstimate::activations, 1},
    {QT_TR_NOOP("expert buffers"), &MemoryEstimate::expertBuffers, 3},
    {QT_TR_NOOP("margin"), &MemoryEstimate::margin, -1}}};

QColor colorOf(const MemoryPart& part, const Theme& theme)
{
    return part.color < 0 ? theme.noRecord : theme.runs[static_cast<std::size_t>(part.color)];
}

QFont bold(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

/// Rows from top to bottom; a null painter only measures.
struct Rows {
    QPainter* painter;
    const Theme& theme;
    int left, right, y;

    int rowHeight() const { return std::max(20, QFontMetrics(theme.table).height() + 3); }
    bool fits(const QString& name, const QString& value) const
    {
        const QFontMetrics text(theme.table);
        return text.horizontalAdvance(name) + text.horizontalAdvance(value) + 12 < right - left;
    }
    void pair(const QString& name, const QString& value, bool heading = false, const QColor& swatch = {})
    {
        if (painter) {
            const int indent = swatch.isValid() ? 16 : 0;
            if (swatch.isValid())
                painter->fillRect(QRect(left, y + (rowHeight() - 9) / 2, 9, 9), swatch);
            painter->setFont(heading ? bold(theme.small) : theme.table);
            painter->setPen(theme.text2);
            painter->drawText(
                QRect(left + indent, y, right - left, rowHeight()), Qt::AlignLeft | Qt::AlignVCenter, name);
            painter->setFont(theme.table);
            painter->setPen(theme.text);
            painter->drawText(QRect(left, y, right - left, rowHeight()), Qt::AlignRight | Qt::AlignVCenter, value);
        }
        y += rowHeight();
    }
    void rule()
    {
        y += 8;
        if (painter)
            painter->fillRect(QRect(left, y, right - left, 1), theme.line);
        y += 8;
    }
};

void paintMemoryBar(Rows& rows, const MemoryEstimate& memory)
{
    if (rows.painter && memory.total() > 0) {
        double x = rows.left;
        for (const MemoryPart& part : kParts) {
            const double width = (rows.right - rows.left) * (memory.*part.bytes) / memory.total();
            rows.painter->fillRect(QRectF(x, rows.y + 2, width, 12), colorOf(part, rows.theme));
            x += width;
        }
    }
    rows.y += 20;
}

}  // namespace

EstimateView::EstimateView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("estimateView"));
    setAccessibleName(tr("Estimate and checks"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void EstimateView::setEstimate(const Estimate& estimate, double tokensPerSecond, double memoryThere)
{
    m_estimate = estimate;
    m_tokensPerSecond = tokensPerSecond;
    m_memoryThere = memoryThere;
    update();
}

void EstimateView::setChecks(std::vector<CheckLine> checks)
{
    m_checks = std::move(checks);
    QStringList words;
    for (const CheckLine& check : m_checks)
        words << stateName(check.state) + QStringLiteral(": ") + check.text;
    setAccessibleDescription(words.join(QLatin1Char('\n')));
    setMinimumHeight(heightForWidth(std::max(width(), 180)));
    update();
}

int EstimateView::heightForWidth(int width) const { return const_cast<EstimateView*>(this)->layOut(nullptr, width); }

int EstimateView::layOut(QPainter* painter, int width)
{
    const Theme& theme = currentTheme();
    Rows rows{painter, theme, metrics::edge(), width - metrics::edge(), 8};
    const MemoryEstimate& memory = m_estimate.memory;
    const QString needed = numberText::bytes(memory.total());
    const QString ofAll = tr("%1 of %2").arg(needed, numberText::bytes(m_memoryThere));
    rows.pair(
        tr("Memory per rank"), m_memoryThere > 0 && rows.fits(tr("Memory per rank"), ofAll) ? ofAll : needed, true);
    paintMemoryBar(rows, memory);
    for (const MemoryPart& part : kParts)
        rows.pair(tr(part.name), numberText::bytes(memory.*part.bytes), false, colorOf(part, theme));
    rows.rule();
    rows.pair(tr("Parameters"), numberText::si(static_cast<double>(m_estimate.parameters.total)));
    rows.pair(tr("Active per token"), numberText::si(static_cast<double>(m_estimate.parameters.active)));
    rows.pair(tr("FLOPs per token"), numberText::si(m_estimate.flopsPerToken));
    rows.pair(tr("Tokens"), numberText::si(static_cast<double>(m_estimate.totalTokens)));
    const bool measured = m_tokensPerSecond > 0;
    rows.pair(
        tr("Speed"), measured ? tr("%1 tok/s").arg(numberText::si(m_tokensPerSecond)) : tr("after the first run"));
    rows.pair(
        tr("Time"), measured ? numberText::duration(secondsAt(m_estimate, m_tokensPerSecond)) : numberText::missing());
    rows.pair(tr("Disk"), numberText::bytes(m_estimate.diskBytes));
    rows.rule();
    const auto failed = std::count_if(
        m_checks.begin(), m_checks.end(), [](const CheckLine& check) { return check.state == State::Alarm; });
    rows.pair(tr("Checks"), failed > 0 ? counted(failed, tr("%1 error"), tr("%1 errors")) : tr("no error"), true);
    m_checkRects.clear();
    for (const CheckLine& check : m_checks) {
        const QRect room(rows.left + 20, rows.y + 1, rows.right - rows.left - 20, 1000);
        const int height = std::max(
            rows.rowHeight(), QFontMetrics(theme.table).boundingRect(room, Qt::TextWordWrap, check.text).height() + 4);
        m_checkRects.emplace_back(rows.left, rows.y, rows.right - rows.left, height);
        if (painter) {
            if (check.state == State::Ok)
                paintState(
                    *painter, QRectF(rows.left, rows.y + (rows.rowHeight() - 10) / 2.0, 10, 10), State::Ok, theme);
            else
                paintState(*painter, QRectF(rows.left - 1, rows.y + (rows.rowHeight() - 14) / 2.0, 14, 14), check.state,
                    theme);
            painter->setFont(theme.table);
            painter->setPen(check.state == State::Alarm ? theme.alarm : theme.text);
            painter->drawText(QRect(room.left(), rows.y + 2, room.width(), height),
                Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, check.text);
        }
        rows.y += height;
    }
    return rows.y + 8;
}

void EstimateView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), currentTheme().base);
    if (m_estimate.parameters.total == 0)
        return;
    layOut(&painter, width());
}

void EstimateView::mousePressEvent(QMouseEvent* event)
{
    for (std::size_t i = 0; i < std::min(m_checks.size(), m_checkRects.size()); ++i)
        if (m_checkRects[i].contains(event->position().toPoint()) && !m_checks[i].key.isEmpty())
            Q_EMIT fieldClicked(m_checks[i].key);
}

}  // namespace moescope
