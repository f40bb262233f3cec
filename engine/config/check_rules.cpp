// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>

#include "engine/config/bound_field.h"
#include "engine/config/choice_schedule.h"
#include "engine/config/leaky_evaluation.h"
#include "engine/config/reading.h"
#include "engine/config/routed_experts.h"
#include "engine/config/routing_slots.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

std::string num(std::int64_t number) { return std::to_string(number); }

/// The nearest multiples of `step` around `value`: "96 or 128".
std::string multiplesNear(std::int64_t value, std::int64_t step)
{
    const std::int64_t below = value / step * step;
    return below == 0 ? num(step) : num(below) + " or " + num(below + step);
}

std::string divisors(std::int64_t value)
{
    std::vector<std::string> list;
    for (std::int64_t d = 1; d <= value && list.size() < 12; ++d)
        if (value % d == 0)
            list.push_back(num(d));
    return listText(list);
}

class RuleChecker {
public:
    explicit RuleChecker(Reading& reading)
        : m_reading(reading)
        , m_config(reading.result.config)
    {
    }

    void checkModel()
    {
        const ModelConfig& model = m_config.model;
        const std::string_view pattern = model.blockPattern;
        need({"model.block_pattern"},
            !pattern.empty() && pattern.size() <= 64 && pattern.find_first_not_of("sgf") == std::string_view::npos,
            "the pattern must have 1 to 64 letters out of s, g and f", "sg is attention, then a MoE block");
        need({"model.block_pattern"}, pattern.empty() || pattern.find('g') != std::string_view::npos,
            "the pattern has no MoE block", "add a g; the recipe dense makes a dense model of it");
        need({"model.hidden_size", "model.num_heads"}, model.hiddenSize % model.numHeads == 0,
            "a width of " + num(model.hiddenSize) + " cannot be divided among " + num(model.numHeads) + " heads",
            "give hidden_size " + multiplesNear(model.hiddenSize, model.numHeads) + ", or change num_heads");
        const std::int64_t headSize = model.hiddenSize / model.numHeads;
        need({"model.hidden_size", "model.num_heads", "model.positions"},
            model.positions != Positions::Rope || model.hiddenSize % model.numHeads != 0 || headSize % 2 == 0,
            "rotary positions turn pairs of features, and a head has " + num(headSize) + " of them",
            "choose hidden_size and num_heads with an even quotient, or model.positions=learned");
        need({"model.num_kv_heads", "model.num_heads"}, model.numHeads % model.numKvHeads == 0,
            num(model.numHeads) + " query heads cannot share " + num(model.numKvHeads) + " key/value heads evenly",
            "give " + divisors(model.numHeads));
    }

    void checkRouting()
    {
        checkNeeds();
        const std::int64_t chosen = choicesOf(m_config.routing, m_reading.catalog);
        const std::int64_t experts = numRoutedExperts(m_config.model);
        need({"routing.selector.k", "model.num_experts"}, chosen <= experts,
            "a token cannot choose " + num(chosen) + " of " + num(experts) + " experts",
            "give routing.selector.k at most " + num(experts) + ", or more experts");
        // A schedule begins or ends with fewer experts than the selector names.
        const ChoiceRange range = choiceRange(m_config.routing, m_reading.catalog, experts);
        const bool scheduled = range.least < chosen || range.most > chosen;
        const std::int64_t k = scheduled ? range.least : chosen;
        const std::string key = scheduled ? scheduleKey() + ".from" : "routing.selector.k";
        const PartInfo* selector = m_reading.catalog.part(Slot::Selector, m_config.routing.selector.part);
        if (selector != nullptr && has(*selector, Trait::DenseForm))
            checkLossesOfDense(*selector);
        for (const auto& [name, choice] : m_config.routing.hooks) {
            const PartInfo* hook = m_reading.catalog.part(Slot::Hook, choice.part);
            if (hook != nullptr && has(*hook, Trait::ChangesOptimiser))
                needEqualExperts("routing.hooks." + name + ".part", *hook);
        }
        if (selector != nullptr && has(*selector, Trait::DenseForm))
            needEqualExperts("routing.selector.part", *selector);
        for (const Trait trait : {Trait::ChangesBlock, Trait::ChangesOptimiser})
            checkSingleHook(trait);
        if (!m_config.routing.selector.settings.contains("k") && (selector == nullptr || selector->choices == 0))
            return;
        for (const Slot slot : kSingleSlots) {
            const PartChoice& choice = singleChoice(m_config.routing, slot);
            const PartInfo* part = m_reading.catalog.part(slot, choice.part);
            if (part == nullptr)
                continue;
            const std::string partKey = "routing." + std::string(slotKey(slot)) + ".part";
            need({key, partKey}, k >= part->minimumChoices,
                part->name + " with k = " + num(k) + " gives a constant weight: the router would get no gradient",
                "give " + key + " at least " + num(part->minimumChoices) + ", or another "
                    + std::string(slotKey(slot)));
        }
    }

    /// Parts that cannot do without others.
    void checkNeeds()
    {
        for (const Slot slot : kSingleSlots)
            checkNeedsOf(slot, dottedKey("routing", slotKey(slot)), singleChoice(m_config.routing, slot));
        for (const Slot slot : {Slot::Loss, Slot::Hook})
            for (const auto& [name, choice] : namedChoices(m_config.routing, slot))
                checkNeedsOf(slot, dottedKey(dottedKey("routing", slotKey(slot)), name), choice);
    }

    void checkEvaluation()
    {
        if (!isEvaluated(m_config, m_reading.catalog))
            m_reading.notice("evaluation.accept_leaky", whyNotEvaluated(),
                "the run trains without evaluation; evaluation.accept_leaky=true gives numbers called "
                "eval/leaky_bits_per_byte");
    }

