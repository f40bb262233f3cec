// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/panel.h"

#include <algorithm>

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/crisp.h"
#include "widgets/elided_label.h"
#include "widgets/figure_export.h"
#include "widgets/icon.h"

namespace moescope {

/// 2-px bar under the title with its count at the right; appears after 200 ms.
class LoadingBar : public QWidget {
public:
    explicit LoadingBar(QWidget* parent)
        : QWidget(parent)
    {
        m_delay.setSingleShot(true);
        m_delay.setInterval(200);
        QObject::connect(&m_delay, &QTimer::timeout, this, [this] { setVisible(m_share >= 0); });
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }
    void setProgress(double share, const QString& count)
    {
        m_share = share;
        m_count = count;
        setAccessibleName(count);
        if (share < 0) {
            m_delay.stop();
            hide();
        } else if (!isVisible() && !m_delay.isActive()) {
            m_delay.start();
        }
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const Theme& t = currentTheme();
        painter.fillRect(QRectF(0, 0, width() * std::clamp(m_share, 0.0, 1.0), 2), t.accent);
        if (m_count.isEmpty())
            return;
        const qreal wide = crisp::textWidth(t.small, m_count) + 8;
        const QRectF box(width() - wide - metrics::edge(), 4, wide, height() - 4);
        painter.fillRect(box, t.base);
        crisp::text(painter, box, Qt::AlignCenter, m_count, t.small, t.text2);
    }

private:
    double m_share = -1;
    QString m_count;
    QTimer m_delay;
};

namespace {

QToolButton* titleButton(const QString& iconName, const QString& name, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(icon(iconName));
    button->setIconSize({16, 16});
    button->setAutoRaise(true);
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFixedSize(22, metrics::title() - 2);
    return button;
}

void setInk(QWidget* widget, const QColor& color)
{
    QPalette palette = widget->palette();
    palette.setColor(QPalette::WindowText, color);
    widget->setPalette(palette);
}

}  // namespace

Panel::Panel(const QString& name, QWidget* parent)
    : QFrame(parent)
{
    setObjectName(QStringLiteral("panel"));
    buildTitle();
    m_error = new QLabel(this);
    m_error->setObjectName(QStringLiteral("panel.error"));
    m_error->setWordWrap(true);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setAutoFillBackground(true);
    m_error->setContentsMargins(metrics::edge(), 4, metrics::edge(), 4);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_error->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 1, 1);
    layout->setSpacing(0);
    layout->addWidget(m_titleBar);
    layout->addWidget(m_error);
    m_loading = new LoadingBar(this);
    m_waiting = new QLabel(this);
    m_waiting->setObjectName(QStringLiteral("panel.waiting"));
    m_waiting->setAlignment(Qt::AlignCenter);
    m_waiting->setTextFormat(Qt::PlainText);
    m_waiting->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_waiting->hide();
    setName(name);
    refreshPalette();
}

void Panel::buildTitle()
{
    m_titleBar = new QWidget(this);
    m_titleBar->setFixedHeight(metrics::title());
    m_name = new QLabel(m_titleBar);
    m_name->setTextFormat(Qt::PlainText);
    m_subtitle = new ElidedLabel({}, m_titleBar);
    m_badge = new QLabel(m_titleBar);
    m_badge->setObjectName(QStringLiteral("panel.badge"));
    m_badge->setTextFormat(Qt::PlainText);
    m_menu = new QMenu(this);
    m_menuButton = titleButton(QStringLiteral("more"), tr("Options"), m_titleBar);
    m_menuButton->setObjectName(QStringLiteral("panel.menu"));
    // Not setMenu: it would paint an arrow beside the dots.
    connect(m_menuButton, &QToolButton::clicked, this,
        [this] { m_menu->popup(m_menuButton->mapToGlobal(m_menuButton->rect().bottomLeft())); });
    m_menuButton->hide();
    m_exportButton = titleButton(QStringLiteral("export"), tr("Export"), m_titleBar);
    m_exportButton->setObjectName(QStringLiteral("panel.export"));
    m_exportButton->hide();
    connect(m_exportButton, &QToolButton::clicked, this, &Panel::exportRequested);
    auto* layout = new QHBoxLayout(m_titleBar);
    layout->setContentsMargins(8, 0, 4, 1);
    layout->setSpacing(0);
    layout->addWidget(m_name);
    layout->addSpacing(8);
    layout->addWidget(m_subtitle, 1);
    layout->addSpacing(8);
    layout->addWidget(m_badge);
    layout->addSpacing(4);
    layout->addWidget(m_menuButton);
    layout->addWidget(m_exportButton);
}

