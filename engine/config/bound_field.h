// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The one table of settings: each Field tied to its member of RunConfig. Reading, writing, defaults, schema and help
// come from it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/config/field.h"
#include "engine/config/run_config.h"

namespace moescope {

struct BoundField {
    Field field;
    std::function<Value(const RunConfig&)> get;
    std::function<void(RunConfig&, const Value&)>
        set;  ///< the value has the field's type and, for a Choice, is one of its choices
};

struct BoundSection {
    std::string key, label;  ///< as in Section
    std::vector<BoundField> fields;
};

/// All sections but routing, in the order of the form.
const std::vector<BoundSection>& boundSections();

/// By dotted key: "model.hidden_size", "seed"; null when there is none.
const BoundField* findBoundField(std::string_view key);

/// "model" and "hidden_size" -> "model.hidden_size"; the top level has no prefix.
std::string dottedKey(std::string_view section, std::string_view field);

/// Finishes the row that SectionTable::add began.
class FieldBuilder {
public:
    explicit FieldBuilder(Field& field)
        : m_field(field)
    {
    }
    FieldBuilder& range(double minimum, double maximum)
    {
        return m_field.minimum = minimum, m_field.maximum = maximum, *this;
    }
    FieldBuilder& unit(std::string text) { return m_field.unit = std::move(text), *this; }
    FieldBuilder& follows(std::string key) { return m_field.follows = std::move(key), *this; }
    FieldBuilder& path() { return m_field.type = FieldType::Path, *this; }
    FieldBuilder& resumable() { return m_field.resumable = true, *this; }
    FieldBuilder& advanced() { return m_field.advanced = true, *this; }

private:
    Field& m_field;
};

/// Makes a BoundSection row by row from member pointers; defaults are those of a fresh RunConfig.
template <class Owner> class SectionTable {
public:
    SectionTable(std::string key, std::string label, Owner RunConfig::*owner)
        : m_section{std::move(key), std::move(label), {}}
        , m_owner(owner)
    {
    }

    /// A switch, integer, number, text or list of integers, after the member's type.
    template <class T> FieldBuilder add(std::string key, std::string label, T Owner::*member, std::string help)
    {
        return addRow(
            std::move(key), std::move(label), std::move(help), typeOf<T>(), {},
            [owner = m_owner, member](const RunConfig& config) { return Value(config.*owner.*member); },
            [owner = m_owner, member](
                RunConfig& config, const Value& value) { config.*owner.*member = std::get<T>(value); });
    }

    /// An enum (choices in the order of its enumerators) or a text with fixed choices.
    template <class T>
    FieldBuilder addChoice(
        std::string key, std::string label, T Owner::*member, std::vector<std::string> choices, std::string help)
    {
        if constexpr (std::is_enum_v<T>) {
            return addRow(
                std::move(key), std::move(label), std::move(help), FieldType::Choice, choices,
                [owner = m_owner, member, choices](const RunConfig& config) {
                    return Value(choices.at(static_cast<std::size_t>(config.*owner.*member)));
                },
                [owner = m_owner, member, choices](RunConfig& config, const Value& value) {
                    for (std::size_t i = 0; i < choices.size(); ++i)
                        if (choices[i] == std::get<std::string>(value))
                            config.*owner.*member = static_cast<T>(i);
                });
        } else {
            FieldBuilder row = add(std::move(key), std::move(label), member, std::move(help));
            m_section.fields.back().field.type = FieldType::Choice;
            m_section.fields.back().field.choices = std::move(choices);
            return row;
        }
    }

    BoundSection take() { return std::move(m_section); }

private:
    template <class T> static constexpr FieldType typeOf()
    {
        if constexpr (std::is_same_v<T, bool>)
            return FieldType::Switch;
        else if constexpr (std::is_same_v<T, std::int64_t>)
            return FieldType::Integer;
        else if constexpr (std::is_same_v<T, double>)
            return FieldType::Number;
        else if constexpr (std::is_same_v<T, std::string>)
            return FieldType::Text;
        else
            return FieldType::IntegerList;
    }

    FieldBuilder addRow(std::string key, std::string label, std::string help, FieldType type,
        std::vector<std::string> choices, std::function<Value(const RunConfig&)> get,
        std::function<void(RunConfig&, const Value&)> set)
    {
        BoundField bound;
        bound.field.key = std::move(key);
        bound.field.label = std::move(label);
        bound.field.help = std::move(help);
        bound.field.type = type;
        bound.field.choices = std::move(choices);
        bound.field.fallback = get(RunConfig{});
        bound.get = std::move(get);
        bound.set = std::move(set);
        m_section.fields.push_back(std::move(bound));
        return FieldBuilder(m_section.fields.back().field);
    }

    BoundSection m_section;
    Owner RunConfig::*m_owner;
};

}  // namespace moescope
