// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/dock_title.h"

#include <QBoxLayout>
#include <QPainter>
#include <QToolButton>

#include "widgets/elided_label.h"
#include "widgets/icon.h"
#include "widgets/theme.h"

namespace moescope {
namespace {

QToolButton* titleButton(const QString& iconName, const QString& name)
{
    auto* button = new QToolButton;
    button->setIcon(icon(iconName));
    button->setAutoRaise(true);
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFixedSize(metrics::title() - 2, metrics::title() - 2);
    return button;
}

}  // namespace

DockTitle::DockTitle(QDockWidget* dock)
    : QWidget(dock)
    , m_subtitle(new ElidedLabel)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 0, 4, 1);
    row->setSpacing(6);
    auto* name = new QLabel(dock->windowTitle());
    name->setFont(currentTheme().title);
    m_subtitle->setFont(currentTheme().small);
    m_subtitle->setForegroundRole(QPalette::PlaceholderText);
    auto* floating = titleButton(QStringLiteral("float"), DockTitle::tr("Float or dock %1").arg(dock->windowTitle()));
    auto* close = titleButton(
        QStringLiteral("close"), DockTitle::tr("Close %1; View → Docks brings it back").arg(dock->windowTitle()));
    floating->setObjectName(dock->objectName() + QStringLiteral("Float"));
    close->setObjectName(dock->objectName() + QStringLiteral("Close"));
    row->addWidget(name);
    row->addWidget(m_subtitle, 1);
    row->addWidget(floating);
    row->addWidget(close);
    connect(floating, &QToolButton::clicked, dock, [dock] { dock->setFloating(!dock->isFloating()); });
    connect(close, &QToolButton::clicked, dock, &QDockWidget::close);
}

void DockTitle::setSubtitle(const QString& text) { m_subtitle->setFullText(text); }

QSize DockTitle::sizeHint() const { return {120, metrics::title()}; }

QSize DockTitle::minimumSizeHint() const { return {80, metrics::title()}; }

void DockTitle::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), currentTheme().window);
    painter.fillRect(QRect(0, height() - 1, width(), 1), currentTheme().line);
}

QDockWidget* makeDock(const QString& title, const char* objectName, QWidget* content, int minimumWidth)
{
    auto* dock = new QDockWidget(title);
    dock->setObjectName(QLatin1String(objectName));
    dock->setAllowedAreas(Qt::LeftDockWidgetArea | Qt::RightDockWidgetArea | Qt::BottomDockWidgetArea);
    dock->setTitleBarWidget(new DockTitle(dock));
    content->setMinimumWidth(minimumWidth);
    dock->setWidget(content);
    return dock;
}

}  // namespace moescope
