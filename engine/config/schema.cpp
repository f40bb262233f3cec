// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/schema.h"

#include <map>

#include "engine/config/field_tables.h"

namespace moescope {

std::string dottedKey(std::string_view section, std::string_view field)
{
    std::string key(section);
    if (!key.empty())
        key += '.';
    return key += field;
}

const std::vector<BoundSection>& boundSections()
{
    static const std::vector<BoundSection> kSections = {runFields(), modelFields(), dataFields(), optimizerFields(),
        scheduleFields(), trainingFields(), evaluationFields(), checkpointFields(), probeFields(), parallelFields(),
        recordFields()};
    return kSections;
}

const BoundField* findBoundField(std::string_view key)
{
    static const auto kByKey = [] {
        std::map<std::string, const BoundField*, std::less<>> byKey;
        for (const BoundSection& section : boundSections())
            for (const BoundField& bound : section.fields)
                byKey[dottedKey(section.key, bound.field.key)] = &bound;
        return byKey;
    }();
    const auto found = kByKey.find(key);
    return found == kByKey.end() ? nullptr : found->second;
}

const std::vector<Section>& configSections()
{
    static const auto kSections = [] {
        std::vector<Section> sections;
        for (const BoundSection& bound : boundSections()) {
            Section section{bound.key, bound.label, {}};
            for (const BoundField& row : bound.fields)
                section.fields.push_back(row.field);
            sections.push_back(std::move(section));
        }
        return sections;
    }();
    return kSections;
}

}  // namespace moescope
