// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/queue_dock.h"

#include <algorithm>

#include <QAction>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/counted.h"
#include "app/queue_link.h"
#include "app/run_view.h"
#include "app/visible_text.h"
#include "widgets/icon.h"
#include "widgets/state_glyph.h"

namespace moescope {
namespace {

enum Role { IdRole = Qt::UserRole, SecondLineRole, StateRole, NumberRole };

QString secondLine(const QueueEntry& entry)
{
    if (!entry.problem.empty())
        return visibleLine(entry.problem, 200);
    const RunFacts facts = runFacts(entry.configJson);
    QStringList parts;
    if (facts.seed > 0)
        parts << QueueDock::tr("seed %1").arg(facts.seed);
    if (!facts.recipe.empty() && facts.recipe != entry.name)
        parts << visibleLine(facts.recipe, 60);
    if (facts.numSteps > 0)
        parts << QueueDock::tr("%1 steps").arg(numberText::count(facts.numSteps));
    return parts.join(QStringLiteral(" · "));
}

/// Place, state, name; below it what tells two entries apart.
class QueueDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        const Theme& theme = currentTheme();
        return {160, QFontMetrics(theme.body).height() + QFontMetrics(theme.small).height() + 6};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Theme& theme = currentTheme();
        painter->save();
        painter->fillRect(option.rect, option.state & QStyle::State_Selected ? theme.selected : theme.base);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme.line);
        const int body = QFontMetrics(theme.body).height();
        const QRect inside = option.rect.adjusted(8, 2, -8, -2);
        const auto state = static_cast<State>(index.data(StateRole).toInt());
        painter->setFont(theme.small);
        painter->setPen(theme.text2);
        painter->drawText(QRect(inside.left(), inside.top(), 14, body), Qt::AlignRight | Qt::AlignVCenter,
            index.data(NumberRole).toString());
        paintState(*painter, QRectF(inside.left() + 20, inside.top(), 14, body), state, theme);
        const QRect text = inside.adjusted(40, 0, 0, 0);
        const auto line = [&](int y, int height, const QFont& font, const QColor& color, const QString& words) {
            painter->setFont(font);
            painter->setPen(color);
            painter->drawText(QRect(text.left(), y, text.width(), height), Qt::AlignLeft | Qt::AlignVCenter,
                QFontMetrics(font).elidedText(words, Qt::ElideRight, text.width()));
        };
        line(text.top(), body, theme.body, theme.text, index.data(Qt::DisplayRole).toString());
        line(text.top() + body, QFontMetrics(theme.small).height(), theme.small,
            state == State::Failed ? theme.alarm : theme.text2, index.data(SecondLineRole).toString());
        if (option.state & QStyle::State_HasFocus) {
            painter->setPen(theme.accent);
            painter->drawRect(option.rect.adjusted(0, 0, -1, -2));
        }
        painter->restore();
    }
};

/// Says what to do while nothing is in it.
class QueueList : public QListWidget {
protected:
    void paintEvent(QPaintEvent* event) override
    {
        QListWidget::paintEvent(event);
        if (count() > 0)
            return;
        QPainter painter(viewport());
        painter.setFont(currentTheme().small);
        painter.setPen(currentTheme().text3);
        painter.drawText(viewport()->rect().adjusted(metrics::edge(), 6, -metrics::edge(), 0),
            Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
            QueueDock::tr("Nothing waits. \"Add to queue\" on the Set-up tab puts a run here."));
    }
};

QToolButton* button(const char* name, const QString& iconName, const QString& tip)
{
    auto* made = new QToolButton;
    made->setObjectName(QLatin1String(name));
    made->setIcon(icon(iconName));
    made->setToolTip(tip);
    made->setAccessibleName(tip);
    made->setAutoRaise(true);
    return made;
}

}  // namespace

