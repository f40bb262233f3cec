// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/comparison.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "engine/base/json_text.h"
#include "engine/base/utf8.h"
#include "engine/config/estimate.h"
#include "engine/config/read_config.h"

namespace moescope {

namespace {

constexpr std::size_t kMaxEntries = 200, kMaxSeeds = 100;

/// As it would be written on the command line.
std::string textOf(const JsonNode& value)
{
    if (value.kind == JsonKind::Switch)
        return value.flag ? "true" : "false";
    return value.kind == JsonKind::Null ? "null" : value.text;
}

/// Reads one object; the first thing that is wrong ends it.
class ComparisonReader {
public:
    explicit ComparisonReader(std::string_view file)
        : m_file(file)
    {
    }

    Result<Comparison> read(const JsonNode& compare)
    {
        if (compare.kind != JsonKind::Object)
            return wrong(compare, "compare", "is no object", R"(write {"recipes": [...]})");
        for (const JsonMember& member : compare.members)
            if (auto taken = take(member); !taken)
                return forward(taken);
        if (m_comparison.entries.empty())
            return wrong(compare, "compare.recipes", "names no recipe", "list at least one");
        if (!m_comparison.equalTokens && !m_comparison.equalFlops)
            return wrong(compare, "compare.budgets", "names no budget", "list tokens, flops or both");
        std::set<std::string> names;
        for (const ComparisonEntry& entry : m_comparison.entries)
            if (!names.insert(entry.name).second)
                return wrong(compare, "compare.recipes", "has two rows called " + printable(entry.name),
                    R"(give one of them a "name")");
        return std::move(m_comparison);
    }

private:
    tl::unexpected<Error> wrong(
        const JsonNode& at, const std::string& key, const std::string& reason, const std::string& remedy) const
    {
        return tl::make_unexpected(
            Error{ErrorKind::User, toText({m_file, at.place.line, at.place.column, key, reason, remedy})});
    }

    Result<void> take(const JsonMember& member)
    {
        const JsonNode& value = member.value;
        if (member.key != "recipes" && member.key != "seeds" && member.key != "budgets")
            return wrong(value, "compare." + printable(member.key.substr(0, 60)), "unknown key",
                "known: recipes, seeds and budgets");
        const std::string key = "compare." + member.key;
        if (value.kind != JsonKind::Array || value.items.empty())
            return wrong(value, key, "is no list with something in it", "write it in brackets");
        if (value.items.size() > (member.key == "recipes" ? kMaxEntries : kMaxSeeds))
            return wrong(value, key, "is too long", "compare less at once");
        if (member.key == "seeds")
            m_comparison.seeds.clear();
        if (member.key == "budgets")
            m_comparison.equalTokens = m_comparison.equalFlops = false;
        for (const JsonNode& item : value.items) {
            auto taken = member.key == "recipes" ? takeEntry(item)
                : member.key == "seeds"          ? takeSeed(item)
                                                 : takeBudget(item);
            if (!taken)
                return taken;
        }
        return {};
    }

    Result<void> takeSeed(const JsonNode& item)
    {
        if (item.kind != JsonKind::Integer || item.integer < 0)
            return wrong(item, "compare.seeds", "a seed is a whole number from 0 on", "write such as [1, 2, 3]");
        if (std::ranges::find(m_comparison.seeds, item.integer) != m_comparison.seeds.end())
            return wrong(item, "compare.seeds", "seed " + item.text + " stands here twice", "remove one");
        m_comparison.seeds.push_back(item.integer);
        return {};
    }

    Result<void> takeBudget(const JsonNode& item)
    {
        if (item.kind != JsonKind::Text || (item.text != "tokens" && item.text != "flops"))
            return wrong(item, "compare.budgets", "there is no such budget", "known: tokens and flops");
        (item.text == "tokens" ? m_comparison.equalTokens : m_comparison.equalFlops) = true;
        return {};
    }

    Result<void> takeEntry(const JsonNode& item)
    {
        ComparisonEntry entry;
        if (item.kind == JsonKind::Text)
            entry.recipe = item.text;
        else if (item.kind != JsonKind::Object)
            return wrong(item, "compare.recipes", "a row is the id of a recipe, or an object", R"(write "smoe")");
        for (const JsonMember& member : item.members) {
            if (member.key == "recipe" && member.value.kind == JsonKind::Text)
                entry.recipe = member.value.text;
            else if (member.key == "name" && member.value.kind == JsonKind::Text)
                entry.name = member.value.text;
            else if (member.key == "settings" && member.value.kind == JsonKind::Object)
                for (const JsonMember& setting : member.value.members)
                    entry.settings.push_back(setting.key + "=" + textOf(setting.value));
            else
                return wrong(member.value, "compare.recipes." + printable(member.key.substr(0, 60)),
                    "is unknown or of a wrong kind", "a row has the texts recipe and name and the object settings");
        }
        if (entry.recipe.empty())
            return wrong(item, "compare.recipes", "this row names no recipe", R"(add "recipe": "smoe")");
        if (entry.name.empty())
            entry.name = entry.recipe;
        m_comparison.entries.push_back(std::move(entry));
        return {};
    }

