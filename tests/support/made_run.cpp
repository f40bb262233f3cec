// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/made_run.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "engine/analysis/load.h"
#include "engine/analysis/similarity.h"
#include "engine/base/file_system.h"
#include "engine/config/read_config.h"
#include "engine/run/checkpoint_folder.h"
#include "tests/support/small_catalog.h"

namespace moescope {

namespace {

constexpr int kLayers = 6, kExperts = 16;
constexpr std::int64_t kTokens = 8192, kChoices = 2;
constexpr double kSecondsPerStep = 0.666;

/// Repeatable noise in -1 … 1 for a place: the same whatever was drawn before.
double noise(std::uint64_t a, std::uint64_t b, std::uint64_t c)
{
    std::uint64_t x = 0;
    for (const std::uint64_t part : {a, b, c}) {
        x += part + 0x9E3779B97F4A7C15u;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        x ^= x >> 31;
    }
    return static_cast<double>(x >> 11) / static_cast<double>(1ULL << 52) - 1;
}

double smoothStep(double t)
{
    t = std::clamp(t, 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

/// Near 0 most of the time, deviation about 1 / 2.
double bell(std::uint64_t a, std::uint64_t b) { return (noise(a, b, 101) + noise(a, b, 102) + noise(a, b, 103)) / 2; }

/// Noise that wanders: about `waves` turns over the log.
double drift(const MadeRunOptions& options, std::int64_t step, double waves, std::uint64_t a, std::uint64_t b)
{
    const double at = static_cast<double>(step) * waves / static_cast<double>(options.lastStep);
    const auto from = static_cast<std::uint64_t>(at);
    const double t = smoothStep(at - static_cast<double>(from));
    return noise(a, b, from) * (1 - t) + noise(a, b, from + 1) * t;
}

/// 0 before the collapse, 1 after it.
double collapsed(const MadeRunOptions& options, std::int64_t step)
{
    const double length = 0.2 * static_cast<double>(options.lastStep);
    return options.collapse ? smoothStep(static_cast<double>(step - madeOnset(options)) / length) : 0;
}

std::vector<std::int64_t> counts(const MadeRunOptions& options, std::int64_t step)
{
    const double share = static_cast<double>(step) / static_cast<double>(options.lastStep);
    std::vector<std::int64_t> all;
    for (int layer = 0; layer < kLayers; ++layer) {
        std::vector<double> weights(kExperts);
        for (int expert = 0; expert < kExperts; ++expert) {
            const auto place = static_cast<std::uint64_t>(layer * kExperts + expert);
            const double taste = noise(place, 1, static_cast<std::uint64_t>(options.seed));
            const double wave = drift(options, step, 40, place, 2);
            const double early = 1.6 * std::exp(-share * 9);
            double log2Share =
                (0.45 + early) * taste + 0.14 * wave + 0.03 * noise(place, static_cast<std::uint64_t>(step), 3);
            if (layer == 3)
                log2Share *= 0.8 - 0.7 * collapsed(options, step);
            weights[static_cast<std::size_t>(expert)] = std::exp2(log2Share);
        }
        if (layer == 1)
            weights[6] *= share > 0.9 ? 0.08 : 1;
        if (layer == 5 && share > 0.93)
            weights[11] = 0;
        double sum = 0;
        for (const double weight : weights)
            sum += weight;
        std::int64_t left = kTokens * kChoices;
        for (int expert = 0; expert < kExperts; ++expert) {
            const auto count = static_cast<std::int64_t>(
                std::floor(kTokens * kChoices * weights[static_cast<std::size_t>(expert)] / sum));
            all.push_back(count);
            left -= count;
        }
        all[static_cast<std::size_t>(layer * kExperts)] += left;
    }
    return all;
}

int groupOf(int expert)
{
    static const std::set<int> first{2, 4, 5, 7, 9, 12, 15}, second{1, 3, 6, 10, 14};
    return first.contains(expert) ? 0 : second.contains(expert) ? 1 : 2;
}

double cosine(const MadeRunOptions& options, std::int64_t step, int layer, int a, int b)
{
    if (a == b)
        return 1;
    const auto place = static_cast<std::uint64_t>((layer * kExperts + std::min(a, b)) * kExperts + std::max(a, b));
    const bool sameBlock = (a * 7 + layer) % kExperts / 5 == (b * 7 + layer) % kExperts / 5;
    const double healthy = 0.03 + (sameBlock ? 0.16 : 0) + 0.03 * noise(place, 7, 1);
    if (layer != 3)
        return healthy + 0.01 * noise(place, static_cast<std::uint64_t>(step), 5);
    const int groupA = groupOf(a), groupB = groupOf(b);
    double end = groupA == 2 || groupB == 2 ? 0.25 + 0.06 * noise(place, 7, 2) : 0.56 + 0.04 * noise(place, 7, 3);
    if (groupA == groupB && groupA < 2)
        end = (groupA == 0 ? 0.87 : 0.72) + 0.03 * noise(place, 7, 4);
    if (std::min(a, b) == 2 && std::max(a, b) == 5)
        end = 0.985;
    const double t = collapsed(options, step);
    return healthy * (1 - t) + end * t;
}

TensorValue similarityTensor(const MadeRunOptions& options, std::int64_t step, bool excess)
{
    std::vector<float> values;
    for (int layer = 0; layer < kLayers; ++layer)
        for (int a = 0; a < kExperts; ++a)
            for (int b = 0; b < kExperts; ++b) {
                const double similarity = cosine(options, step, layer, a, b);
                values.push_back(static_cast<float>(excess && a != b ? similarity * 1.05 - 0.08 : similarity));
            }
    return {excess ? "similarity/cka_excess" : "similarity/cosine", {kLayers, kExperts, kExperts}, values};
}

TensorValue diversityTensor(const TensorValue& similarity)
{
    const auto& values = std::get<std::vector<float>>(similarity.data);
    std::vector<float> numbers;
    for (int layer = 0; layer < kLayers; ++layer) {
        const auto from = values.begin() + layer * kExperts * kExperts;
        const std::vector<double> matrix(from, from + kExperts * kExperts);
        numbers.push_back(static_cast<float>(diversityNumber(matrix, kExperts)));
    }
    return {"similarity/diversity", {kLayers}, numbers};
}

/// Bits per byte of the smooth curve.
double bits(const MadeRunOptions& options, std::int64_t step)
{
    const double share = static_cast<double>(step) / static_cast<double>(options.lastStep);
    return 1.82 + options.worse + 1.1 * std::exp(-share * 3.6) + 3.2 * std::exp(-share * 40);
}

std::string configJson(const MadeRunOptions& options)
{
    const std::string json = R"({"seed": )" + std::to_string(options.seed) + R"(, "name": ")" + options.name
        + R"(", "model": {"num_layers": 6, "num_experts": 16, "context": 256}, "data": {"batch_sequences": 32},)"
        + R"( "training": {"steps": )" + std::to_string(options.plannedSteps) + R"(}, "evaluation": {"every": )"
        + std::to_string(options.evaluationEvery) + R"(}, "probe": {"every": )" + std::to_string(options.probeEvery)
        + R"(}, "checkpoint": {"every": )" + std::to_string(options.checkpointEvery) + "}}";
    const ConfigReading reading = readConfig(json, "made_run", {}, smallCatalog());
    EXPECT_TRUE(reading.ok()) << (reading.ok() ? "" : toText(reading.errors.front()));
    return writeConfig(reading.config, smallCatalog());
}

std::string eventJson(const std::string& kind, const std::string& key, const std::string& text, double time)
{
    return R"({"kind": ")" + kind + R"(", "time": )" + std::to_string(time) + R"(, ")" + key + R"(": ")" + text
        + R"("})";
}

}  // namespace

