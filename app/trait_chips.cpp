// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/trait_chips.h"

#include <algorithm>

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include "engine/config/compose_recipe.h"
#include "widgets/state_glyph.h"

namespace moescope {
namespace {

constexpr int kBetween = 6, kInset = 6;

int glyphRoom(State state) { return state == State::None ? 0 : state == State::Ok ? 11 : 15; }

struct TraitWords {
    Trait trait;
    State state;
    const char* text;
    const char* about;
};

const TraitWords kWords[] = {
    {Trait::LeaksFutureInEvaluation, State::Alarm, QT_TRANSLATE_NOOP("TraitChips", "leaks the future in evaluation"),
        QT_TRANSLATE_NOOP("TraitChips",
            "A token's experts depend on later tokens also in evaluation: its perplexity "
            "cannot be compared with that of other methods.")},
    {Trait::LeaksFuture, State::Watch, QT_TRANSLATE_NOOP("TraitChips", "leaks the future in training"),
        QT_TRANSLATE_NOOP("TraitChips", "In training, a token's experts depend on later tokens of its sequence.")},
    {Trait::BatchCoupled, State::Watch, QT_TRANSLATE_NOOP("TraitChips", "couples the batch"),
        QT_TRANSLATE_NOOP("TraitChips", "A token's experts depend on other sequences of the batch.")},
    {Trait::EvalDiffers, State::Watch, QT_TRANSLATE_NOOP("TraitChips", "evaluation differs"),
        QT_TRANSLATE_NOOP("TraitChips", "Training and evaluation choose differently.")},
    {Trait::NeedsExpertOutputs, State::Watch, QT_TRANSLATE_NOOP("TraitChips", "needs expert outputs"),
        QT_TRANSLATE_NOOP("TraitChips", "Experts are asked before the choice is made: that costs their arithmetic.")},
    {Trait::NeedsTokenIds, State::None, QT_TRANSLATE_NOOP("TraitChips", "needs token ids"),
        QT_TRANSLATE_NOOP("TraitChips", "The choice looks at which token it is, not only at its hidden state.")},
    {Trait::VariableK, State::None, QT_TRANSLATE_NOOP("TraitChips", "k varies"),
        QT_TRANSLATE_NOOP("TraitChips", "The number of experts per token is not the same for all tokens.")},
    {Trait::GlobalScope, State::None, QT_TRANSLATE_NOOP("TraitChips", "global scope"),
        QT_TRANSLATE_NOOP("TraitChips", "Needs sums over all ranks.")},
    {Trait::ChangesExperts, State::None, QT_TRANSLATE_NOOP("TraitChips", "changes experts"),
        QT_TRANSLATE_NOOP("TraitChips", "The experts themselves are changed by the method.")},
    {Trait::DenseForm, State::Watch, QT_TRANSLATE_NOOP("TraitChips", "mixes tokens or parameters"),
        QT_TRANSLATE_NOOP(
            "TraitChips", "There are no pairs of token and expert: what counts pairs has nothing to show.")},
    {Trait::ChangesBlock, State::None, QT_TRANSLATE_NOOP("TraitChips", "changes the block"),
        QT_TRANSLATE_NOOP("TraitChips", "The block takes up the layer's answer otherwise than by adding it.")},
    {Trait::ChangesOptimiser, State::None, QT_TRANSLATE_NOOP("TraitChips", "changes gradients"),
        QT_TRANSLATE_NOOP("TraitChips", "The experts' gradients are changed before the optimiser sees them.")},
};

}  // namespace

std::vector<TraitChip> traitChips(
    const Catalog& catalog, const RoutingConfig& routing, const std::vector<Issue>& errors)
{
    std::vector<TraitChip> chips;
    for (const Issue& issue : errors)
        if (issue.key.starts_with("routing"))
            chips.push_back({QString::fromStdString(issue.reason), State::Alarm,
                QString::fromStdString(issue.key + ": " + issue.reason + "\n" + issue.remedy)});
    if (const RecipeInfo* base = catalog.recipe(routing.recipe); base && !base->researchOnly.empty())
        chips.push_back({TraitChips::tr("research only"), State::Watch,
            TraitChips::tr("Not comparable with the other methods: %1")
                .arg(QString::fromStdString(base->researchOnly))});
    const std::vector<Trait> traits = traitsOf(catalog, recipeOf(routing));
    const auto has = [&](Trait trait) { return std::ranges::find(traits, trait) != traits.end(); };
    if (!has(Trait::LeaksFuture) && !has(Trait::LeaksFutureInEvaluation))
        chips.push_back({TraitChips::tr("causal"), State::Ok,
            TraitChips::tr("A token's experts depend on earlier tokens only, or on itself.")});
    for (const TraitWords& words : kWords)
        if (has(words.trait))
            chips.push_back({TraitChips::tr(words.text), words.state, TraitChips::tr(words.about)});
    return chips;
}

TraitChips::TraitChips(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("traitChips"));
    setAccessibleName(tr("Traits of the routing"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void TraitChips::setChips(std::vector<TraitChip> chips)
{
    m_chips = std::move(chips);
    QStringList words;
    for (const TraitChip& chip : m_chips)
        words << chip.text;
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

std::vector<QRect> TraitChips::places(int width) const
{
    const Theme& theme = currentTheme();
    const QFontMetrics metrics(theme.small);
    const int height = metrics.height() + 4;
    const int begin = metrics::edge() + metrics.horizontalAdvance(tr("Traits")) + 8;
    int x = begin, y = 0;
    std::vector<QRect> places;
    for (const TraitChip& chip : m_chips) {
        const int glyph = glyphRoom(chip.state);
        const int room = std::max(width - begin - metrics::edge(), 40);
        const int wide = std::min(metrics.horizontalAdvance(chip.text) + 2 * kInset + glyph, room);
        if (x > begin && x + wide > begin + room) {
            x = begin;
            y += height + 4;
        }
        places.emplace_back(x, y, wide, height);
        x += wide + kBetween;
    }
    return places;
}

int TraitChips::heightForWidth(int width) const
{
    const std::vector<QRect> all = places(width);
    return (all.empty() ? QFontMetrics(currentTheme().small).height() : all.back().bottom() + 1) + 2;
}

QSize TraitChips::sizeHint() const { return {400, heightForWidth(width() > 40 ? width() : 800)}; }

void TraitChips::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = currentTheme();
    painter.setFont(theme.small);
    const std::vector<QRect> all = places(width());
    painter.setPen(theme.text2);
    painter.drawText(QRect(metrics::edge(), 0, 200, QFontMetrics(theme.small).height() + 4),
        Qt::AlignLeft | Qt::AlignVCenter, tr("Traits"));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const TraitChip& chip = m_chips[i];
        const bool loud = chip.state == State::Watch || chip.state == State::Alarm;
        painter.setPen(theme.line);
        painter.setBrush(loud ? theme.ground(chip.state) : theme.window);
        painter.drawRoundedRect(QRectF(all[i]).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        QRect text = all[i].adjusted(kInset, 0, -kInset, 0);
        if (chip.state != State::None) {
            paintState(painter, QRectF(text.left() - 2, text.top(), chip.state == State::Ok ? 8 : 12, text.height()),
                chip.state, theme);
            text.setLeft(text.left() + glyphRoom(chip.state));
        }
        painter.setFont(theme.small);
        painter.setPen(theme.text);
        painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(theme.small).elidedText(chip.text, Qt::ElideRight, text.width() + 1));
    }
}

bool TraitChips::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::vector<QRect> all = places(width());
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].contains(help->pos()))
            QToolTip::showText(help->globalPos(), m_chips[i].about, this);
    return true;
}

}  // namespace moescope
