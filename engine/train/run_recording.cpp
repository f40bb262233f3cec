// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/run_recording.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/analysis/load.h"
#include "engine/probe/expert_probe.h"

namespace moescope {

namespace {

using nlohmann::json;

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

template <class Number> void addTo(std::vector<Number>& sums, const std::vector<Number>& values)
{
    sums.resize(values.size());
    std::transform(sums.begin(), sums.end(), values.begin(), sums.begin(), std::plus<>());
}

std::vector<TensorMeaning> meanings()
{
    return {
        {"load/assigned", {"layer", "expert"}, "assignments"},
        {"load/kept", {"layer", "expert"}, "assignments"},
        {"router/probability_sum", {"layer", "expert"}, "probability"},
        {"router/entropy", {"layer"}, "nats"},
        {"similarity/cosine", {"layer", "expert", "expert"}, "cosine"},
        {"similarity/cka_excess", {"layer", "expert", "expert"}, "CKA excess"},
        {"similarity/diversity", {"layer"}, "experts"},
        {"progress/tokens", {}, "tokens"},
    };
}

void addScalar(Record& record, std::string tag, double value)
{
    record.scalars.push_back({std::move(tag), static_cast<float>(value)});
}

void addTimes(Record& record, const StepTimes& times, bool severalRanks)
{
    addScalar(record, "speed/step_ms", times.step);
    addScalar(record, "speed/data_ms", times.data);
    addScalar(record, "speed/forward_ms", times.forward);
    addScalar(record, "speed/backward_ms", times.backward);
    addScalar(record, "speed/optimizer_ms", times.optimizer);
    addScalar(record, "speed/record_ms", times.record);
    if (severalRanks)
        addScalar(record, "speed/communication_ms", times.communication);
}

Record recordAt(std::int64_t step)
{
    Record record;
    record.wallTime = now();
    record.step = step;
    return record;
}

}  // namespace

RunRecording::RunRecording(std::unique_ptr<Recorder> recorder, const RunConfig& config)
    : m_recorder(std::move(recorder))
    , m_config(config)
{
}

Result<std::unique_ptr<RunRecording>> RunRecording::start(
    FileSystem& files, const std::filesystem::path& run, const RunConfig& config, std::int64_t firstStep)
{
    RecorderOptions options;
    options.firstStep = firstStep;
    options.meanings = meanings();
    options.sums = {"load/assigned", "load/kept", "router/probability_sum"};
    auto recorder = Recorder::start(files, run, std::move(options));
    if (!recorder)
        return forward(recorder);
    return std::unique_ptr<RunRecording>(new RunRecording(std::move(*recorder), config));
}

void RunRecording::stepDone(const StepReport& report)
{
    const auto begin = std::chrono::steady_clock::now();
    m_lastStep = report.step;
    addLoad(report.load);
    Record record = recordAt(report.step);
    if (report.step % m_config.record.every == 0 || report.skipped || report.step == m_config.training.steps) {
        addScalar(record, "loss/total", report.total);
        addScalar(record, "loss/language_model", report.languageModel);
        for (const NamedNumber& loss : report.losses)
            addScalar(record, "loss/" + loss.name, loss.value);
        addScalar(record, "train/learning_rate", report.learningRate);
        addScalar(record, "train/gradient_norm", report.gradientNorm);
        addScalar(record, "speed/tokens_per_second", static_cast<double>(report.stepTokens) / report.times.step * 1e3);
        addTimes(record, report.times, m_config.parallel.ranks > 1);
        addScalar(record, "memory/peak_bytes", static_cast<double>(report.peakBytes));
    }
    if (report.step % m_config.record.loadEvery == 0 || report.step == m_config.training.steps)
        writeLoad(record);
    if (!record.scalars.empty() || !record.tensors.empty()) {
        record.tensors.push_back({"progress/tokens", {}, std::vector<std::int64_t>{report.tokens}});
        m_recorder->record(std::move(record));
    }
    m_lastMilliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void RunRecording::addLoad(const LoadReport& load)
{
    m_load.numLayers = load.numLayers;
    m_load.numExperts = load.numExperts;
    addTo(m_load.assigned, load.assigned);
    addTo(m_load.kept, load.kept);
    addTo(m_load.probabilitySum, load.probabilitySum);
    addTo(m_load.entropySum, load.entropySum);
    m_load.tokens += load.tokens;
    ++m_loadSteps;
}

void RunRecording::writeLoad(Record& record)
{
    if (m_loadSteps == 0 || m_load.numLayers == 0)
        return;
    const auto experts = static_cast<std::size_t>(m_load.numExperts);
    for (std::int64_t layer = 0; layer < m_load.numLayers; ++layer) {
        const auto first = m_load.assigned.begin() + static_cast<std::ptrdiff_t>(layer * m_load.numExperts);
        const std::vector<double> counts(first, first + static_cast<std::ptrdiff_t>(experts));
        addScalar(record, "load/max_violation/" + std::to_string(layer), loadMetrics(counts).maxViolation);
    }
    for (float& entropy : m_load.entropySum)
        entropy /= static_cast<float>(std::max<std::int64_t>(1, m_load.tokens));
    const std::vector<std::int64_t> matrix{m_load.numLayers, m_load.numExperts};
    record.tensors.push_back({"load/assigned", matrix, std::move(m_load.assigned)});
    record.tensors.push_back({"load/kept", matrix, std::move(m_load.kept)});
    record.tensors.push_back({"router/probability_sum", matrix, std::move(m_load.probabilitySum)});
    record.tensors.push_back({"router/entropy", {m_load.numLayers}, std::move(m_load.entropySum)});
    m_load = {};
    m_loadSteps = 0;
}

void RunRecording::evaluated(const EvaluationReport& report)
{
    Record record = recordAt(report.step);
    json domains = json::object();
    for (const NamedNumber& domain : report.domains)
        domains[domain.name] = domain.value;
    const std::string prefix = report.leaky ? "eval/leaky_" : "eval/";
    if (report.full) {
        addScalar(record, prefix + "full_bits_per_byte", report.bitsPerByte);
    } else {
        addScalar(record, prefix + "bits_per_byte", report.bitsPerByte);
        addScalar(record, prefix + "loss", report.loss);
    }
    const std::string bitsKey = report.leaky ? "leaky_bits_per_byte" : "bits_per_byte";
    const json event{{"kind", "evaluation"}, {"time", record.wallTime}, {"full", report.full}, {"bytes", report.bytes},
        {"loss", report.loss}, {bitsKey, report.bitsPerByte}, {"domains", domains}, {"seconds", report.seconds}};
    record.events.push_back({event.dump()});
    m_recorder->record(std::move(record));
}

void RunRecording::probed(std::int64_t step, const SimilarityReport& report)
{
    Record record = recordAt(step);
    const std::vector<std::int64_t> cube{report.numLayers, report.numExperts, report.numExperts};
    record.tensors.push_back({"similarity/cosine", cube, report.cosine});
    record.tensors.push_back({"similarity/cka_excess", cube, report.ckaExcess});
    record.tensors.push_back({"similarity/diversity", {report.numLayers}, report.diversity});
    addScalar(record, "speed/probe_ms", report.milliseconds);
    m_recorder->record(std::move(record));
}

void RunRecording::checkpointed(std::int64_t step, const std::string& name, double seconds)
{
    writeEvent(step, "checkpoint", json{{"name", name}, {"seconds", seconds}}.dump());
}

void RunRecording::stateChanged(std::int64_t step, RunState state, const std::string& cause)
{
    json members{{"state", stateName(state)}};
    if (!cause.empty())
        members["cause"] = cause;
    writeEvent(step, "state", members.dump());
}

void RunRecording::noticed(std::int64_t step, const std::string& kind, const std::string& members)
{
    writeEvent(step, kind, members);
}

void RunRecording::writeEvent(std::int64_t step, const std::string& kind, const std::string& members)
{
    Record record = recordAt(step);
    json event{{"kind", kind}, {"time", record.wallTime}};
    event.update(json::parse(members));
    record.events.push_back({event.dump(-1, ' ', false, json::error_handler_t::replace)});
    m_recorder->record(std::move(record));
}

void RunRecording::flush()
{
    writePendingLoad();
    // A disk that takes nothing for so long must not keep the checkpoint from being tried.
    m_recorder->flush(std::chrono::seconds(10));
}

/// Counts of an interval that a checkpoint or the end cuts in two.
void RunRecording::writePendingLoad()
{
    if (m_loadSteps == 0 || m_load.numLayers == 0)
        return;
    Record record = recordAt(m_lastStep);
    writeLoad(record);
    m_recorder->record(std::move(record));
}

Result<void> RunRecording::finish()
{
    writePendingLoad();
    return m_recorder->finish();
}

}  // namespace moescope
