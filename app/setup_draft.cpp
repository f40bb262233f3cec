// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/setup_draft.h"

#include <algorithm>

#include <QCoreApplication>

#include <nlohmann/json.hpp>

#include "app/counted.h"
#include "app/setting_value.h"
#include "engine/config/compose_recipe.h"
#include "engine/config/routing_slots.h"
#include "engine/config/schema.h"

namespace moescope {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepth = 64;
constexpr qsizetype kTextBytes = 1 << 20;

/// The parser recurses nowhere, but printing does: text that is nested deeper than any configuration is left alone.
bool tooDeep(const QString& text)
{
    int depth = 0, deepest = 0;
    for (const QChar c : text) {
        if (c == QLatin1Char('{') || c == QLatin1Char('['))
            deepest = std::max(deepest, ++depth);
        else if (c == QLatin1Char('}') || c == QLatin1Char(']'))
            --depth;
    }
    return deepest > kDepth;
}

std::optional<Json> parse(const QString& text)
{
    if (text.size() > kTextBytes || tooDeep(text))
        return std::nullopt;
    Json json = Json::parse(text.toStdString(), nullptr, false, true);
    return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

std::vector<std::string> pathOf(const QString& key)
{
    std::vector<std::string> path;
    for (const QString& part : key.split(QLatin1Char('.')))
        path.push_back(part.toStdString());
    return path;
}

const Json* find(const Json& root, const QString& key)
{
    const Json* at = &root;
    for (const std::string& part : pathOf(key)) {
        // "selector": "top-k" is short for {"part": "top-k"}.
        if (at->is_string() && part == "part")
            return at;
        if (!at->is_object() || !at->contains(part))
            return nullptr;
        at = &(*at)[part];
    }
    return at;
}

void put(Json& root, const QString& key, Json value)
{
    Json* at = &root;
    const std::vector<std::string> path = pathOf(key);
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        Json& next = (*at)[path[i]];
        if (next.is_string())
            next = Json{{"part", next}};
        if (!next.is_object())
            next = Json::object();
        at = &next;
    }
    (*at)[path.back()] = std::move(value);
}

void remove(Json& root, const QString& key)
{
    Json* at = &root;
    const std::vector<std::string> path = pathOf(key);
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        if (!at->is_object() || !at->contains(path[i]))
            return;
        at = &(*at)[path[i]];
    }
    if (at->is_object())
        at->erase(path.back());
}

Json jsonOf(const QVariant& value)
{
    switch (value.typeId()) {
    case QMetaType::Bool:
        return value.toBool();
    case QMetaType::Int:
    case QMetaType::LongLong:
        return value.toLongLong();
    case QMetaType::Double:
        return value.toDouble();
    case QMetaType::QVariantList: {
        Json list = Json::array();
        for (const QVariant& item : value.toList())
            list.push_back(jsonOf(item));
        return list;
    }
    default:
        return value.toString().toStdString();
    }
}

QVariant variantOf(const Json& json)
{
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_number_integer())
        return QVariant(static_cast<qint64>(json.get<std::int64_t>()));
    if (json.is_number())
        return json.get<double>();
    if (json.is_string())
        return QString::fromStdString(json.get<std::string>());
    if (json.is_array()) {
        QVariantList list;
        for (const Json& item : json)
            list << variantOf(item);
        return list;
    }
    return {};
}

QString print(const Json& json)
{
    return QString::fromStdString(json.dump(2, ' ', false, Json::error_handler_t::replace)) + QLatin1Char('\n');
}

QString slotTitle(Slot slot)
{
    switch (slot) {
    case Slot::Scorer:
        return QCoreApplication::translate("Setup", "Scorer");
    case Slot::ScoreMap:
        return QCoreApplication::translate("Setup", "Score map");
    case Slot::Selector:
        return QCoreApplication::translate("Setup", "Selector");
    case Slot::Capacity:
        return QCoreApplication::translate("Setup", "Capacity");
    case Slot::Weigher:
        return QCoreApplication::translate("Setup", "Weigher");
    case Slot::Loss:
        return QCoreApplication::translate("Setup", "Loss");
    case Slot::Hook:
        return QCoreApplication::translate("Setup", "Hook");
    }
    return {};
}

QString routingKey(Slot slot, const std::string& name = {})
{
    QString key = QStringLiteral("routing.") + QString::fromStdString(std::string(slotKey(slot)));
    return name.empty() ? key : key + QLatin1Char('.') + QString::fromStdString(name);
}

