// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// claims: does what papers say come out here? Small tasks with a known answer, several seeds, mean and spread.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/units.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/data/patch_experts.h"
#include "engine/routing/registry.h"
#include "engine/train/teacher_student.h"

namespace moescope {

namespace {

using OrderedJson = nlohmann::ordered_json;

struct ClaimsOptions {
    std::vector<std::string> sections;
    int seeds = 3, points = 16'000;
    std::int64_t steps = 400;
    double noise = 8;
    bool json = false;
};

/// A line of a section: numbers by name, one for each seed.
struct ClaimRow {
    std::string name;
    std::vector<std::pair<std::string, std::vector<double>>> numbers;
};

struct Claim {
    std::string section, text;
    bool holds = false;
    std::vector<ClaimRow> rows;
};

double meanOfSeeds(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double spreadOfSeeds(const std::vector<double>& values)
{
    const double mean = meanOfSeeds(values);
    double square = 0;
    for (const double value : values)
        square += (value - mean) * (value - mean);
    return values.size() < 2 ? 0 : std::sqrt(square / static_cast<double>(values.size() - 1));
}

// -------------------------------------------------------------------------------------------------- teacher and
// student

Result<ClaimRow> studentRow(
    const ClaimsOptions& options, const Catalog& catalog, std::string name, TeacherStudentSettings settings)
{
    ClaimRow row{std::move(name),
        {{"mean_cosine", {}}, {"diversity", {}}, {"loss", {}}, {"load_entropy", {}}, {"dispatch_entropy", {}}}};
    settings.steps = options.steps;
    for (int seed = 1; seed <= options.seeds; ++seed) {
        settings.seed = static_cast<std::uint64_t>(seed);
        const auto report = trainOnTeacher(settings, catalog);
        if (!report)
            return forward(report);
        const double numbers[] = {
            report->meanCosine, report->diversity, report->loss, report->loadEntropy, report->dispatchEntropy};
        for (std::size_t i = 0; i < row.numbers.size(); ++i)
            row.numbers[i].second.push_back(numbers[i]);
        say("teacher, " + row.name + ", seed " + std::to_string(seed) + ": mean cosine "
            + formatNumber(report->meanCosine, 3) + ", D/E " + formatNumber(report->diversity, 3));
    }
    return row;
}

bool allOf(const ClaimRow& row, std::size_t number, double from, double to)
{
    return std::ranges::all_of(row.numbers[number].second, [&](double value) { return value >= from && value <= to; });
}

/// spec: diagnostics 7.2; limits: mean cosine 0.45 and D/E 0.5 against 0.15 and 0.85.
Result<Claim> teacherClaim(const ClaimsOptions& options, const Catalog& catalog)
{
    TeacherStudentSettings smoe, random, noisy;
    random.randomRouting = true;
    noisy.routerNoise = options.noise;
    Claim claim{"teacher",
        "Random routing and strong router noise make experts alike (mean cosine >= 0.45, D/E <= 0.5); SMoE does not "
        "(<= 0.15, >= 0.85)",
        false, {}};
    for (const auto& [name, settings] :
        {std::pair{std::string("smoe"), smoe}, std::pair{std::string("random routing"), random},
            std::pair{"router noise, deviation " + formatNumber(options.noise, 1), noisy}}) {
        auto row = studentRow(options, catalog, name, settings);
        if (!row)
            return forward(row);
        claim.rows.push_back(std::move(*row));
    }
    claim.holds = allOf(claim.rows[0], 0, -1, 0.15) && allOf(claim.rows[0], 1, 0.85, 1.01);
    for (const std::size_t collapsed : {1U, 2U})
        claim.holds =
            claim.holds && allOf(claim.rows[collapsed], 0, 0.45, 1.01) && allOf(claim.rows[collapsed], 1, 0, 0.5);
    return claim;
}

// ------------------------------------------------------------------------------------------------------- Chen et al.

PatchExpertsReport patchReport(const ClaimsOptions& options, bool nonlinear, int seed)
{
    const PatchMixture mixture(PatchSettings::ofPaper(1), static_cast<std::uint64_t>(seed));
    PatchExpertsSettings settings;
    settings.nonlinear = nonlinear;
    settings.seed = static_cast<std::uint64_t>(seed);
    return trainPatchExperts(settings, mixture.draw(0, options.points), mixture.draw(1, options.points));
}

/// Nonlinear and linear experts side by side in two threads.
Claim patchClaim(const ClaimsOptions& options)
{
    Claim claim{"patches",
        "Chen et al. 2022, setting 1: nonlinear experts find the clusters (dispatch entropy <= 0.15 nats, best seed), "
        "linear ones do not (> 1.0; ln 4 = 1.386 knows nothing)",
        false, {}};
    for (const char* name : {"nonlinear", "linear"})
        claim.rows.push_back(
            {name, {{"dispatch_entropy", {}}, {"accuracy", {}}, {"normalised_information", {}}, {"epochs", {}}}});
    for (int seed = 1; seed <= options.seeds; ++seed) {
        std::array<PatchExpertsReport, 2> reports;
        {
            const std::jthread other([&] { reports[1] = patchReport(options, false, seed); });
            reports[0] = patchReport(options, true, seed);
        }
        for (std::size_t kind = 0; kind < 2; ++kind) {
            const double numbers[] = {reports[kind].dispatchEntropy, reports[kind].accuracy,
                reports[kind].normalisedInformation, static_cast<double>(reports[kind].entropies.size())};
            for (std::size_t i = 0; i < claim.rows[kind].numbers.size(); ++i)
                claim.rows[kind].numbers[i].second.push_back(numbers[i]);
            say("patches, " + claim.rows[kind].name + ", seed " + std::to_string(seed) + ": dispatch entropy "
                + formatNumber(reports[kind].dispatchEntropy, 3));
        }
    }
    claim.holds = std::ranges::min(claim.rows[0].numbers[0].second) <= 0.15
        && std::ranges::min(claim.rows[1].numbers[0].second) > 1.0;
    return claim;
}

// -------------------------------------------------------------------------------------------------------------- result

std::string textOf(const Claim& claim)
{
    std::string text =
        claim.section + ": " + claim.text + "\n  " + (claim.holds ? "It holds." : "It does not hold here.") + "\n";
    for (const ClaimRow& row : claim.rows) {
        text += "  " + padded(row.name, 30);
        for (const auto& [name, values] : row.numbers)
            text += "  " + name + " " + formatNumber(meanOfSeeds(values), 3) + " ± "
                + formatNumber(spreadOfSeeds(values), 3);
        text += "\n";
    }
    return text;
}

OrderedJson jsonOf(const Claim& claim)
{
    OrderedJson json{{"section", claim.section}, {"claim", claim.text}, {"holds", claim.holds}};
    json["rows"] = OrderedJson::array();
    for (const ClaimRow& row : claim.rows) {
        OrderedJson item{{"name", row.name}};
        for (const auto& [name, values] : row.numbers)
            item[name] = {{"mean", meanOfSeeds(values)}, {"deviation", spreadOfSeeds(values)}, {"seeds", values}};
        json["rows"].push_back(std::move(item));
    }
    return json;
}

int claims(const ClaimsOptions& options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    const auto wanted = [&](std::string_view section) {
        return options.sections.empty() || std::ranges::find(options.sections, section) != options.sections.end();
    };
    std::vector<Claim> found;
    if (wanted("patches"))
        found.push_back(patchClaim(options));
    if (wanted("teacher")) {
        auto claim = teacherClaim(options, *catalog);
        if (!claim)
            return report(claim.error());
        found.push_back(std::move(*claim));
    }
    std::string text;
    OrderedJson json = OrderedJson::array();
    for (const Claim& claim : found) {
        text += textOf(claim);
        json.push_back(jsonOf(claim));
    }
    return printResult(options.json ? json.dump(1) + "\n" : text)
        ? 0
        : report({ErrorKind::Resources, "Standard output takes no more."});
}

}  // namespace

void addClaims(CLI::App& app, Action& action)
{
    auto options = std::make_shared<ClaimsOptions>();
    CLI::App* command = app.add_subcommand("claims", "Check what papers claim on small tasks with a known answer");
    command->add_option("SECTION", options->sections, "teacher, patches; all by itself")
        ->check(CLI::IsMember({"teacher", "patches"}));
    command->add_option("--seeds", options->seeds, "runs of each row")->check(CLI::Range(1, 100));
    command->add_option("--steps", options->steps, "training steps of a student")->check(CLI::Range(1, 1'000'000));
    command->add_option("--noise", options->noise, "deviation of the strong router noise; a point's own is 1.4")
        ->check(CLI::Range(0.0, 1000.0));
    command->add_option("--points", options->points, "training and test points of the patch mixture")
        ->check(CLI::Range(100, 1'000'000));
    command->add_flag("--json", options->json, "as JSON");
    command->callback([options, &action] { action = [options] { return claims(*options); }; });
}

}  // namespace moescope
