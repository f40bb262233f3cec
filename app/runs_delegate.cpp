// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/runs_delegate.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "app/runs_model.h"
#include "widgets/sparkline.h"
#include "widgets/state_glyph.h"

namespace moescope {
namespace {

constexpr int kEdge = 8;
constexpr int kBox = 16;
constexpr int kSwatch = 20;

/// The two text lines of a row and what stands left of them.
struct RowPlaces {
    QRect box, swatch, first, second;
};

RowPlaces placesIn(const QRect& row, const Theme& theme)
{
    const int line = QFontMetrics(theme.body).height();
    const int small = QFontMetrics(theme.small).height();
    const int top = row.top() + (row.height() - line - small) / 2;
    RowPlaces at;
    at.box = QRect(row.left() + kEdge, top + (line - kBox) / 2, kBox, kBox);
    at.swatch = QRect(at.box.right() + 6, top + (line - 12) / 2, kSwatch, 12);
    const int left = at.swatch.right() + 6;
    at.first = QRect(left, top, row.right() - kEdge - left, line);
    at.second = QRect(left, top + line, row.right() - kEdge - left, small);
    return at;
}

void paintBox(QPainter& painter, const QRect& rect, bool checked, const Theme& theme)
{
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5);
    painter.setPen(QPen(checked ? theme.accent : theme.text3, 1));
    painter.setBrush(checked ? theme.accent : theme.base);
    painter.drawRoundedRect(box, 2, 2);
    if (checked) {
        painter.setPen(QPen(theme.onAccent, 1.6, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
        painter.drawPolyline(QPolygonF({box.topLeft() + QPointF(2.8, 6.6), box.topLeft() + QPointF(5.4, 9.2),
            box.topLeft() + QPointF(10.2, 3.8)}));
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void paintRight(QPainter& painter, QRect& line, const QString& text, const QFont& font, const QColor& color)
{
    if (text.isEmpty())
        return;
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, text);
    line.setRight(line.right() - QFontMetrics(font).horizontalAdvance(text) - 6);
}

/// Parts between middle dots, as many from the first on as fit; the first one always.
QString fittingParts(const QString& text, const QFontMetrics& metrics, int width)
{
    const QString dot = QStringLiteral(" · ");
    QString fitting = text;
    while (metrics.horizontalAdvance(fitting) > width && fitting.contains(dot))
        fitting.truncate(fitting.lastIndexOf(dot));
    return fitting;
}

}  // namespace

void RunsDelegate::setRange(double low, double high)
{
    m_low = low;
    m_high = high;
}

QSize RunsDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    const Theme& theme = currentTheme();
    const int text = QFontMetrics(theme.body).height() + QFontMetrics(theme.small).height();
    return {180, std::max(42, text + 8)};
}

void RunsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Theme& theme = currentTheme();
    painter->save();
    const bool selected = option.state & QStyle::State_Selected;
    painter->fillRect(option.rect, selected ? theme.selected : theme.base);
    if (selected)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), theme.accent);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme.line);

    RowPlaces at = placesIn(option.rect, theme);
    const bool failed = index.data(RunsModel::FailedRole).toBool();
    const auto state = static_cast<State>(index.data(RunsModel::StateRole).toInt());
    const LineRole role = LineRole::run(index.data(RunsModel::NumberRole).toInt() - 1);
    paintBox(*painter, at.box, index.data(RunsModel::ShownRole).toBool(), theme);
    paintSwatch(*painter, at.swatch, role, theme);

    paintState(*painter, QRectF(at.first.right() - 13, at.first.center().y() - 7, 14, 14), state, theme);
    at.first.setRight(at.first.right() - 20);
    paintRight(*painter, at.first, index.data(RunsModel::ProgressTextRole).toString(), theme.small, theme.text2);
    QFont name = theme.body;
    name.setWeight(selected ? QFont::DemiBold : QFont::Normal);
    painter->setFont(name);
    painter->setPen(theme.text);
    painter->drawText(at.first, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(name).elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, at.first.width()));

    const QString value = index.data(RunsModel::ValueTextRole).toString();
    const bool nonFinite = value == QStringLiteral("–");
    paintRight(*painter, at.second, value, theme.table, nonFinite ? theme.nonFinite : theme.text);
    const auto curve = index.data(RunsModel::ValidationRole).value<QVector<float>>();
    const QFontMetrics small(theme.small);
    const QString second = index.data(RunsModel::SecondLineRole).toString();
    // Words before the small curve, which the Overview shows anyway.
    const int besideCurve = at.second.width() - 50;
    const QString shortest = fittingParts(second, small, besideCurve);
    if (curve.size() > 1 && small.horizontalAdvance(shortest) <= besideCurve) {
        const QRectF place(at.second.right() - 44, at.second.top() + 1, 42, at.second.height() - 2);
        paintSparkline(*painter, place, {curve.constData(), static_cast<std::size_t>(curve.size())},
            {role, m_low, m_high, {}, {}, {}}, theme);
        at.second.setRight(at.second.right() - 50);
    }
    painter->setFont(theme.small);
    painter->setPen(failed ? theme.alarm : theme.text2);
    painter->drawText(at.second, Qt::AlignLeft | Qt::AlignVCenter,
        small.elidedText(fittingParts(second, small, at.second.width()), Qt::ElideRight, at.second.width()));

    if (const double share = index.data(RunsModel::ProgressRole).toDouble(); share >= 0) {
        const QRect track(at.first.left(), option.rect.bottom() - 2, option.rect.right() - kEdge - at.first.left(), 2);
        painter->fillRect(track, theme.line);
        painter->fillRect(QRect(track.topLeft(), QSize(static_cast<int>(track.width() * share), 2)),
            state == State::Training ? theme.ok : theme.paused);
    }
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(theme.accent);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -2));
    }
    painter->restore();
}

bool RunsDelegate::editorEvent(
    QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    const auto toggle = [&] {
        const bool shown = index.data(RunsModel::ShownRole).toBool();
        return model->setData(index, shown ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
    };
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const QRect target = placesIn(option.rect, currentTheme()).box.adjusted(-6, -6, 4, 6);
        if (mouse->button() == Qt::LeftButton && target.contains(mouse->position().toPoint()))
            return toggle();
    }
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space)
        return toggle();
    return false;
}

}  // namespace moescope