    void checkData()
    {
        const DataConfig& data = m_config.data;
        const bool needsPath = data.corpus != "debian-texts" && data.corpus != "dialects";
        need({"data.path", "data.corpus"}, !needsPath || !data.path.empty(),
            "the corpus " + data.corpus + " needs a path",
            data.corpus == "text" ? "give the file or folder with your text"
                                  : "give the folder or file where you have put " + data.corpus);
        const std::int64_t shares = m_config.parallel.ranks * m_config.training.accumulation;
        need({"data.batch_sequences", "parallel.ranks", "training.accumulation"}, data.batchSequences % shares == 0,
            num(data.batchSequences) + " sequences cannot be divided among " + num(m_config.parallel.ranks)
                + " ranks with " + num(m_config.training.accumulation) + " micro-batches each",
            "give data.batch_sequences " + multiplesNear(data.batchSequences, shares));
        need({"probe.positions", "model.context"}, m_config.probe.positions <= m_config.model.context,
            "the probe takes " + num(m_config.probe.positions) + " positions of a context of "
                + num(m_config.model.context),
            "give at most " + num(m_config.model.context) + ", or leave it out");
    }

    void checkSchedule()
    {
        const auto& stones = m_config.schedule.milestones;
        need({"schedule.milestones", "schedule.shape"}, m_config.schedule.shape != "multi_step" || !stones.empty(),
            "multi_step needs milestones", "give the steps at which the learning rate falls, such as [600, 800]");
        const bool rising = std::ranges::adjacent_find(stones, [](auto a, auto b) { return a >= b; }) == stones.end();
        need({"schedule.milestones"}, rising && (stones.empty() || stones.front() >= 1),
            "milestones are steps from 1 on, rising", "sort them, each once");
    }

private:
    void checkNeedsOf(Slot slot, const std::string& key, const PartChoice& choice)
    {
        const PartInfo* part = m_reading.catalog.part(slot, choice.part);
        for (const PartNeed& wanted : part == nullptr ? std::vector<PartNeed>{} : part->needs)
            need({dottedKey(key, "part"), dottedKey(dottedKey("routing", slotKey(wanted.slot)), "part"), key},
                hasPart(wanted), choice.part + " needs the " + std::string(slotKey(wanted.slot)) + ' ' + wanted.part,
                "choose it, or exchange " + key);
    }

    bool hasPart(const PartNeed& wanted) const
    {
        if (wanted.slot != Slot::Loss && wanted.slot != Slot::Hook)
            return singleChoice(m_config.routing, wanted.slot).part == wanted.part;
        return std::ranges::any_of(namedChoices(m_config.routing, wanted.slot),
            [&](const auto& named) { return named.second.part == wanted.part; });
    }

    std::string scheduleKey() const
    {
        for (const auto& [name, choice] : m_config.routing.hooks)
            if (choice.part == kChoiceScheduleHook)
                return "routing.hooks." + name;
        return "routing.hooks";
    }

    static bool has(const PartInfo& part, Trait trait)
    {
        return std::ranges::find(part.traits, trait) != part.traits.end();
    }

    void needEqualExperts(const std::string& key, const PartInfo& part)
    {
        const std::vector<RoutedExpert> experts = routedExperts(m_config.model);
        const bool equal = std::ranges::all_of(experts, [&](const RoutedExpert& expert) {
            return expert.kind == ExpertKind::FeedForward && expert.width == experts.front().width && expert.sign == 1;
        });
        need({key}, equal, part.name + " needs experts of one kind and width",
            "choose another " + std::string(slotKey(part.slot)) + ", or a recipe whose experts are equal");
    }

    void checkLossesOfDense(const PartInfo& selector)
    {
        for (const auto& [name, choice] : m_config.routing.losses) {
            const PartInfo* loss = m_reading.catalog.part(Slot::Loss, choice.part);
            const std::string key = dottedKey("routing.losses", name);
            need({dottedKey(key, "part"), "routing.selector.part"}, loss == nullptr || loss->fitsDense,
                selector.name + " makes no pairs of token and expert, and the loss " + choice.part + " needs them",
                "take the loss away with " + key + "=null, or choose another selector");
        }
    }

    /// Two answers to "what does the block do instead of h + y?" would leave one of them unused.
    void checkSingleHook(Trait trait)
    {
        std::vector<std::string> names;
        for (const auto& [name, choice] : m_config.routing.hooks) {
            const PartInfo* hook = m_reading.catalog.part(Slot::Hook, choice.part);
            if (hook != nullptr && has(*hook, trait))
                names.push_back(name);
        }
        if (names.size() < 2)
            return;
        const std::string key = dottedKey("routing.hooks", names.back());
        need({dottedKey(key, "part")}, false, "the hooks " + listText(names, "and") + " want to do the same thing",
            "keep one of them: " + key + "=null takes the other away");
    }

    /// Places the error at the first of the keys that was set; silent when one of them is wrong already.
    void need(std::initializer_list<std::string> keys, bool holds, std::string reason, std::string remedy)
    {
        if (holds || std::ranges::any_of(keys, [&](const auto& key) { return m_reading.wrongKeys.contains(key); }))
            return;
        const auto set = std::ranges::find_if(keys, [&](const auto& key) { return m_reading.isSet(key); });
        m_reading.error(set == keys.end() ? *keys.begin() : *set, std::move(reason), std::move(remedy));
    }

    Reading& m_reading;
    const RunConfig& m_config;
};

}  // namespace

void checkRules(Reading& reading)
{
    RuleChecker checker(reading);
    checker.checkModel();
    checker.checkRouting();
    checker.checkEvaluation();
    checker.checkData();
    checker.checkSchedule();
}

}  // namespace moescope
