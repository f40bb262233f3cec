// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One card of the routing recipe.
#include <algorithm>

#include <QComboBox>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>

#include "app/recipe_cards.h"
#include "widgets/theme.h"

namespace moescope {
namespace {

constexpr int kWidth = 100, kInset = 7, kLines = 2;

int smallLine() { return QFontMetrics(currentTheme().small).height() + 1; }

void elidedBox(QPainter& painter, const QRect& rect, int align, const QFont& font, const QString& text)
{
    painter.setFont(font);
    painter.drawText(rect, align | Qt::AlignVCenter, QFontMetrics(font).elidedText(text, Qt::ElideRight, rect.width()));
}

}  // namespace

RecipeCardView::RecipeCardView(const RecipeCard& card, QWidget* parent)
    : QWidget(parent)
{
    const QString name = QStringLiteral("card.") + card.key.section(QLatin1Char('.'), 1);
    setObjectName(name);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    if (card.named) {
        m_parts = new QPushButton(this);
        m_parts->setObjectName(name + QStringLiteral(".parts"));
        m_menu = new QMenu(m_parts);
        m_menu->setObjectName(name + QStringLiteral(".menu"));
        m_parts->setMenu(m_menu);
    } else {
        m_choice = new QComboBox(this);
        m_choice->setObjectName(name + QStringLiteral(".part"));
        m_choice->setFont(currentTheme().table);
        m_choice->setMinimumContentsLength(1);
        m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        connect(m_choice, &QComboBox::activated, this, [this] {
            if (m_choice->currentText() != m_card.part)
                Q_EMIT partChosen(m_choice->currentText());
        });
    }
    setCard(card);
}

void RecipeCardView::setCard(const RecipeCard& card)
{
    m_card = card;
    const QString says = tr("%1: part of the routing recipe").arg(card.title);
    setAccessibleName(card.title);
    setToolTip(card.about);
    if (m_parts) {
        m_parts->setText(card.part);
        m_parts->setAccessibleName(says);
        fillMenu();
    } else {
        QStringList have;
        for (int i = 0; i < m_choice->count(); ++i)
            have << m_choice->itemText(i);
        if (have != card.choices) {
            m_choice->clear();
            m_choice->addItems(card.choices);
        }
        m_choice->setCurrentIndex(m_choice->findText(card.part));
        m_choice->setAccessibleName(says);
    }
    QStringList words;
    for (const RecipeCard::Line& line : card.lines)
        words << line.name + QLatin1Char(' ') + line.value;
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

void RecipeCardView::fillMenu()
{
    m_menu->clear();
    QStringList have;
    for (const RecipeCard::Line& line : m_card.lines)
        have << line.name;
    for (const QString& part : m_card.choices)
        if (!have.contains(part))
            connect(m_menu->addAction(tr("Add %1").arg(part)), &QAction::triggered, this,
                [this, part] { Q_EMIT partAdded(part); });
    if (!have.isEmpty())
        m_menu->addSeparator();
    for (const QString& name : have)
        connect(m_menu->addAction(tr("Remove %1").arg(name)), &QAction::triggered, this,
            [this, name] { Q_EMIT partRemoved(name); });
    m_parts->setEnabled(!m_menu->isEmpty());
    m_parts->setToolTip(m_menu->isEmpty() ? tr("The engine has no part for this slot") : QString());
}

void RecipeCardView::setSelected(bool on)
{
    m_selected = on;
    update();
}

int RecipeCardView::firstLine() const { return smallLine() + metrics::control() + 10; }

int RecipeCardView::footerTop() const
{
    return height() - smallLine() - QFontMetrics(currentTheme().mono).height() - 8;
}

QSize RecipeCardView::sizeHint() const
{
    return {kWidth, firstLine() + (kLines + 1) * smallLine() + QFontMetrics(currentTheme().mono).height() + 12};
}

void RecipeCardView::resizeEvent(QResizeEvent*)
{
    QWidget* control = m_choice ? static_cast<QWidget*>(m_choice) : m_parts;
    control->setGeometry(5, smallLine() + 6, width() - 10, metrics::control());
}

void RecipeCardView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = currentTheme();
    painter.setPen(m_selected ? theme.accent : theme.strongLine);
    painter.setBrush(m_selected ? theme.selectedSoft : theme.base);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    if (m_card.changed)
        painter.fillRect(QRect(0, 0, 2, height()), theme.accent);
    QFont bold = theme.small;
    bold.setWeight(QFont::DemiBold);
    const QRect inside = rect().adjusted(kInset, 4, -kInset, 0);
    painter.setPen(theme.text2);
    elidedBox(painter, QRect(inside.left(), 4, inside.width(), smallLine()), Qt::AlignLeft, bold, m_card.title);
    paintLines(painter);
    const int mono = QFontMetrics(theme.mono).height();
    painter.fillRect(QRect(1, footerTop(), width() - 2, 1), theme.line);
    painter.setPen(theme.text);
    elidedBox(painter, QRect(inside.left(), footerTop() + 3, inside.width(), mono), Qt::AlignLeft, theme.mono,
        m_card.formula);
    painter.setPen(theme.text3);
    elidedBox(painter, QRect(inside.left(), footerTop() + 3 + mono, inside.width(), smallLine()), Qt::AlignLeft,
        theme.small, m_card.source);
}

void RecipeCardView::paintLines(QPainter& painter) const
{
    const Theme& theme = currentTheme();
    QFont bold = theme.small;
    bold.setWeight(QFont::Bold);
    const int most = (footerTop() - firstLine()) / smallLine();
    const int number = static_cast<int>(m_card.lines.size());
    for (int i = 0; i < std::min(most, number); ++i) {
        const RecipeCard::Line& line = m_card.lines[static_cast<std::size_t>(i)];
        const QRect row(kInset, firstLine() + i * smallLine(), width() - 2 * kInset, smallLine());
        const bool rest = i + 1 == most && number > most;
        const QFont& font = line.changed && !rest ? bold : theme.small;
        const QString value = rest ? QString() : line.value;
        const int left = value.isEmpty() ? 0 : QFontMetrics(font).horizontalAdvance(value) + 6;
        painter.setPen(theme.text2);
        elidedBox(painter, row.adjusted(0, 0, -left, 0), Qt::AlignLeft, theme.small,
            rest ? tr("%1 more").arg(number - i) : line.name);
        painter.setPen(theme.text);
        elidedBox(painter, row, Qt::AlignRight, font, value);
    }
}

void RecipeCardView::mousePressEvent(QMouseEvent* event)
{
    const int at = static_cast<int>(event->position().y()) - firstLine();
    const auto line = static_cast<std::size_t>(std::max(at, 0) / smallLine());
    const bool onLine = at >= 0 && event->position().y() < footerTop() && line < m_card.lines.size();
    Q_EMIT clicked(onLine ? m_card.lines[line].key : m_card.key);
}

}  // namespace moescope
