// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flat_style.h"

#include <algorithm>

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

#include "widgets/crisp.h"
#include "widgets/icon.h"

namespace moescope {

namespace {

constexpr qreal kRadius = 2;
constexpr int kBoldRoom = 8;  // the selected tab is bold; the tab bar measures the plain font

/// Rectangle with 2-px corners, its edge on whole pixels.
void panel(QPainter& painter, const QRect& rect, const QColor& ground, const QColor& edge, qreal width = 1)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(edge.isValid() ? QPen(edge, width) : QPen(Qt::NoPen));
    painter.setBrush(ground);
    const qreal half = width / 2;
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), kRadius, kRadius);
    painter.restore();
}

QColor controlGround(const QStyleOption& option)
{
    const Theme& t = currentTheme();
    if (!option.state.testFlag(QStyle::State_Enabled))
        return t.window;
    const bool down = option.state.testFlag(QStyle::State_Sunken) || option.state.testFlag(QStyle::State_On);
    if (down)
        return t.line;
    return option.state.testFlag(QStyle::State_MouseOver) ? t.alternate : option.palette.color(QPalette::Button);
}

void drawButton(const QStyleOption& option, QPainter& painter)
{
    const Theme& t = currentTheme();
    const bool focus =
        option.state.testFlag(QStyle::State_HasFocus) && option.state.testFlag(QStyle::State_KeyboardFocusChange);
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    panel(painter, option.rect, controlGround(option),
        focus         ? t.accent
            : enabled ? t.strongLine
                      : t.line,
        focus ? 2 : 1);
}

void drawToolButton(const QStyleOption& option, QPainter& painter)
{
    const bool flat = option.state.testFlag(QStyle::State_AutoRaise);
    const bool active = option.state & (QStyle::State_Sunken | QStyle::State_On | QStyle::State_MouseOver);
    const bool focus = option.state.testFlag(QStyle::State_HasFocus);
    if (!flat)
        return drawButton(option, painter);
    const Theme& t = currentTheme();
    if (active && option.state.testFlag(QStyle::State_Enabled))
        panel(painter, option.rect, option.state.testFlag(QStyle::State_MouseOver) ? t.line : t.selectedSoft, {});
    if (focus)
        panel(painter, option.rect, Qt::transparent, t.accent);
}

void drawLineEdit(const QStyleOption& option, QPainter& painter)
{
    const Theme& t = currentTheme();
    const bool focus = option.state.testFlag(QStyle::State_HasFocus);
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    panel(painter, option.rect, enabled ? t.base : t.window,
        focus         ? t.accent
            : enabled ? t.strongLine
                      : t.line,
        focus ? 2 : 1);
}

void drawCheckBox(const QStyleOption& option, QPainter& painter)
{
    const Theme& t = currentTheme();
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    const bool on = option.state & (QStyle::State_On | QStyle::State_NoChange);
    const QColor fill = on ? (enabled ? t.accent : t.paused) : enabled ? t.base : t.window;
    panel(painter, option.rect, fill, on ? fill : t.strongLine);
    if (option.state.testFlag(QStyle::State_On)) {
        const int side = option.rect.width();
        const QPixmap tick =
            iconPixmap(QStringLiteral("check"), side, painter.device()->devicePixelRatioF(), t.onAccent);
        painter.drawPixmap(option.rect.topLeft(), tick);
    } else if (option.state.testFlag(QStyle::State_NoChange)) {
        crisp::horizontal(
            painter, option.rect.left() + 3, option.rect.right() - 2, option.rect.center().y(), t.onAccent, 2);
    }
}

