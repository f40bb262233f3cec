// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/compare_result.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>
#include <optional>
#include <span>

#include <nlohmann/json.hpp>

#include "engine/analysis/load.h"
#include "engine/analysis/routing_change.h"
#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/cli/output.h"
#include "engine/run/run_folder.h"
#include "engine/run/snapshot.h"

namespace moescope {

namespace {

using OrderedJson = nlohmann::ordered_json;

double meanOf(const std::vector<double>& values)
{
    return values.empty() ? ComparisonRow::kUnknown
                          : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> lastOf(const RunSnapshot& log, std::string_view tag)
{
    const Series* series = log.scalar(tag);
    return series == nullptr || series->size() == 0 ? std::nullopt
                                                    : std::optional<double>(series->value(series->size() - 1));
}

/// Layer by layer of a tensor [layer, …].
std::vector<std::span<const double>> layersOf(const std::vector<double>& values, std::int64_t numLayers)
{
    std::vector<std::span<const double>> layers;
    if (numLayers <= 0 || values.size() % static_cast<std::size_t>(numLayers) != 0)
        return layers;
    const std::size_t size = values.size() / static_cast<std::size_t>(numLayers);
    for (std::size_t first = 0; first < values.size(); first += size)
        layers.push_back(std::span(values).subspan(first, size));
    return layers;
}

void addLoad(const RunSnapshot& log, ComparisonRow& row)
{
    const TensorTrack* assigned = log.tensor("load/assigned");
    const TensorTrack* kept = log.tensor("load/kept");
    if (assigned == nullptr || kept == nullptr || assigned->shape().size() != 2)
        return;
    const std::int64_t from = log.lastStep - std::max<std::int64_t>(1, log.lastStep / 10);
    const auto before = assigned->sum(from, log.lastStep), after = kept->sum(from, log.lastStep);
    if (!before || !after)
        return;
    std::vector<double> variations;
    for (const auto layer : layersOf(*before, assigned->shape()[0]))
        variations.push_back(loadMetrics(layer).coefficientOfVariation);
    row.loadCv = meanOf(variations);
    const double all = std::accumulate(before->begin(), before->end(), 0.0);
    if (all > 0)
        row.dropped = 1 - std::accumulate(after->begin(), after->end(), 0.0) / all;
}

void addDiversity(const RunSnapshot& log, ComparisonRow& row)
{
    const TensorTrack* diversity = log.tensor("similarity/diversity");
    const TensorTrack* cosine = log.tensor("similarity/cosine");
    if (diversity == nullptr || cosine == nullptr || diversity->size() == 0 || cosine->shape().size() != 3)
        return;
    const auto experts = static_cast<double>(cosine->shape()[1]);
    const auto layers = diversity->values(diversity->size() - 1);
    if (!layers || layers->empty())
        return;
    row.diversity = meanOf(*layers) / experts;
    row.leastDiversity = *std::ranges::min_element(*layers) / experts;
}

void addFlips(const RunSnapshot& log, ComparisonRow& row)
{
    const TensorTrack* experts = log.tensor("probe/experts");
    if (experts == nullptr || experts->size() < 2 || experts->shape().size() != 3)
        return;
    const auto before = experts->values(experts->size() - 2), after = experts->values(experts->size() - 1);
    if (!before || !after || before->size() != after->size())
        return;
    const std::int64_t numLayers = experts->shape()[0];
    const auto numChoices = static_cast<std::size_t>(experts->shape()[2]);
    const auto old = layersOf(*before, numLayers), now = layersOf(*after, numLayers);
    std::vector<double> flips;
    for (std::size_t layer = 0; layer < now.size(); ++layer)
        flips.push_back(flipRate({old[layer], now[layer], numChoices}));
    row.flips = meanOf(flips);
    row.flipSteps = experts->step(experts->size() - 1) - experts->step(experts->size() - 2);
}

void addSpeed(const RunSnapshot& log, const RunConfig& config, ComparisonRow& row)
{
    const Series* steps = log.scalar("speed/step_ms");
    if (steps == nullptr)
        return;
    double milliseconds = 0;
    for (std::size_t i = 0; i < steps->size(); ++i)
        milliseconds += steps->value(i);
    row.seconds = milliseconds * static_cast<double>(config.record.every) / 1e3;
}

// ------------------------------------------------------------------------------------------------------------ tables

struct Column {
    const char* key;
    const char* title;
    int digits;
    std::function<double(const ComparisonRow&)> value;
};

const std::vector<Column>& columns()
{
    static const std::vector<Column> all{
        {"bits_per_byte", "BITS/BYTE", 4, [](const ComparisonRow& row) { return row.bitsPerByte; }},
        {"load_cv", "LOAD CV", 3, [](const ComparisonRow& row) { return row.loadCv; }},
        {"dropped", "DROPPED", 3, [](const ComparisonRow& row) { return row.dropped; }},
        {"diversity", "D/E", 3, [](const ComparisonRow& row) { return row.diversity; }},
        {"least_diversity", "WORST D/E", 3, [](const ComparisonRow& row) { return row.leastDiversity; }},
        {"flips", "FLIPS", 3, [](const ComparisonRow& row) { return row.flips; }},
        {"flops", "FLOPS", 0, [](const ComparisonRow& row) { return row.flops; }},
        {"seconds", "SECONDS", 0, [](const ComparisonRow& row) { return row.seconds; }},
    };
    return all;
}

std::string cellText(const Column& column, const std::vector<const ComparisonRow*>& rows)
{
    std::vector<double> values;
    for (const ComparisonRow* row : rows)
        if (const double value = column.value(*row); std::isfinite(value))
            values.push_back(value);
    if (values.empty())
        return "–";
    const double mean = meanOf(values);
    const auto text = [&](double number) {
        return std::string_view(column.key) == "flops" ? formatShort(number) : formatNumber(number, column.digits);
    };
    if (values.size() == 1)
        return text(mean);
    double square = 0;
    for (const double value : values)
        square += (value - mean) * (value - mean);
    return text(mean) + " ± " + text(std::sqrt(square / static_cast<double>(values.size() - 1)));
}

std::string budgetTable(const std::string& title, const std::vector<ComparisonRow>& rows, bool ComparisonRow::*budget)
{
    std::vector<std::string> entries;
    for (const ComparisonRow& row : rows)
        if (row.*budget && std::ranges::find(entries, row.entry) == entries.end())
            entries.push_back(row.entry);
    if (entries.empty())
        return {};
    std::string text = title + "\n" + padded("METHOD", 24);
    for (const Column& column : columns())
        text += "  " + padded(column.title, 15);
    text += "\n";
    for (const std::string& entry : entries) {
        std::vector<const ComparisonRow*> seeds;
        std::string problems;
        for (const ComparisonRow& row : rows)
            if (row.entry == entry && row.*budget) {
                seeds.push_back(&row);
                if (!row.problem.empty())
                    problems += "    " + row.folder + ": " + row.problem + "\n";
            }
        text += padded(entry, 24);
        for (const Column& column : columns())
            text += "  " + padded(cellText(column, seeds), 15);
        text.erase(text.find_last_not_of(' ') + 1);
        text += "\n" + problems;
    }
    return text + "\n";
}

OrderedJson numberOrNull(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

/// A field of a CSV file, in quotes where it must be.
std::string csvText(const std::string& text)
{
    if (text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

std::string budgetsText(const ComparisonRow& row)
{
    return std::string(row.equalTokens ? "tokens" : "") + (row.equalTokens && row.equalFlops ? "+" : "")
        + (row.equalFlops ? "flops" : "");
}

}  // namespace

ComparisonRow readComparisonRow(const std::filesystem::path& runs, const PlannedRun& planned)
{
    ComparisonRow row;
    row.folder = planned.folder;
    row.entry = planned.entry;
    row.recipe = planned.config.routing.recipe;
    row.seed = planned.seed;
    row.equalTokens = planned.equalTokens;
    row.equalFlops = planned.equalFlops;
    row.state = "missing";
    const std::filesystem::path path = runs / planned.folder;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        row.problem = "not trained yet";
        return row;
    }
    const auto run = RunFolder::open(FileSystem::real(), path);
    const auto status = run ? run->status() : Result<RunStatus>(forward(run));
    if (!status) {
        row.problem = status.error().text;
        return row;
    }
    row.state = stateName(status->state);
    row.steps = status->step;
    row.tokens = static_cast<double>(row.steps)
        * static_cast<double>(planned.config.data.batchSequences * planned.config.model.context);
    row.flops = planned.flops * static_cast<double>(row.steps) / static_cast<double>(planned.config.training.steps);
    RunStore store(path);
    for (Result<bool> more = true; more && *more;)
        more = store.poll();
    const auto log = store.snapshot();
    if (const auto bits = lastOf(*log, "eval/full_bits_per_byte"))
        row.bitsPerByte = *bits;
    else if (const auto sample = lastOf(*log, "eval/bits_per_byte"))
        row.bitsPerByte = *sample;
    addLoad(*log, row);
    addDiversity(*log, row);
    addFlips(*log, row);
    addSpeed(*log, planned.config, row);
    if (status->state != RunState::Finished)
        row.problem = "ended at step " + formatCount(row.steps) + " of " + formatCount(planned.config.training.steps)
            + " (" + row.state + (status->exit ? ", " + status->exit->cause : "") + ")";
    return row;
}

std::string comparisonJson(const std::vector<ComparisonRow>& rows)
{
    OrderedJson json{{"format_version", 1}};
    json["rows"] = OrderedJson::array();
    for (const ComparisonRow& row : rows) {
        OrderedJson item{{"name", row.entry}, {"recipe", row.recipe}, {"seed", row.seed}, {"run", row.folder},
            {"equal_tokens", row.equalTokens}, {"equal_flops", row.equalFlops}, {"state", row.state},
            {"problem", row.problem}, {"steps", row.steps}, {"tokens", numberOrNull(row.tokens)}};
        for (const Column& column : columns())
            item[column.key] = numberOrNull(column.value(row));
        item["flip_steps"] = row.flipSteps;
        json["rows"].push_back(std::move(item));
    }
    return json.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

std::string comparisonCsv(const std::vector<ComparisonRow>& rows)
{
    std::string text = "name,recipe,seed,budget,run,state,problem,steps,tokens";
    for (const Column& column : columns())
        text += std::string(",") + column.key;
    text += ",flip_steps\n";
    const auto number = [](double value) {
        char digits[40] = "";
        if (std::isfinite(value))
            std::snprintf(digits, sizeof digits, "%.9g", value);
        return std::string(digits);
    };
    for (const ComparisonRow& row : rows) {
        text += csvText(row.entry) + ',' + csvText(row.recipe) + ',' + std::to_string(row.seed) + ',' + budgetsText(row)
            + ',' + csvText(row.folder) + ',' + row.state + ',' + csvText(row.problem) + ',' + std::to_string(row.steps)
            + ',' + number(row.tokens);
        for (const Column& column : columns())
            text += ',' + number(column.value(row));
        text += ',' + std::to_string(row.flipSteps) + '\n';
    }
    return text;
}

std::string comparisonText(const std::vector<ComparisonRow>& rows)
{
    return budgetTable("Equal tokens", rows, &ComparisonRow::equalTokens)
        + budgetTable("Equal FLOPs", rows, &ComparisonRow::equalFlops);
}

}  // namespace moescope
