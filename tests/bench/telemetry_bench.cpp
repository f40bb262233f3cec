// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What watching costs: a training step with log, counts and probe beside one without, at the shape of the demo preset
// (goal: at most 1.03). The two take turns on one model, so that other load hits both.
// usage: telemetry_bench [--rounds N] [--threads N]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <unistd.h>

#include <ATen/Parallel.h>

#include "engine/base/file_system.h"
#include "engine/config/read_config.h"
#include "engine/data/evaluation_windows.h"
#include "engine/dist/group.h"
#include "engine/probe/expert_probe.h"
#include "engine/routing/registry.h"
#include "engine/train/run_recording.h"
#include "engine/train/token_batch.h"
#include "engine/train/training_step.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/places.h"

namespace moescope {
namespace {

constexpr int kStepsInTurn = 5;

RunConfig demoConfig(int threads)
{
    const Catalog catalog = routingCatalog(sourceFolder() + "/resources").value();
    const ConfigReading reading = readConfigFile(sourceFolder() + "/resources/presets/demo.json",
        {"data.corpus=dialects", "training.threads=" + std::to_string(threads), "model.attention=plain"}, catalog);
    if (!reading.ok()) {
        std::fprintf(stderr, "%s\n", toError(reading).text.c_str());
        std::exit(2);
    }
    return reading.config;
}

/// Steps of one kind: wall and processor seconds of each.
struct Steps {
    std::vector<double> wall;
    double cpu = 0;

    void time(const auto& step)
    {
        const double cpuBegin = bench::cpuSeconds(), begin = bench::wallSeconds();
        step();
        wall.push_back(bench::wallSeconds() - begin);
        cpu += bench::cpuSeconds() - cpuBegin;
    }
};

void runBench(int rounds, int threads, const std::filesystem::path& folder)
{
    RunConfig config = demoConfig(threads);
    at::set_num_threads(threads);
    const Corpus corpus = openCorpus(config.data, config.model.context).value();
    config.model.vocabulary = corpus.vocabulary;
    const BatchSource batches(corpus, config.model.context, 1);
    const auto group = singleGroup();
    Transformer model(config.model, config.routing, config.training.precision, 1);
    TrainingStep trainer(config, model, batches, *group);
    const auto recording = RunRecording::start(FileSystem::real(), folder, config, 1).value();
    Batch windows;
    (void)readWindows(
        corpus, sampleWindows(corpus, config.model.context, config.probe.sequences), config.model.context, windows);
    ExpertProbe probe(model, config, toTokenBatch(windows));

    std::int64_t step = 0;
    const auto train = [&](bool watched) {
        trainer.setRecordStats(watched);
        const StepOutcome outcome = trainer.run(Step(++step), 1e-3, {}, false).value();
        if (watched)
            recording->stepDone(outcome.report);
    };
    Steps with, without;
    for (int round = -1; round < rounds; ++round) {
        Steps warm;
        for (int i = 0; i < kStepsInTurn; ++i)
            (round < 0 ? warm : without).time([&] { train(false); });
        for (int i = 0; i < kStepsInTurn; ++i)
            (round < 0 ? warm : with).time([&] { train(true); });
    }
    Steps probes;
    for (int i = 0; i < 5; ++i)
        probes.time([&] { recording->probed(step, probe.measure()); });
    if (auto finished = recording->finish(); !finished)
        std::fprintf(stderr, "%s\n", finished.error().text.c_str());

    const bench::Timing a = bench::timingOf(with.wall, with.cpu), b = bench::timingOf(without.wall, without.cpu);
    const bench::Timing p = bench::timingOf(probes.wall, probes.cpu);
    const double every = static_cast<double>(config.probe.every);
    std::printf("threads %d, %d steps each; probe every %.0f steps\n", threads, rounds * kStepsInTurn, every);
    std::printf("step without           %8.2f ms (best %.2f)\n", 1e3 * b.median, 1e3 * b.best);
    std::printf("step with log, counts  %8.2f ms (best %.2f)\n", 1e3 * a.median, 1e3 * a.best);
    std::printf("probe                  %8.2f ms, %.2f a step\n", 1e3 * p.median, 1e3 * p.median / every);
    std::printf("ratio, wall median     %8.3f\n", (a.median + p.median / every) / b.median);
    std::printf("ratio, wall best       %8.3f\n", (a.best + p.best / every) / b.best);
    std::printf("ratio, processor time  %8.3f (goal 1.03)\n",
        (with.cpu + probes.cpu / 5 / every * static_cast<double>(with.wall.size())) / without.cpu);
}

}  // namespace
}  // namespace moescope

int main(int argc, char** argv)
{
    int rounds = 20, threads = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--rounds") == 0)
            rounds = std::atoi(argv[i + 1]);
        else if (std::strcmp(argv[i], "--threads") == 0)
            threads = std::atoi(argv[i + 1]);
    }
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("moescope-telemetry-bench-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    moescope::runBench(std::max(1, rounds), std::max(1, threads), folder);
    std::filesystem::remove_all(folder);
}