void drawArrow(const QRect& rect, bool up, bool enabled, QPainter& painter)
{
    const Theme& t = currentTheme();
    const QPointF c = QRectF(rect).center();
    const qreal h = up ? -2 : 2;
    const QPointF points[] = {c + QPointF(-3.5, -h), c + QPointF(0, h), c + QPointF(3.5, -h)};
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(enabled ? t.text2 : t.text3, 1.5, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(points, 3);
    painter.restore();
}

void drawTab(const QStyleOptionTab& tab, QPainter& painter)
{
    const Theme& t = currentTheme();
    const bool selected = tab.state.testFlag(QStyle::State_Selected);
    const bool hover = tab.state.testFlag(QStyle::State_MouseOver);
    painter.fillRect(tab.rect, selected ? t.base : hover ? t.alternate : t.window);
    if (selected) {
        painter.fillRect(QRect(tab.rect.left(), tab.rect.top(), tab.rect.width(), 2), t.accent);
        crisp::vertical(painter, tab.rect.left(), tab.rect.top(), tab.rect.bottom() + 1, t.line);
        crisp::vertical(painter, tab.rect.right(), tab.rect.top(), tab.rect.bottom() + 1, t.line);
    } else {
        crisp::horizontal(painter, tab.rect.left(), tab.rect.right() + 1, tab.rect.bottom(), t.line);
    }
}

void drawSpinBox(const QProxyStyle& style, const QStyleOptionSpinBox& box, QPainter& painter, const QWidget* widget)
{
    if (box.frame)
        drawLineEdit(box, painter);
    const bool enabled = box.state.testFlag(QStyle::State_Enabled);
    const QRect up = style.subControlRect(QStyle::CC_SpinBox, &box, QStyle::SC_SpinBoxUp, widget);
    const QRect down = style.subControlRect(QStyle::CC_SpinBox, &box, QStyle::SC_SpinBoxDown, widget);
    const Theme& t = currentTheme();
    for (const auto& [rect, part] : {std::pair{up, QStyle::SC_SpinBoxUp}, std::pair{down, QStyle::SC_SpinBoxDown}}) {
        if (box.activeSubControls == part && enabled && box.state & (QStyle::State_MouseOver | QStyle::State_Sunken))
            painter.fillRect(rect.adjusted(0, 1, -1, -1), t.window);
    }
    drawArrow(up, true, enabled && box.stepEnabled.testFlag(QAbstractSpinBox::StepUpEnabled), painter);
    drawArrow(down, false, enabled && box.stepEnabled.testFlag(QAbstractSpinBox::StepDownEnabled), painter);
}

void drawComboBox(const QProxyStyle& style, const QStyleOptionComboBox& box, QPainter& painter, const QWidget* widget)
{
    if (box.editable)
        drawLineEdit(box, painter);
    else
        drawButton(box, painter);
    const QRect arrow = style.subControlRect(QStyle::CC_ComboBox, &box, QStyle::SC_ComboBoxArrow, widget);
    drawArrow(arrow, false, box.state.testFlag(QStyle::State_Enabled), painter);
}

}  // namespace

FlatStyle::FlatStyle()
    : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion")))
{
}

void FlatStyle::drawPrimitive(
    PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    switch (element) {
    case PE_PanelButtonCommand:
        return drawButton(*option, *painter);
    case PE_PanelButtonTool:
        return drawToolButton(*option, *painter);
    case PE_PanelLineEdit:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option); frame && frame->lineWidth > 0)
            drawLineEdit(*option, *painter);
        return;
    case PE_FrameLineEdit:
        return drawLineEdit(*option, *painter);
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        return drawCheckBox(*option, *painter);
    case PE_FrameDefaultButton:
    case PE_FrameTabBarBase:
        return;
    case PE_FrameFocusRect:
        crisp::frame(*painter, option->rect, currentTheme().accent);
        return;
    case PE_IndicatorDockWidgetResizeHandle:
        return painter->fillRect(option->rect, currentTheme().line);
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void FlatStyle::drawControl(
    ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    if (element == CE_TabBarTabShape) {
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option))
            return drawTab(*tab, *painter);
    }
    if (element == CE_TabBarTabLabel) {
        if (const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(option)) {
            QStyleOptionTab copy = *tab;
            copy.state &= ~State_HasFocus;
            painter->save();
            QFont font = painter->font();
            font.setWeight(tab->state.testFlag(State_Selected) ? QFont::DemiBold : QFont::Normal);
            painter->setFont(font);
            QProxyStyle::drawControl(element, &copy, painter, widget);
            painter->restore();
            if (tab->state.testFlag(State_HasFocus))
                crisp::frame(*painter, tab->rect.adjusted(3, 4, -3, -3), currentTheme().accent);
            return;
        }
    }
    if (element == CE_Splitter)
        return painter->fillRect(option->rect, currentTheme().line);
    if (element == CE_ToolBar || element == CE_MenuBarEmptyArea) {
        painter->fillRect(option->rect, currentTheme().window);
        crisp::horizontal(
            *painter, option->rect.left(), option->rect.right() + 1, option->rect.bottom(), currentTheme().line);
        return;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void FlatStyle::drawComplexControl(
    ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const
{
    if (const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option); spin && control == CC_SpinBox)
        return drawSpinBox(*this, *spin, *painter, widget);
    if (const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option); combo && control == CC_ComboBox)
        return drawComboBox(*this, *combo, *painter, widget);
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

int FlatStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_DockWidgetSeparatorExtent:
    case PM_SplitterWidth:
        return 1;
    case PM_DockWidgetFrameWidth:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return metrics::gap();
    case PM_ToolBarItemSpacing:
        return 4;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
        return 16;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int FlatStyle::styleHint(
    StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_UnderlineShortcut:
        return 0;
    case SH_ToolTip_WakeUpDelay:
        return 400;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize FlatStyle::sizeFromContents(
    ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const
{
    QSize out = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_PushButton || type == CT_ComboBox || type == CT_LineEdit || type == CT_SpinBox)
        out.setHeight(std::max(metrics::control(), size.height() + 6));
    if (type == CT_TabBarTab)
        out = {out.width() + kBoldRoom, std::max(metrics::control() + 4, size.height())};
    return out;
}

}  // namespace moescope