    std::string m_file;
    Comparison m_comparison;
};

/// A name for a folder: letters, digits, dots and dashes.
std::string folderName(const std::string& entry, std::int64_t seed)
{
    std::string name;
    for (const char c : entry.substr(0, 80)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+'
            || c == '_' || (c == '.' && !name.empty());
        name += plain ? c : '-';
    }
    return name + "-seed" + std::to_string(seed);
}

class RunPlanner {
public:
    RunPlanner(
        std::string_view json, std::string_view name, const std::vector<std::string>& overrides, const Catalog& catalog)
        : m_json(json)
        , m_name(name)
        , m_overrides(overrides)
        , m_catalog(catalog)
    {
    }

    /// The run of an entry with the steps of the file, or with `steps`.
    Result<PlannedRun> plan(const ComparisonEntry& entry, std::int64_t seed, std::int64_t steps = 0) const
    {
        PlannedRun run;
        run.folder = folderName(entry.name, seed) + (steps > 0 ? "-flops" : "");
        run.entry = entry.name;
        run.seed = seed;
        run.overrides = {"routing.recipe=" + entry.recipe, "name=" + run.folder};
        run.overrides.insert(run.overrides.end(), entry.settings.begin(), entry.settings.end());
        run.overrides.insert(run.overrides.end(), m_overrides.begin(), m_overrides.end());
        run.overrides.push_back("seed=" + std::to_string(seed));
        if (steps > 0)
            run.overrides.push_back("training.steps=" + std::to_string(steps));
        ConfigReading reading = readConfig(m_json, m_name, run.overrides, m_catalog);
        if (!reading.ok())
            return fail(ErrorKind::User, "row " + printable(entry.name) + ": " + toError(reading).text);
        run.config = std::move(reading.config);
        const Estimate estimate = estimateRun(run.config, m_catalog);
        run.flops = estimate.flopsPerToken * static_cast<double>(estimate.totalTokens);
        return run;
    }

private:
    std::string_view m_json, m_name;
    const std::vector<std::string>& m_overrides;
    const Catalog& m_catalog;
};

}  // namespace

Result<Comparison> readComparison(std::string_view json, std::string_view name)
{
    const JsonReading reading = readJsonText(json);
    if (!reading.complete || !reading.problems.empty()) {
        const JsonProblem& problem = reading.problems.front();
        return fail(ErrorKind::User,
            toText({std::string(name), problem.place.line, problem.place.column, "", problem.reason, problem.remedy}));
    }
    const JsonNode* compare = reading.root.find("compare");
    if (compare == nullptr)
        return fail(ErrorKind::User,
            printable(name)
                + " is no comparison: it has no object `compare`. Train it with `moescope-engine train`, or "
                  "add \"compare\": {\"recipes\": [\"smoe\", \"switch\"]}.");
    return ComparisonReader(name).read(*compare);
}

Result<std::vector<PlannedRun>> planRuns(std::string_view json, std::string_view name, const Comparison& comparison,
    const std::vector<std::string>& overrides, const Catalog& catalog)
{
    const RunPlanner planner(json, name, overrides, catalog);
    std::vector<PlannedRun> runs;
    for (const std::int64_t seed : comparison.seeds) {
        double budget = 0;
        for (const ComparisonEntry& entry : comparison.entries) {
            auto run = planner.plan(entry, seed);
            if (!run)
                return forward(run);
            if (budget == 0)
                budget = run->flops;
            const std::int64_t steps = run->config.training.steps;
            const auto paid = static_cast<std::int64_t>(
                std::clamp(std::round(static_cast<double>(steps) * budget / run->flops), 1.0, 1e12));
            run->equalTokens = comparison.equalTokens;
            run->equalFlops = comparison.equalFlops && paid == steps;
            if (run->equalTokens || run->equalFlops)
                runs.push_back(std::move(*run));
            if (!comparison.equalFlops || paid == steps)
                continue;
            auto longer = planner.plan(entry, seed, paid);
            if (!longer)
                return forward(longer);
            longer->equalFlops = true;
            runs.push_back(std::move(*longer));
        }
    }
    return runs;
}

}  // namespace moescope