std::int64_t madeOnset(const MadeRunOptions& options) { return options.lastStep * 68 / 100; }

MadeRun::MadeRun(const std::filesystem::path& path, const MadeRunOptions& options)
    : m_options(options)
{
    if (m_options.created == 0)
        m_options.created = static_cast<double>(std::time(nullptr));
    RunIdentity identity;
    identity.id = "made-" + path.filename().string();
    identity.name = options.name;
    identity.created = m_options.created;
    identity.program = "moescope-engine 0.1.0";
    identity.libtorch = "2.11.0";
    identity.git = "0123abc";
    identity.host = "workstation";
    identity.devices = {"cpu"};
    identity.seed = options.seed;
    Result<RunFolder> made = RunFolder::create(FileSystem::real(), path, identity, configJson(options));
    if (!made)
        throw std::runtime_error(made.error().text);
    m_folder = *made;
    if (options.rolledBackFrom > 0) {
        growTo(options.rolledBackFrom);
        m_log.reset();
        m_step = options.rolledBackTo;
    }
    growTo(options.lastStep);
    setState(options.state, options.exit);
    const bool live = options.state == RunState::Training || options.state == RunState::Holding;
    if (!live)
        m_lock.reset();
}

void MadeRun::lock()
{
    Result<RunLock> lock = m_folder->lock();
    if (!lock)
        throw std::runtime_error(lock.error().text);
    m_lock.emplace(std::move(*lock));
}

void MadeRun::growTo(std::int64_t step)
{
    if (!m_lock)
        lock();
    if (!m_log) {
        Result<EventLogWriter> log = EventLogWriter::create(FileSystem::real(), m_folder->path(), m_step + 1);
        if (!log)
            throw std::runtime_error(log.error().text);
        m_log.emplace(std::move(*log));
        for (const char* tag : {"load/assigned", "load/kept"})
            m_log->describe({tag, {"layer", "expert"}, "assignments"});
        for (const char* tag : {"similarity/cosine", "similarity/cka_excess"})
            m_log->describe({tag, {"layer", "expert", "expert"}, ""});
        m_log->describe({"similarity/diversity", {"layer"}, "experts"});
        m_log->describe({"progress/tokens", {}, "tokens"});
    }
    while (m_step < step)
        append(++m_step);
    setState(RunState::Training);
}

