// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// open_window_bench [STEPS]   Time from opening the window to the loss curve with all points of a run of 1,000,000
// steps with five scalars a step (goal: 0.5 s), and of a frame while panning (goal: 16 ms).
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <QApplication>
#include <QElapsedTimer>

#include "app/main_window.h"
#include "engine/base/file_system.h"
#include "engine/run/event_log.h"
#include "widgets/line_chart.h"

using namespace moescope;

namespace {

void writeRun(const std::filesystem::path& path, std::int64_t numSteps)
{
    RunIdentity identity;
    identity.id = identity.name = "bench";
    identity.created = 1.7e9;
    const auto folder = RunFolder::create(FileSystem::real(), path, identity, "{}");
    RunStatus status;
    status.state = RunState::Finished;
    status.step = numSteps;
    if (!folder || !folder->writeStatus(status))
        std::abort();
    auto writer = EventLogWriter::create(FileSystem::real(), path, 1).value();
    Record record;
    record.scalars = {{"loss/total", 0}, {"loss/language_model", 0}, {"train/learning_rate", 0},
        {"train/gradient_norm", 0}, {"speed/tokens_per_second", 0}};
    for (std::int64_t step = 1; step <= numSteps; ++step) {
        record.step = step;
        record.wallTime = 1.7e9 + 0.1 * static_cast<double>(step);
        for (ScalarValue& scalar : record.scalars)
            scalar.value = 3 + std::sin(static_cast<float>(step % 1000));
        if (!writer.append(record))
            std::abort();
    }
}

struct Opened {
    double seconds = 0;
    double processor = 0;  ///< seconds of all threads together, which other programs on the machine disturb less
};

Opened open(const std::filesystem::path& run, std::int64_t numSteps)
{
    QElapsedTimer clock;
    clock.start();
    const std::clock_t used = std::clock();
    WindowOptions options;
    options.folders << QString::fromStdString(run.string());
    MainWindow window(options);
    window.resize(1440, 900);
    window.show();
    const auto* chart = window.findChild<LineChart*>(QStringLiteral("lossChart"));
    while (
        chart->spec().series.empty() || chart->spec().series[0].source->size() < static_cast<std::size_t>(numSteps)) {
        QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 5);
        if (clock.elapsed() > 60'000)
            std::abort();
    }
    window.grab();
    const Opened opened{
        static_cast<double>(clock.nsecsElapsed()) * 1e-9, static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC};
    QElapsedTimer frames;
    frames.start();
    constexpr int kFrames = 50;
    for (int i = 0; i < kFrames; ++i) {
        const auto from = static_cast<std::int64_t>(static_cast<double>(numSteps) * (0.1 + 0.01 * i));
        window.selection().setRange(from, from + numSteps / 3);
        const_cast<LineChart*>(chart)->grab();
    }
    std::printf("pan      %6.2f ms a frame\n", static_cast<double>(frames.nsecsElapsed()) * 1e-6 / kFrames);
    return opened;
}

}  // namespace

int main(int argc, char** argv)
{
    const std::int64_t numSteps = argc > 1 ? std::max(1000, std::atoi(argv[1])) : 1'000'000;
    const std::filesystem::path work = std::filesystem::temp_directory_path() / "moescope-open-window-bench";
    std::filesystem::remove_all(work);
    std::filesystem::create_directories(work);
    std::filesystem::permissions(work, std::filesystem::perms::owner_all);
    for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, QByteArray::fromStdString(work.string()));
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    applyTheme(application, Theme::light());
    writeRun(work / "run", numSteps);
    for (int round = 0; round < 3; ++round) {
        const Opened opened = open(work / "run", numSteps);
        std::printf("open     %6.2f s to a loss curve of %lld points (processor %.2f s)\n", opened.seconds,
            static_cast<long long>(numSteps), opened.processor);
    }
    std::filesystem::remove_all(work);
    return 0;
}