QueueDock::QueueDock(QueueLink& queue, QWidget* parent)
    : QWidget(parent)
    , m_queue(queue)
    , m_list(new QueueList)
    , m_up(button("queueUp", QStringLiteral("up"), tr("Earlier (Alt+↑)")))
    , m_down(button("queueDown", QStringLiteral("down"), tr("Later (Alt+↓)")))
    , m_remove(button("queueRemove", QStringLiteral("remove"), tr("Take out of the queue (Del)")))
    , m_start(button("queueStart", QStringLiteral("start"), tr("Work on the queue")))
{
    m_list->setObjectName(QStringLiteral("queueList"));
    m_list->setAccessibleName(tr("Queue"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setItemDelegate(new QueueDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_start->setText(tr("Work on it"));
    m_start->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_up->setShortcut(Qt::ALT | Qt::Key_Up);
    m_down->setShortcut(Qt::ALT | Qt::Key_Down);
    auto* remove = new QAction(this);
    remove->setShortcut(Qt::Key_Delete);
    remove->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(remove);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(6, 2, 6, 2);
    row->setSpacing(2);
    row->addWidget(m_start);
    row->addStretch(1);
    for (QToolButton* each : {m_up, m_down, m_remove})
        row->addWidget(each);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_list, 1);
    column->addLayout(row);
    connect(m_up, &QToolButton::clicked, this, [this] { moveBy(-1); });
    connect(m_down, &QToolButton::clicked, this, [this] { moveBy(1); });
    connect(m_remove, &QToolButton::clicked, this, &QueueDock::removeCurrent);
    connect(remove, &QAction::triggered, this, &QueueDock::removeCurrent);
    connect(m_start, &QToolButton::clicked, this, &QueueDock::startWanted);
    connect(m_list, &QListWidget::currentRowChanged, this, &QueueDock::showButtons);
    connect(&queue, &QueueLink::changed, this, &QueueDock::refresh);
    refresh();
}

void QueueDock::refresh()
{
    const QueueState& state = m_queue.state();
    const QString current = m_list->currentItem() ? m_list->currentItem()->data(IdRole).toString() : QString();
    m_list->clear();
    const auto add = [&](const QueueEntry& entry, State glyph, const QString& number) {
        auto* item = new QListWidgetItem(visibleLine(entry.name, 120), m_list);
        item->setData(IdRole, QString::fromStdString(entry.id));
        item->setData(SecondLineRole, secondLine(entry));
        item->setData(StateRole, static_cast<int>(entry.problem.empty() ? glyph : State::Failed));
        item->setData(NumberRole, number);
        item->setToolTip(QString::fromStdString(entry.problem.empty() ? entry.run.string() : entry.problem));
        item->setData(Qt::AccessibleDescriptionRole, secondLine(entry));
        if (item->data(IdRole).toString() == current)
            m_list->setCurrentItem(item);
    };
    for (const QueueEntry& entry : state.running)
        add(entry, State::Training, {});
    int number = 0;
    for (const QueueEntry& entry : state.waiting)
        add(entry, State::Queued, QString::number(++number));
    Q_EMIT countChanged(state.waiting.empty()
            ? state.running.empty() ? QString() : tr("last one runs")
            : counted(static_cast<std::int64_t>(state.waiting.size()), tr("%1 waiting"), tr("%1 waiting")));
    showButtons();
}

void QueueDock::showButtons()
{
    const QueueState& state = m_queue.state();
    const int place = m_list->currentRow() - static_cast<int>(state.running.size());
    const int last = static_cast<int>(state.waiting.size()) - 1;
    m_up->setEnabled(place > 0);
    m_down->setEnabled(place >= 0 && place < last);
    m_remove->setEnabled(place >= 0);
    m_start->setVisible(!state.workedOn && (last >= 0 || !state.running.empty()));
}

void QueueDock::moveBy(int places)
{
    const int place = m_list->currentRow() - static_cast<int>(m_queue.state().running.size());
    if (place >= 0)
        m_queue.move(m_list->currentItem()->data(IdRole).toString(), place + places);
}

void QueueDock::removeCurrent()
{
    if (m_remove->isEnabled())
        m_queue.remove(m_list->currentItem()->data(IdRole).toString());
}

}  // namespace moescope