void Panel::setContent(QWidget* content)
{
    m_content = content;
    content->setParent(this);
    static_cast<QVBoxLayout*>(layout())->addWidget(content, 1);
    m_figure = dynamic_cast<const Figure*>(content);
    m_exportButton->setVisible(m_figure != nullptr);
    m_menuButton->setVisible(m_figure != nullptr);
    if (m_figure) {
        const auto copyText = [this](TableFormat format) {
            QGuiApplication::clipboard()->setText(m_figure->tableText(format));
        };
        m_menu->addAction(icon(QStringLiteral("copy")), tr("Copy as picture"), this, [this] { copyFigure(*m_figure); });
        m_menu->addAction(tr("Copy data"), this, [copyText] { copyText(TableFormat::Tabs); });
        m_menu->addAction(tr("Copy as Markdown"), this, [copyText] { copyText(TableFormat::Markdown); });
        m_menu->addAction(icon(QStringLiteral("export")), tr("Export …"), this, &Panel::exportRequested);
    }
    placeOverlay();
}

void Panel::setName(const QString& name)
{
    m_name->setText(name);
    setAccessibleName(name);
    m_menuButton->setAccessibleName(tr("Options of %1").arg(name));
    m_exportButton->setAccessibleName(tr("Export %1").arg(name));
    m_exportButton->setToolTip(tr("Export %1").arg(name));
}

void Panel::setSubtitle(const QString& text) { m_subtitle->setFullText(text); }

void Panel::setBadge(const QString& text, State state)
{
    m_badge->setText(text);
    m_badgeState = state;
    refreshPalette();
}

QMenu* Panel::menu()
{
    m_menuButton->show();
    return m_menu;
}

void Panel::addTitleWidget(QWidget* widget)
{
    auto* row = static_cast<QHBoxLayout*>(m_titleBar->layout());
    row->insertWidget(row->indexOf(m_menuButton), widget);
}

void Panel::setExportable(bool on) { m_exportButton->setVisible(on); }

void Panel::showContent()
{
    m_waiting->hide();
    delete m_empty;
    m_empty = nullptr;
    if (m_content)
        m_content->show();
}

void Panel::showEmpty(const QString& first, const QString& second, const QStringList& buttons)
{
    showContent();
    if (m_content)
        m_content->hide();
    m_empty = new QWidget(this);
    m_empty->setObjectName(QStringLiteral("panel.empty"));
    auto* column = new QVBoxLayout(m_empty);
    column->addStretch();
    const auto sentence = [column](const QString& text, const QColor& ink) {
        auto* label = new QLabel(text);
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        setInk(label, ink);
        column->addWidget(label);
    };
    sentence(first, currentTheme().text);
    sentence(second, currentTheme().text2);
    auto* row = new QHBoxLayout;
    row->addStretch();
    for (int i = 0; i < buttons.size(); ++i) {
        auto* button = new QPushButton(buttons[i]);
        button->setObjectName(QStringLiteral("panel.empty.%1").arg(i));
        connect(button, &QPushButton::clicked, this, [this, i] { Q_EMIT emptyButtonClicked(i); });
        row->addWidget(button);
    }
    row->addStretch();
    column->addSpacing(metrics::gap());
    column->addLayout(row);
    column->addStretch();
    static_cast<QVBoxLayout*>(layout())->addWidget(m_empty, 1);
    m_empty->show();
}

void Panel::showWaiting(const QString& when)
{
    showContent();
    m_waiting->setText(when);
    m_waiting->show();
    placeOverlay();
}

void Panel::setLoading(double share, const QString& count)
{
    placeOverlay();
    m_loading->setProgress(share, count);
}

void Panel::setError(const QString& text)
{
    m_error->setText(text);
    m_error->setAccessibleName(text);
    m_error->setVisible(!text.isEmpty());
    placeOverlay();
}

void Panel::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    placeOverlay();
}

void Panel::placeOverlay()
{
    const int top = m_titleBar->height();
    m_loading->setGeometry(0, top, width() - 1, 4 + metrics::tick());
    m_loading->raise();
    const int below = m_error->isHidden() ? top : m_error->geometry().bottom() + 1;
    const QSize size(std::min(m_waiting->sizeHint().width() + 24, width() - 16), m_waiting->sizeHint().height() + 8);
    m_waiting->setGeometry(
        (width() - size.width()) / 2, below + (height() - below - size.height()) / 2, size.width(), size.height());
    m_waiting->raise();
}

void Panel::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::ApplicationFontChange)
        refreshPalette();
}

void Panel::refreshPalette()
{
    const Theme& t = currentTheme();
    m_titleBar->setFixedHeight(metrics::title());
    m_name->setFont(t.title);
    m_subtitle->setFont(t.small);
    m_badge->setFont(t.small);
    setInk(m_name, t.text);
    setInk(m_subtitle, t.text2);
    setInk(m_badge, t.color(m_badgeState));
    setInk(m_waiting, t.text2);
    QPalette error = m_error->palette();
    error.setColor(QPalette::Window, t.alarmGround);
    error.setColor(QPalette::WindowText, t.text);
    m_error->setPalette(error);
    m_error->setFont(t.table);
    update();
}

void Panel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& t = currentTheme();
    const int title = m_titleBar->height();
    painter.fillRect(rect(), t.base);
    painter.fillRect(QRect(0, 0, width(), title), t.window);
    crisp::horizontal(painter, 0, width(), title - 1, t.line);
    crisp::horizontal(painter, 0, width(), height() - 1, t.line);
    crisp::vertical(painter, width() - 1, 0, height(), t.line);
}

}  // namespace moescope