const QString& recipeKey()
{
    static const QString key = QStringLiteral("routing.recipe");
    return key;
}

}  // namespace

/// The parsed forms; json stays out of the header.
struct SetupDraft::Documents {
    Json current = Json::object();   ///< what the text says, as long as it is JSON
    Json resolved = Json::object();  ///< of the last valid state
    Json origin = Json::object();    ///< as loaded
    Json originResolved = Json::object();
};

SetupDraft::SetupDraft(Catalog catalog)
    : m_catalog(std::move(catalog))
    , m_documents(std::make_unique<Documents>())
{
    load(QStringLiteral("{}\n"), {});
}

SetupDraft::~SetupDraft() = default;
SetupDraft::SetupDraft(SetupDraft&&) noexcept = default;

void SetupDraft::load(const QString& json, const QString& originName)
{
    m_originName = originName;
    m_text = json;
    m_notice.clear();
    m_documents->current = parse(json).value_or(Json::object());
    m_documents->origin = m_documents->current;
    check();
    m_documents->originResolved = m_documents->resolved;
}

void SetupDraft::setText(const QString& text)
{
    m_text = text;
    m_notice.clear();
    if (std::optional<Json> parsed = parse(text))
        m_documents->current = std::move(*parsed);
    check();
}

void SetupDraft::setField(const QString& key, const QVariant& value)
{
    m_notice.clear();
    Json& document = m_documents->current;
    if (key == recipeKey()) {
        const Json* routing = find(document, QStringLiteral("routing"));
        if (routing && routing->is_object() && routing->size() > 1)
            m_notice = counted(static_cast<std::int64_t>(routing->size()) - 1,
                QCoreApplication::translate("Setup", "%1 setting of the recipe before went with it"),
                QCoreApplication::translate("Setup", "%1 settings of the recipe before went with it"));
        document["routing"] = Json{{"recipe", jsonOf(value)}};
    } else if (key.endsWith(QStringLiteral(".part"))) {
        // Another part has other settings.
        put(document, key.chopped(5), Json{{"part", jsonOf(value)}});
    } else if (value == originValue(key) && !find(m_documents->origin, key)) {
        remove(document, key);
    } else if (value.typeId() == QMetaType::QString && value.toString().isEmpty() && field(key).has_value()
        && field(key)->type != FieldType::Text && field(key)->type != FieldType::Path) {
        remove(document, key);
    } else {
        put(document, key, jsonOf(value));
    }
    changed();
    // A default that follows another field has not gone back with its key.
    if (m_reading.ok() && this->value(key) != value && value == originValue(key)) {
        put(document, key, jsonOf(value));
        changed();
    }
}

void SetupDraft::changed()
{
    m_text = print(m_documents->current);
    check();
}

void SetupDraft::addPart(Slot slot, const QString& part)
{
    m_notice.clear();
    // Under the part's name it may stand there as removed; its settings are the defaults then.
    put(m_documents->current, routingKey(slot, part.toStdString()), Json{{"part", part.toStdString()}});
    changed();
}

void SetupDraft::removePart(Slot slot, const QString& name)
{
    m_notice.clear();
    const QString key = routingKey(slot, name.toStdString());
    const auto recipe = findRecipe(m_catalog, routing().recipe);
    if (recipe && namedChoices(*recipe, slot).contains(name.toStdString()))
        put(m_documents->current, key, nullptr);
    else
        remove(m_documents->current, key);
    changed();
}

void SetupDraft::adoptRecipe(const RecipeInfo& recipe)
{
    m_catalog.recipes.push_back(recipe);
    m_notice.clear();
    m_documents->current["routing"] = Json{{"recipe", recipe.id}};
    changed();
}

const RoutingConfig& SetupDraft::routing() const
{
    const RoutingConfig& read = m_reading.config.routing;
    const bool whole = !m_reading.ok() && findRecipe(m_catalog, read.recipe)
        && std::ranges::all_of(
            kSingleSlots, [&](Slot slot) { return m_catalog.part(slot, singleChoice(read, slot).part) != nullptr; });
    return whole ? read : m_config.routing;
}

void SetupDraft::check()
{
    m_reading = readConfig(m_text.toStdString(), "", {}, m_catalog);
    if (!m_reading.ok())
        return;
    m_config = m_reading.config;
    m_estimate = estimateRun(m_config, m_catalog);
    m_documents->resolved = Json::parse(writeConfig(m_config, m_catalog), nullptr, false);
}

QString SetupDraft::resolvedText() const { return print(m_documents->resolved); }

