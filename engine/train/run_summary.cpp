// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/run_summary.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/base/units.h"

namespace moescope {

namespace {

std::string row(std::string label, const std::string& text)
{
    label.resize(14, ' ');
    return label + text + "\n";
}

std::string domainText(const EvaluationReport& report)
{
    std::string text;
    for (const NamedNumber& domain : report.domains)
        text += (text.empty() ? "" : ", ") + domain.name + " " + formatNumber(domain.value, 3);
    return text.empty() ? text : " (" + text + ")";
}

std::string labelText(const EvaluationReport& report)
{
    return report.leaky ? "; the routing saw later tokens: no likelihood, not comparable" : "";
}

}  // namespace

std::string summaryText(const RunSummary& summary)
{
    std::string text = row("run", summary.folder) + row("state", summary.state);
    text += row("trained",
        formatCount(summary.step) + " steps, " + formatCount(summary.tokens) + " tokens, "
            + formatDuration(summary.seconds) + ", " + formatShort(summary.tokensPerSecond) + " tokens/s");
    if (summary.trainingLoss > 0)
        text += row("training loss", formatNumber(summary.trainingLoss, 4) + " nats per token");
    if (summary.full.bytes > 0) {
        text += row("validation",
            formatNumber(summary.full.bitsPerByte, 4) + " bits per byte on all "
                + formatBytes(static_cast<double>(summary.full.bytes)) + domainText(summary.full)
                + labelText(summary.full));
        if (!summary.full.leaky)
            text += row("perplexity", formatNumber(std::exp(summary.full.loss), 4));
    } else if (summary.sample.bytes > 0) {
        text += row("validation",
            formatNumber(summary.sample.bitsPerByte, 4) + " bits per byte on the sample" + labelText(summary.sample));
    }
    const std::vector<double>& ngrams = summary.anchors.ngramBits;
    for (std::size_t i = 0; i < ngrams.size(); ++i)
        text += row(std::to_string(i + 2) + "-gram", formatNumber(ngrams[i], 4) + " bits per byte on the same text");
    if (summary.anchors.bayesBits > 0)
        text += row("best possible", formatNumber(summary.anchors.bayesBits, 4) + " bits per token, on endless text");
    if (summary.full.bytes > 0 && summary.hasExperts)
        text += row("dense control",
            "the same without experts, at equal active parameters: moescope-engine train CONFIG routing.recipe=dense");
    return text;
}

std::string summaryJson(const RunSummary& summary)
{
    nlohmann::ordered_json json{{"run", summary.folder}, {"state", summary.state}, {"step", summary.step},
        {"tokens", summary.tokens}, {"seconds", summary.seconds}, {"tokens_per_second", summary.tokensPerSecond},
        {"training_loss", summary.trainingLoss}};
    if (summary.full.bytes > 0) {
        nlohmann::ordered_json domains = nlohmann::ordered_json::object();
        for (const NamedNumber& domain : summary.full.domains)
            domains[domain.name] = domain.value;
        json["validation"] = {{"bytes", summary.full.bytes}, {"loss", summary.full.loss},
            {summary.full.leaky ? "leaky_bits_per_byte" : "bits_per_byte", summary.full.bitsPerByte},
            {"domains", domains}};
    }
    const std::vector<double>& ngrams = summary.anchors.ngramBits;
    for (std::size_t i = 0; i < ngrams.size(); ++i)
        json["ngrams"][std::to_string(i + 2)] = ngrams[i];
    if (summary.anchors.bayesBits > 0)
        json["bayes_bits"] = summary.anchors.bayesBits;
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace moescope