void MadeRun::append(std::int64_t step)
{
    const MadeRunOptions& o = m_options;
    Record record;
    record.step = step;
    record.wallTime = o.created + 20 + kSecondsPerStep * static_cast<double>(step);
    const auto at = static_cast<std::uint64_t>(step);
    const bool broken = o.nanFrom > 0 && step >= o.nanFrom;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const double loss = (bits(o, step) - 0.012 + 0.04 * bell(at, 11) + (step % 1021 == 480 ? 0.25 : 0)) * std::log(2.0);
    const auto scalar = [&](const std::string& tag, double value) {
        record.scalars.push_back({tag, static_cast<float>(value)});
    };
    scalar("loss/language_model", broken ? nan : loss);
    scalar("loss/balance",
        1.02 + 0.3 * std::exp(-static_cast<double>(step) * 8 / static_cast<double>(o.lastStep)) + 0.004 * bell(at, 12));
    scalar("loss/total", broken ? nan : loss + 0.0105);
    scalar("train/learning_rate",
        3e-3 * std::min(1.0, static_cast<double>(step) / 50)
            * (1 - 0.6 * static_cast<double>(step) / static_cast<double>(o.plannedSteps)));
    scalar("train/gradient_norm",
        broken ? nan
               : 0.42 + 2.5 * std::exp(-static_cast<double>(step) * 12 / static_cast<double>(o.lastStep))
                + 0.06 * bell(at, 13) + (step % 1021 == 480 ? 5 : 0));
    const double ms = 666 + 16 * bell(at, 14) + (step % o.checkpointEvery == 0 ? 180 : 0);
    scalar("speed/step_ms", ms);
    scalar("speed/tokens_per_second", kTokens * 1000 / ms);
    scalar("speed/data_ms", 6);
    scalar("speed/forward_ms", 0.31 * ms);
    scalar("speed/backward_ms", 0.58 * ms);
    scalar("speed/optimizer_ms", 0.09 * ms);
    scalar("speed/record_ms", 1.5);
    scalar("speed/probe_ms", step % o.probeEvery == 0 ? 60 : 0);
    scalar("memory/peak_bytes", 1.21e9);
    std::vector<std::int64_t> load = counts(o, step);
    for (int layer = 0; layer < kLayers; ++layer) {
        const auto from = load.begin() + layer * kExperts;
        const std::vector<double> row(from, from + kExperts);
        scalar("load/max_violation/" + std::to_string(layer), loadMetrics(row).maxViolation);
    }
    record.tensors.push_back({"load/assigned", {kLayers, kExperts}, load});
    record.tensors.push_back({"load/kept", {kLayers, kExperts}, load});
    record.tensors.push_back({"progress/tokens", {}, std::vector<std::int64_t>{step * kTokens}});
    if (step == 1)
        record.events.push_back({eventJson("state", "state", "training", record.wallTime)});
    if (step == 50)
        record.events.push_back({eventJson("notice", "text", "warm-up ends", record.wallTime)});
    if (o.rolledBackTo > 0 && step == o.rolledBackTo + 1)
        record.events.push_back({eventJson("state", "state", "resumed", record.wallTime)});
    if (step % o.evaluationEvery == 0)
        scalar("eval/bits_per_byte", broken ? static_cast<double>(nan) : bits(o, step));
    if (step % o.checkpointEvery == 0)
        record.events.push_back({eventJson("checkpoint", "name", checkpointName(step), record.wallTime)});
    if (step % o.probeEvery == 0) {
        record.tensors.push_back(similarityTensor(o, step, false));
        record.tensors.push_back(diversityTensor(record.tensors.back()));
        record.tensors.push_back(similarityTensor(o, step, true));
    }
    if (const Result<void> written = m_log->append(record); !written)
        throw std::runtime_error(written.error().text);
}

void MadeRun::setState(RunState state, std::optional<RunExit> exit)
{
    RunStatus status;
    status.state = state;
    status.step = m_step;
    status.pid = ::getpid();
    status.startTime = m_options.created;
    status.heartbeat = m_options.created + kSecondsPerStep * static_cast<double>(m_step);
    if (const std::int64_t last = m_step / m_options.checkpointEvery * m_options.checkpointEvery; last > 0)
        status.checkpoint = checkpointName(last);
    status.exit = exit;
    const bool live = state == RunState::Training || state == RunState::Holding;
    if (!live && !exit)
        status.exit = m_options.exit;
    if (const Result<void> written = m_folder->writeStatus(status); !written)
        throw std::runtime_error(written.error().text);
}

}  // namespace moescope