QString SetupDraft::originText() const { return print(m_documents->originResolved); }

QVariant SetupDraft::value(const QString& key) const
{
    // What was typed wins, also while it is wrong.
    if (!m_reading.ok())
        if (const Json* typed = find(m_documents->current, key); typed && !typed->is_object())
            return variantOf(*typed);
    const Json* resolved = find(m_documents->resolved, key);
    return resolved ? variantOf(*resolved) : QVariant();
}

QVariant SetupDraft::originValue(const QString& key) const
{
    const Json* found = find(m_documents->originResolved, key);
    return found ? variantOf(*found) : QVariant();
}

FormField SetupDraft::row(const Field& field, const QString& key, const QString& group) const
{
    FormField row = formField(field, key, group, field.fallback);
    if (const QVariant now = value(key); now.isValid())
        row.value = now;
    return row;
}

std::vector<FormField> SetupDraft::fields() const
{
    std::vector<FormField> rows;
    for (const Section& section : configSections()) {
        const QString group =
            section.key.empty() ? QCoreApplication::translate("Setup", "Run") : QString::fromStdString(section.label);
        for (const Field& field : section.fields) {
            const QString name = QString::fromStdString(field.key);
            rows.push_back(row(field,
                section.key.empty() ? name : QString::fromStdString(section.key) + QLatin1Char('.') + name, group));
        }
        if (section.key == "model")
            addRouting(rows);
    }
    return rows;
}

void SetupDraft::addRouting(std::vector<FormField>& rows) const
{
    const QString group = QCoreApplication::translate("Setup", "Routing");
    const auto choice = [&](const QString& key, const QString& label, const QStringList& choices, const QString& help) {
        FormField row;
        row.key = key;
        row.group = group;
        row.label = label;
        row.type = FormType::Choice;
        row.choices = choices;
        row.value = value(key);
        row.fallback = row.value;
        row.help = help;
        rows.push_back(row);
    };
    QStringList recipes;
    for (const RecipeInfo& recipe : m_catalog.recipes)
        recipes << QString::fromStdString(recipe.id);
    const RoutingConfig& routing = this->routing();
    const auto recipe = findRecipe(m_catalog, routing.recipe);
    choice(recipeKey(), QCoreApplication::translate("Setup", "Recipe"), recipes,
        recipe ? QString::fromStdString(recipe->summary) : QString());
    const auto addRows = [&](Slot slot, const QString& key, const PartChoice& chosen, const QString& label,
                             bool exchange) {
        const PartInfo* part = m_catalog.part(slot, chosen.part);
        if (exchange) {
            QStringList names;
            for (const PartInfo& other : m_catalog.parts)
                if (other.slot == slot)
                    names << QString::fromStdString(other.name);
            choice(
                key + QStringLiteral(".part"), label, names, part ? QString::fromStdString(part->summary) : QString());
        }
        for (const Field& field : part ? part->fields : std::vector<Field>{}) {
            FormField made = row(field, key + QLatin1Char('.') + QString::fromStdString(field.key), group);
            if (!exchange)
                made.label = label + QStringLiteral(": ") + made.label.toLower();
            rows.push_back(made);
        }
    };
    for (const Slot slot : kSingleSlots)
        addRows(slot, routingKey(slot), singleChoice(routing, slot), slotTitle(slot), true);
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        for (const auto& [name, chosen] : namedChoices(routing, slot))
            addRows(slot, routingKey(slot, name), chosen, QString::fromStdString(name), false);
}

std::optional<Field> SetupDraft::field(const QString& key) const
{
    for (const Section& section : configSections())
        for (const Field& field : section.fields)
            if (key
                == (section.key.empty() ? QString() : QString::fromStdString(section.key) + QLatin1Char('.'))
                    + QString::fromStdString(field.key))
                return field;
    const auto search = [&](Slot slot, const QString& prefix, const PartChoice& chosen) -> std::optional<Field> {
        const PartInfo* part = m_catalog.part(slot, chosen.part);
        for (const Field& field : part ? part->fields : std::vector<Field>{})
            if (key == prefix + QLatin1Char('.') + QString::fromStdString(field.key))
                return field;
        return std::nullopt;
    };
    for (const Slot slot : kSingleSlots)
        if (const auto found = search(slot, routingKey(slot), singleChoice(routing(), slot)))
            return found;
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        for (const auto& [name, chosen] : namedChoices(routing(), slot))
            if (const auto found = search(slot, routingKey(slot, name), chosen))
                return found;
    return std::nullopt;
}

}  // namespace moescope
