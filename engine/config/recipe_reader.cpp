// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/recipe_reader.h"

#include <algorithm>

#include "engine/base/json_text.h"
#include "engine/base/nearest.h"
#include "engine/base/utf8.h"
#include "engine/config/bound_field.h"
#include "engine/config/routing_slots.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

struct RecipeText {
    std::string_view key;
    std::string RecipeInfo::*member;
    bool required;
};

constexpr RecipeText kRecipeTexts[] = {{"title", &RecipeInfo::title, true}, {"summary", &RecipeInfo::summary, true},
    {"paper", &RecipeInfo::paper, true}, {"code", &RecipeInfo::code, false},
    {"differences", &RecipeInfo::differences, false}, {"research_only", &RecipeInfo::researchOnly, false}};

class RecipeReader {
public:
    RecipeReader(std::string_view file, const std::vector<PartInfo>& parts)
        : m_file(file)
    {
        m_catalog.parts = parts;
    }

    RecipeReading read(std::string_view json, std::string_view id)
    {
        m_reading.recipe.id = id;
        const bool plain = !id.empty() && id.size() <= 60 && std::ranges::all_of(id, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (!plain)
            error({}, "", "the file name is no recipe id", "use a-z, 0-9 and -, at most 60 characters");
        const JsonReading text = readJsonText(json);
        for (const JsonProblem& problem : text.problems)
            error(problem.place, "", problem.reason, problem.remedy);
        if (text.complete && text.root.kind != JsonKind::Object)
            error(text.root.place, "", std::string(jsonKindName(text.root.kind)) + " is no recipe",
                "write an object in braces");
        else if (text.complete)
            readRoot(text.root);
        return std::move(m_reading);
    }

private:
    void error(TextPlace place, const std::string& key, std::string reason, std::string remedy)
    {
        m_reading.errors.push_back(
            {m_file, place.line, place.column, printable(key), std::move(reason), std::move(remedy)});
    }

    void readRoot(const JsonNode& root)
    {
        for (const JsonMember& member : root.members)
            readMember(member);
        for (const RecipeText& text : kRecipeTexts)
            if (text.required && root.find(text.key) == nullptr)
                error(root.place, std::string(text.key), "this key is missing",
                    "every recipe has title, summary and paper");
        for (const Slot slot : kSingleSlots)
            if (root.find(slotKey(slot)) == nullptr)
                error(root.place, std::string(slotKey(slot)), "this key is missing",
                    "known parts: " + listText(partNames(slot)));
    }

    void readMember(const JsonMember& member)
    {
        std::vector<std::string> known = {"model", "model_defaults"};
        for (const RecipeText& text : kRecipeTexts) {
            if (member.key == text.key)
                return readText(member, text.member);
            known.emplace_back(text.key);
        }
        for (const Slot slot : kSlots) {
            if (member.key == slotKey(slot) && (slot == Slot::Loss || slot == Slot::Hook))
                return readNamed(member, slot);
            if (member.key == slotKey(slot))
                return readPart(member, slot, member.key, singleChoice(m_reading.recipe, slot));
            known.emplace_back(slotKey(slot));
        }
        if (member.key == "model")
            return readModel(member, m_reading.recipe.model);
        if (member.key == "model_defaults")
            return readModel(member, m_reading.recipe.modelDefaults);
        error(member.place, member.key, "unknown key", meant(member.key, known));
    }

    static std::string meant(const std::string& word, const std::vector<std::string>& known)
    {
        const std::string near = nearestWord(word, known);
        return near.empty() ? "known: " + listText(known) : "did you mean " + near + "?";
    }

    std::vector<std::string> partNames(Slot slot) const
    {
        std::vector<std::string> names;
        for (const PartInfo& part : m_catalog.parts)
            if (part.slot == slot)
                names.push_back(part.name);
        return names;
    }

    void readText(const JsonMember& member, std::string RecipeInfo::*into)
    {
        if (member.value.kind != JsonKind::Text || member.value.text.size() > 4096)
            return error(
                member.value.place, member.key, "this must be a text of at most 4096 bytes", "put it in double quotes");
        m_reading.recipe.*into = member.value.text;
    }

    void readNamed(const JsonMember& member, Slot slot)
    {
        if (member.value.kind != JsonKind::Object)
            return error(member.value.place, member.key, "this must be an object of named parts",
                R"(write {"balance": {"coefficient": 0.01}})");
        for (const JsonMember& named : member.value.members) {
            PartChoice& choice = namedChoices(m_reading.recipe, slot)[named.key];
            if (m_catalog.part(slot, named.key) != nullptr)
                choice.part = named.key;
            readPart(named, slot, dottedKey(member.key, named.key), choice);
        }
    }

    void readPart(const JsonMember& member, Slot slot, const std::string& key, PartChoice& choice)
    {
        const JsonNode& value = member.value;
        const JsonNode* name = value.kind == JsonKind::Text ? &value : value.find("part");
        if (value.kind != JsonKind::Object && value.kind != JsonKind::Text)
            return error(value.place, key, "this must name a part", R"(write "top-k" or {"part": "top-k", "k": 2})");
        if (name != nullptr)
            choice.part = name->kind == JsonKind::Text ? name->text : "";
        const PartInfo* part = m_catalog.part(slot, choice.part);
        if (part == nullptr)
            return error(name == nullptr ? value.place : name->place, key,
                "there is no part \"" + printable(choice.part) + '"', meant(choice.part, partNames(slot)));
        for (const JsonMember& setting : value.members)
            if (setting.key != "part")
                readSetting(setting, part->fields, key, choice.settings);
    }

    void readSetting(const JsonMember& setting, const std::vector<Field>& fields, const std::string& owner,
        std::map<std::string, Value>& into)
    {
        const std::string key = dottedKey(owner, setting.key);
        std::vector<std::string> known;
        for (const Field& field : fields) {
            known.push_back(field.key);
            if (field.key != setting.key)
                continue;
            if (auto value = readValue(field, setting.value, false))
                into[field.key] = std::move(*value);
            else
                error(setting.value.place, key, value.error().reason, value.error().remedy);
            return;
        }
        error(
            setting.place, key, "unknown key", known.empty() ? "this part has no settings" : meant(setting.key, known));
    }

    void readModel(const JsonMember& member, std::map<std::string, Value>& into)
    {
        if (member.value.kind != JsonKind::Object)
            return error(member.value.place, member.key, "this must be an object of model fields",
                R"(write {"num_experts": 1})");
        std::vector<Field> fields;
        for (const BoundSection& section : boundSections())
            if (section.key == "model")
                for (const BoundField& bound : section.fields)
                    fields.push_back(bound.field);
        for (const JsonMember& setting : member.value.members)
            readSetting(setting, fields, member.key, into);
    }

    std::string m_file;
    Catalog m_catalog;  ///< parts only
    RecipeReading m_reading;
};

}  // namespace

RecipeReading readRecipe(
    std::string_view json, std::string_view file, std::string_view id, const std::vector<PartInfo>& parts)
{
    return RecipeReader(file, parts).read(json, id);
}

}  // namespace moescope
