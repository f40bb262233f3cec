// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recipe_cards.h"

#include <algorithm>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "app/counted.h"
#include "app/setting_value.h"
#include "engine/config/routing_slots.h"
#include "widgets/theme.h"

namespace moescope {
namespace {

constexpr int kArrow = 14;
constexpr int kSettings = 2;  ///< that fit on a card; the form has all

QString say(const char* words) { return RecipeCards::tr(words); }

QString aboutPart(const PartInfo& part)
{
    return QString::fromStdString(part.name + ": " + part.summary + "\n" + part.formula + "\n" + part.source);
}

RecipeCard cardOf(const Catalog& catalog, Slot slot, const QString& title, const PartChoice& choice)
{
    RecipeCard card{title, QString::fromStdString(choice.part), {},
        QStringLiteral("routing.") + QString::fromStdString(std::string(slotKey(slot))), {}, {}};
    const PartInfo* part = catalog.part(slot, choice.part);
    if (!part)
        return card;
    card.formula = QString::fromStdString(part->formula);
    card.about = aboutPart(*part);
    for (const Field& field : part->fields)
        if (const auto set = choice.settings.find(field.key); set != choice.settings.end())
            card.settings.emplace_back(QString::fromStdString(field.label).toLower(), settingText(set->second));
    return card;
}

RecipeCard namedCard(
    const Catalog& catalog, Slot slot, const QString& title, const std::map<std::string, PartChoice>& choices)
{
    RecipeCard card{title, say("none"), QStringLiteral("–"),
        QStringLiteral("routing.") + QString::fromStdString(std::string(slotKey(slot))), {}, {}};
    if (choices.empty())
        return card;
    card.part = choices.size() == 1
        ? QString::fromStdString(choices.begin()->first)
        : counted(static_cast<std::int64_t>(choices.size()), say("%1 part"), say("%1 parts"));
    QStringList formulas, about;
    for (const auto& [name, choice] : choices) {
        const auto coefficient = choice.settings.find("coefficient");
        card.settings.emplace_back(QString::fromStdString(name),
            coefficient == choice.settings.end() ? QString() : settingText(coefficient->second));
        if (const PartInfo* part = catalog.part(slot, choice.part)) {
            formulas << QString::fromStdString(part->formula);
            about << aboutPart(*part);
        }
    }
    card.formula = formulas.join(QStringLiteral(", "));
    card.about = about.join(QStringLiteral("\n\n"));
    return card;
}

}  // namespace

std::vector<RecipeCard> recipeCards(const Catalog& catalog, const RoutingConfig& routing)
{
    return {cardOf(catalog, Slot::Scorer, say("Scorer"), routing.scorer),
        cardOf(catalog, Slot::ScoreMap, say("Score map"), routing.scoreMap),
        cardOf(catalog, Slot::Selector, say("Selector"), routing.selector),
        cardOf(catalog, Slot::Capacity, say("Capacity"), routing.capacity),
        cardOf(catalog, Slot::Weigher, say("Weigher"), routing.weigher),
        namedCard(catalog, Slot::Loss, say("Losses"), routing.losses),
        namedCard(catalog, Slot::Hook, say("Hooks"), routing.hooks)};
}

RecipeCards::RecipeCards(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("recipeCards"));
    setAccessibleName(tr("Parts of the routing recipe"));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RecipeCards::setCards(std::vector<RecipeCard> cards)
{
    m_cards = std::move(cards);
    QStringList words;
    for (const RecipeCard& card : m_cards)
        words << card.slot + QStringLiteral(": ") + card.part;
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

void RecipeCards::setSelected(const QString& key)
{
    m_selected.clear();
    for (const RecipeCard& card : m_cards)
        if (key == card.key || key.startsWith(card.key + QLatin1Char('.')))
            m_selected = card.key;
    update();
}

QSize RecipeCards::sizeHint() const
{
    const Theme& theme = currentTheme();
    return {720,
        QFontMetrics(theme.small).height() * 3 + QFontMetrics(theme.body).height() + QFontMetrics(theme.mono).height()
            + 34};
}

QSize RecipeCards::minimumSizeHint() const { return {560, sizeHint().height()}; }

QRect RecipeCards::cardRect(std::size_t index) const
{
    const int number = static_cast<int>(std::max<std::size_t>(1, m_cards.size()));
    const int room = width() - 2 * metrics::edge() - (number - 1) * kArrow;
    const int left = metrics::edge() + static_cast<int>(index) * (room / number + kArrow);
    return {left, 4, room / number, height() - 12};
}

void RecipeCards::paintCard(QPainter& painter, const QRect& rect, const RecipeCard& card, bool selected) const
{
    const Theme& theme = currentTheme();
    painter.setPen(selected ? theme.accent : theme.strongLine);
    painter.setBrush(selected ? theme.selectedSoft : theme.base);
    painter.drawRect(rect.adjusted(0, 0, -1, -1));
    const QRect inside = rect.adjusted(7, 4, -7, -4);
    const int small = QFontMetrics(theme.small).height(), body = QFontMetrics(theme.body).height();
    QFont bold = theme.small;
    bold.setWeight(QFont::DemiBold);
    const auto line = [&](int y, int height, int align, const QFont& font, const QColor& color, const QString& text,
                          int left = 0) {
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(QRect(inside.left() + left, y, inside.width() - left, height), align | Qt::AlignVCenter,
            QFontMetrics(font).elidedText(text, Qt::ElideRight, inside.width() - left));
    };
    int y = inside.top();
    line(y, small, Qt::AlignLeft, bold, theme.text2, card.slot);
    y += small + 2;
    line(y, body, Qt::AlignLeft, theme.body, theme.text, card.part);
    y += body + 3;
    for (int i = 0; i < std::min<int>(kSettings, static_cast<int>(card.settings.size())); ++i) {
        const auto& [name, value] = card.settings[static_cast<std::size_t>(i)];
        const int left = QFontMetrics(theme.small).horizontalAdvance(value) + 6;
        painter.setFont(theme.small);
        painter.setPen(theme.text2);
        painter.drawText(QRect(inside.left(), y, inside.width() - left, small), Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(theme.small).elidedText(name, Qt::ElideRight, inside.width() - left));
        line(y, small, Qt::AlignRight, theme.small, theme.text, value);
        y += small + 1;
    }
    const int mono = QFontMetrics(theme.mono).height();
    const int rule = rect.bottom() - mono - 8;
    painter.fillRect(QRect(rect.left() + 1, rule, rect.width() - 2, 1), theme.line);
    line(rule + 3, mono, Qt::AlignLeft, theme.mono, theme.text, card.formula);
}

void RecipeCards::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = currentTheme();
    painter.fillRect(rect(), theme.base);
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        const QRect card = cardRect(i);
        paintCard(painter, card, m_cards[i], m_cards[i].key == m_selected);
        if (i + 1 == m_cards.size())
            continue;
        const QPointF tip(card.right() + kArrow - 3, card.center().y());
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.text3);
        painter.drawPolygon(QPolygonF({tip, tip + QPointF(-6, -5), tip + QPointF(-6, 5)}));
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
    if (hasFocus()) {
        painter.setPen(theme.accent);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(1, 1, -2, -2));
    }
}

bool RecipeCards::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (std::size_t i = 0; i < m_cards.size(); ++i)
        if (cardRect(i).contains(help->pos()))
            QToolTip::showText(help->globalPos(), m_cards[i].about, this);
    return true;
}

void RecipeCards::mousePressEvent(QMouseEvent* event)
{
    for (std::size_t i = 0; i < m_cards.size(); ++i)
        if (cardRect(i).contains(event->position().toPoint()))
            Q_EMIT cardClicked(m_cards[i].key);
}

void RecipeCards::keyPressEvent(QKeyEvent* event)
{
    const int move = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    if (move == 0 || m_cards.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto at =
        std::find_if(m_cards.begin(), m_cards.end(), [this](const RecipeCard& card) { return card.key == m_selected; });
    const int index = at == m_cards.end() ? 0 : static_cast<int>(at - m_cards.begin()) + move;
    Q_EMIT cardClicked(
        m_cards[static_cast<std::size_t>(std::clamp<int>(index, 0, static_cast<int>(m_cards.size()) - 1))].key);
}

}  // namespace moescope
