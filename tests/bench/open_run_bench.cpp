// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// open_run_bench [STEPS]   Time from a run folder to its first curve, and of pan and zoom, over a run of 1,000,000
// steps with five scalars a step (goals: 0.5 s and 16 ms a frame); then the same run with an expert load of [8, 16] a
// step beside them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/run/snapshot.h"

using namespace moescope;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kColumns = 2000;

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void writeRun(const std::filesystem::path& run, std::int64_t numSteps, bool withLoad)
{
    auto writer = EventLogWriter::create(FileSystem::real(), run, 1).value();
    Record record;
    record.scalars = {{"loss/total", 0}, {"loss/language_model", 0}, {"train/learning_rate", 0},
        {"train/gradient_norm", 0}, {"speed/tokens_per_second", 0}};
    record.tensors = {{"progress/tokens", {}, std::vector<std::int64_t>(1)}};
    if (withLoad)
        record.tensors.push_back({"load/assigned", {8, 16}, std::vector<std::int64_t>(128)});
    const auto begin = Clock::now();
    for (std::int64_t step = 1; step <= numSteps; ++step) {
        record.step = step;
        record.wallTime = 1.7e9 + 0.1 * static_cast<double>(step);
        float value = static_cast<float>(step % 1000);
        for (ScalarValue& scalar : record.scalars)
            scalar.value = 3 + std::sin(value += 1);
        std::get<1>(record.tensors[0].data)[0] = step * 4096;
        if (withLoad)
            std::ranges::fill(std::get<1>(record.tensors[1].data), step % 97);
        if (!writer.append(record))
            std::abort();
    }
    std::printf("write            %8.1f us a step\n", 1e6 * secondsSince(begin) / static_cast<double>(numSteps));
}

double bestOf(int rounds, const std::function<void()>& work)
{
    double best = 1e9;
    for (int i = 0; i < rounds; ++i) {
        const auto begin = Clock::now();
        work();
        best = std::min(best, secondsSince(begin));
    }
    return best;
}

double peakMegabytes()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:"))
            return std::atof(line.c_str() + 6) / 1024;
    }
    return 0;
}

void measure(const std::filesystem::path& run, std::int64_t numSteps, bool withLoad)
{
    const auto open = [&](RunStore& store) {
        while (store.poll(1 << 30).value()) { }
        const auto snapshot = store.snapshot();
        const Series& loss = *snapshot->scalar("loss/total");
        const auto columns = loss.columns(1, static_cast<double>(numSteps), kColumns, XAxis::Step);
        std::size_t points = 0;
        for (const SeriesColumn& column : columns)
            points += column.count;
        if (points != static_cast<std::size_t>(numSteps))
            std::abort();
        return snapshot;
    };
    const double first = bestOf(3, [&] {
        RunStore store(run);
        (void)open(store);
    });
    std::printf("first curve      %8.3f s, all %s points in it\n", first, formatCount(numSteps).c_str());
    RunStore store(run);
    const auto snapshot = open(store);
    std::printf("log              %8s, peak memory %.0f MB\n",
        formatBytes(static_cast<double>(snapshot->bytesKnown)).c_str(), peakMegabytes());
    double worst = 0;
    const double frames = 200;
    const auto begin = Clock::now();
    for (int frame = 0; frame < frames; ++frame) {
        const auto frameBegin = Clock::now();
        const double width = static_cast<double>(numSteps) * std::pow(0.97, frame);
        const double from = (static_cast<double>(numSteps) - width) * 0.37;
        for (const auto& [tag, series] : snapshot->scalars)
            (void)series.columns(from, from + width, kColumns, XAxis::Time);
        worst = std::max(worst, secondsSince(frameBegin));
    }
    std::printf("pan and zoom     %8.3f ms a frame of five curves, worst %.3f ms\n", 1e3 * secondsSince(begin) / frames,
        1e3 * worst);
    std::printf("snapshot copy    %8.3f ms\n", 1e3 * bestOf(5, [&] {
        for (const auto& [tag, series] : snapshot->scalars)
            (void)Series(series);
    }));
    if (!withLoad)
        return;
    const TensorTrack& load = *snapshot->tensor("load/assigned");
    std::printf("window sum       %8.3f ms over all steps\n",
        1e3 * bestOf(5, [&] { (void)load.sum(17, numSteps - 17).value(); }));
    std::printf("expert by time   %8.3f ms for %zu columns over all steps\n",
        1e3 * bestOf(5, [&] { (void)load.columns(3, 0, numSteps, 1000).value(); }),
        load.columns(3, 0, numSteps, 1000)->numColumns);
    std::printf("expert by time   %8.3f ms over 16,000 steps\n",
        1e3 * bestOf(5, [&] { (void)load.columns(3, numSteps / 2, numSteps / 2 + 16'000, 1000).value(); }));
    std::printf("one record       %8.3f ms\n", 1e3 * bestOf(5, [&] { (void)load.values(load.size() / 2).value(); }));
}

}  // namespace

int main(int argc, char** argv)
{
    const std::int64_t numSteps = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
    const std::filesystem::path run = std::filesystem::temp_directory_path() / ("moescope-bench" + temporaryName());
    for (const bool withLoad : {false, true}) {
        std::filesystem::create_directories(run);
        std::printf(
            "--- %s steps, five scalars%s\n", formatCount(numSteps).c_str(), withLoad ? " and a load of [8, 16]" : "");
        writeRun(run, numSteps, withLoad);
        measure(run, numSteps, withLoad);
        std::filesystem::remove_all(run);
    }
}
