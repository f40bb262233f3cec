// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recipe_cards.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QPainter>

#include "app/counted.h"
#include "app/setting_value.h"
#include "engine/config/routing_slots.h"
#include "widgets/theme.h"

namespace moescope {
namespace {

constexpr int kArrow = 14;

QString say(const char* words) { return RecipeCards::tr(words); }

QString qt(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

QString slotTitle(Slot slot)
{
    switch (slot) {
    case Slot::Scorer:
        return say("Scorer");
    case Slot::ScoreMap:
        return say("Score map");
    case Slot::Selector:
        return say("Selector");
    case Slot::Capacity:
        return say("Capacity");
    case Slot::Weigher:
        return say("Weigher");
    case Slot::Loss:
        return say("Losses");
    case Slot::Hook:
        return say("Hooks");
    }
    return {};
}

QString aboutPart(const PartInfo& part)
{
    return qt(part.name + ": " + part.summary + "\n" + part.formula + "\n" + part.source);
}

RecipeCard emptyCard(const Catalog& catalog, Slot slot)
{
    RecipeCard card;
    card.slot = slot;
    card.title = slotTitle(slot);
    card.key = QStringLiteral("routing.") + qt(slotKey(slot));
    for (const PartInfo& part : catalog.parts)
        if (part.slot == slot)
            card.choices << qt(part.name);
    return card;
}

/// What the recipe says for a setting, else the part's default.
Value baseValue(const Field& field, const PartChoice& base)
{
    const auto set = base.settings.find(field.key);
    return set == base.settings.end() ? field.fallback : set->second;
}

bool differs(const PartInfo* part, const PartChoice& now, const PartChoice& base)
{
    if (now.part != base.part)
        return true;
    return part && std::ranges::any_of(part->fields, [&](const Field& field) {
        const auto set = now.settings.find(field.key);
        return set != now.settings.end() && set->second != baseValue(field, base);
    });
}

RecipeCard singleCard(const Catalog& catalog, Slot slot, const PartChoice& choice, const PartChoice* base)
{
    RecipeCard card = emptyCard(catalog, slot);
    card.part = qt(choice.part);
    const PartInfo* part = catalog.part(slot, choice.part);
    card.changed = base && differs(part, choice, *base);
    if (!part)
        return card;
    card.formula = qt(part->formula);
    card.source = qt(part->source);
    card.about = aboutPart(*part);
    for (const Field& field : part->fields) {
        const auto set = choice.settings.find(field.key);
        if (set == choice.settings.end())
            continue;
        const bool changed = base && (choice.part != base->part || set->second != baseValue(field, *base));
        card.lines.push_back({qt(field.label).toLower(), settingText(set->second),
            card.key + QLatin1Char('.') + qt(field.key), changed});
    }
    // What was changed is seen first.
    std::ranges::stable_sort(card.lines, {}, [](const RecipeCard::Line& line) { return !line.changed; });
    return card;
}

using Named = std::map<std::string, PartChoice>;

RecipeCard namedCard(const Catalog& catalog, Slot slot, const Named& choices, const Named* base)
{
    RecipeCard card = emptyCard(catalog, slot);
    card.named = true;
    card.part = choices.empty() ? say("none")
                                : counted(static_cast<std::int64_t>(choices.size()), say("%1 part"), say("%1 parts"));
    card.changed = base && choices.size() != base->size();
    QStringList formulas, sources, about;
    for (const auto& [name, choice] : choices) {
        const PartInfo* part = catalog.part(slot, choice.part);
        const bool known = base && base->contains(name);
        const bool changed = base && (!known || differs(part, choice, base->at(name)));
        const auto coefficient = choice.settings.find("coefficient");
        card.lines.push_back(
            {qt(name), coefficient == choice.settings.end() ? QString() : settingText(coefficient->second),
                card.key + QLatin1Char('.') + qt(name), changed});
        card.changed = card.changed || changed;
        if (!part)
            continue;
        formulas << qt(part->formula);
        sources << qt(part->source);
        about << aboutPart(*part);
    }
    card.formula = formulas.isEmpty() ? QStringLiteral("–") : formulas.join(QStringLiteral(" + "));
    sources.removeDuplicates();
    card.source = sources.join(QStringLiteral("; "));
    card.about = about.join(QStringLiteral("\n\n"));
    return card;
}

}  // namespace

std::vector<RecipeCard> recipeCards(const Catalog& catalog, const RoutingConfig& routing, const RecipeInfo* base)
{
    std::vector<RecipeCard> cards;
    for (const Slot slot : kSingleSlots)
        cards.push_back(
            singleCard(catalog, slot, singleChoice(routing, slot), base ? &singleChoice(*base, slot) : nullptr));
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        cards.push_back(
            namedCard(catalog, slot, namedChoices(routing, slot), base ? &namedChoices(*base, slot) : nullptr));
    return cards;
}

RecipeCards::RecipeCards(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("recipeCards"));
    setAccessibleName(tr("Parts of the routing recipe"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::edge(), 2, metrics::edge(), 4);
    row->setSpacing(kArrow);
}

void RecipeCards::setCards(const std::vector<RecipeCard>& cards)
{
    QStringList words;
    for (std::size_t i = 0; i < cards.size(); ++i) {
        words << cards[i].title + QStringLiteral(": ") + cards[i].part;
        if (i < m_views.size()) {
            m_views[i]->setCard(cards[i]);
            continue;
        }
        auto* view = new RecipeCardView(cards[i]);
        layout()->addWidget(view);
        m_views.push_back(view);
        connect(view, &RecipeCardView::clicked, this, &RecipeCards::cardClicked);
        connect(view, &RecipeCardView::partChosen, this,
            [this, view](const QString& part) { Q_EMIT partChosen(view->card().key, part); });
        connect(view, &RecipeCardView::partAdded, this,
            [this, view](const QString& part) { Q_EMIT partAdded(view->card().slot, part); });
        connect(view, &RecipeCardView::partRemoved, this,
            [this, view](const QString& name) { Q_EMIT partRemoved(view->card().slot, name); });
    }
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    setSelected(m_selected);
}

void RecipeCards::setSelected(const QString& key)
{
    m_selected = key;
    for (RecipeCardView* view : m_views)
        view->setSelected(key == view->card().key || key.startsWith(view->card().key + QLatin1Char('.')));
}

void RecipeCards::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = currentTheme();
    painter.fillRect(rect(), theme.base);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.text3);
    for (std::size_t i = 0; i + 1 < m_views.size(); ++i) {
        const QRect card = m_views[i]->geometry();
        const QPointF tip(card.right() + kArrow - 3, card.center().y());
        painter.drawPolygon(QPolygonF({tip, tip + QPointF(-6, -5), tip + QPointF(-6, 5)}));
    }
}

}  // namespace moescope
