// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Tokens per second of a whole training step, by part, beside the plain PyTorch reference at equal shape and precision.
// usage: step_bench [--rounds N] [--threads N] [--no-reference]
// MOESCOPE_REFERENCE (smoe_ref.py) and MOESCOPE_REFERENCE_PYTHON (its interpreter) switch the comparison on;
// MOESCOPE_REFERENCE_DATA names a folder that texts.py has filled already.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "engine/base/file_system.h"
#include "engine/model/attention_choice.h"
#include "engine/model/transformer.h"
#include "engine/train/flat_adamw.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

struct BenchShape {
    std::int64_t sequences, context;
    Precision precision;
};

// What smoe_ref.py builds by default.
ModelConfig referenceModel(const BenchShape& shape)
{
    ModelConfig model;
    model.hiddenSize = 128;
    model.numLayers = 4;
    model.numHeads = model.numKvHeads = 4;
    model.context = shape.context;
    model.numExperts = 8;
    model.expertSize = 256;
    model.tiedHead = false;
    model.attention = chooseAttention(model, shape.precision);
    return model;
}

struct StepTimes {
    std::vector<double> wall, forward, backward, optimizer;
    double cpu = 0;
};

StepTimes measureSteps(const BenchShape& shape, int rounds)
{
    Transformer model(referenceModel(shape), test::recipe("smoe"), shape.precision, 1);
    ParameterStore& store = model.parameters();
    FlatAdamW optimizer({}, store.master().narrow(0, 0, store.numTrained()), store.gradient(), store.numDecayed());
    const TokenBatch batch = test::someBatch(shape.sequences, shape.context, 256);
    StepTimes times;
    double cpu = 0;
    for (int round = -5; round < rounds; ++round) {
        if (round == 0)
            cpu = bench::cpuSeconds();
        const double begin = bench::wallSeconds();
        model.onStepBegin(Step{round + 6}, 100);
        store.gradient().zero_();
        ForwardContext context{Step{round + 6}, 100, 1, true, true, nullptr};
        ForwardResult result = model.forward(batch, context);
        const double forwardDone = bench::wallSeconds();
        result.total.backward();
        const double backwardDone = bench::wallSeconds();
        optimizer.step(1e-3, gradientNorm(store.gradient()));
        store.refreshCompute();
        const double end = bench::wallSeconds();
        if (round < 0)
            continue;
        times.wall.push_back(end - begin);
        times.forward.push_back(forwardDone - begin);
        times.backward.push_back(backwardDone - forwardDone);
        times.optimizer.push_back(end - backwardDone);
    }
    times.cpu = bench::cpuSeconds() - cpu;
    return times;
}

double medianMs(std::vector<double> seconds) { return 1e3 * bench::timingOf(std::move(seconds), 0).median; }

std::string shellQuoted(const std::string& text) { return "'" + text + "'"; }

struct Reference {
    std::string program, python, data;
    std::filesystem::path made;  // folder to remove afterwards, or empty
};

// Empty program: no comparison, and the reason was printed.
Reference findReference()
{
    const char *program = std::getenv("MOESCOPE_REFERENCE"), *python = std::getenv("MOESCOPE_REFERENCE_PYTHON");
    if (!program || !python) {
        std::printf("SKIPPED: the comparison with plain PyTorch; set MOESCOPE_REFERENCE (smoe_ref.py) and "
                    "MOESCOPE_REFERENCE_PYTHON (its interpreter)\n");
        return {};
    }
    if (const char* waiting = std::getenv("OMP_WAIT_POLICY"); waiting && std::strcmp(waiting, "active") == 0) {
        std::printf("SKIPPED: the comparison with plain PyTorch: unset OMP_WAIT_POLICY; our threads would spin on the "
                    "cores while the reference runs\n");
        return {};
    }
    if (const char* data = std::getenv("MOESCOPE_REFERENCE_DATA"))
        return {program, python, data, {}};
    const std::string folder =
        (std::filesystem::temp_directory_path() / ("moescope-step-bench" + temporaryName())).string();
    std::error_code problem;
    if (!std::filesystem::create_directory(folder, problem)) {
        std::printf("SKIPPED: the comparison with plain PyTorch: no temporary folder %s\n", folder.c_str());
        return {};
    }
    const std::string texts = (std::filesystem::path(program).parent_path() / "texts.py").string();
    const std::string command =
        shellQuoted(python) + " " + shellQuoted(texts) + " " + shellQuoted(folder) + " > /dev/null";
    if (std::system(command.c_str()) == 0)
        return {program, python, folder, folder};
    std::printf("SKIPPED: the comparison with plain PyTorch: %s failed\n", command.c_str());
    std::filesystem::remove_all(folder);
    return {};
}

// Tokens per second that the reference prints, or 0.
double referenceSpeed(
    const Reference& reference, const BenchShape& shape, const std::string& implementation, int threads, int rounds)
{
    const std::string command = "OMP_WAIT_POLICY=active " + shellQuoted(reference.python) + " "
        + shellQuoted(reference.program) + " " + shellQuoted(reference.data) + " --impl " + implementation
        + " --precision " + (shape.precision == Precision::Bf16 ? "bf16" : "fp32") + " --threads "
        + std::to_string(threads) + " --batch " + std::to_string(shape.sequences) + " --context "
        + std::to_string(shape.context) + " --bench " + std::to_string(rounds);
    std::FILE* pipe = popen(command.c_str(), "r");
    double speed = 0;
    char line[2048];
    while (pipe && std::fgets(line, sizeof line, pipe))
        if (const char* at = std::strstr(line, "ms/step "); at && std::strncmp(line, "bench", 5) == 0)
            speed = std::atof(at + std::strlen("ms/step "));
    if (pipe)
        pclose(pipe);
    return speed;
}

void report(const BenchShape& shape, int rounds, int threads, const Reference& reference)
{
    const StepTimes times = measureSteps(shape, rounds);
    const bench::Timing step = bench::timingOf(times.wall, times.cpu);
    const auto tokens = static_cast<double>(shape.sequences * shape.context);
    const char* precision = shape.precision == Precision::Bf16 ? "bf16" : "fp32";
    std::printf("%s %2ld x %3ld: %7.0f tokens/s (best %.0f), %.2f ms = forward %.2f + backward %.2f + optimizer %.2f, "
                "cpu/wall %.2f",
        precision, static_cast<long>(shape.sequences), static_cast<long>(shape.context), tokens / step.median,
        tokens / step.best, 1e3 * step.median, medianMs(times.forward), medianMs(times.backward),
        medianMs(times.optimizer), step.processors);
    std::fflush(stdout);
    if (!reference.program.empty()) {
        for (const char* implementation : {"bmm", "sorted"}) {
            const double speed = referenceSpeed(reference, shape, implementation, threads, 12);
            std::printf("; reference %s %.0f, ratio %.2f", implementation, speed, tokens / step.median / speed);
        }
    }
    std::printf("\n");
    std::fflush(stdout);
}

}  // namespace
}  // namespace moescope

int main(int argc, char** argv)
{
    using namespace moescope;
    int rounds = 20, threads = static_cast<int>(std::thread::hardware_concurrency());
    bool compare = true;
    for (int i = 1; i < argc; ++i) {
        if (!std::strcmp(argv[i], "--rounds") && i + 1 < argc)
            rounds = std::max(1, std::atoi(argv[++i]));
        else if (!std::strcmp(argv[i], "--threads") && i + 1 < argc)
            threads = std::max(1, std::atoi(argv[++i]));
        else if (!std::strcmp(argv[i], "--no-reference"))
            compare = false;
        else
            return std::fprintf(stderr, "usage: step_bench [--rounds N] [--threads N] [--no-reference]\n"), 2;
    }
    at::set_num_threads(threads);
    const Reference reference = compare ? findReference() : Reference{};
    for (const Precision precision : {Precision::Bf16, Precision::Fp32})
        for (const auto& [sequences, context] : {std::pair{8, 128}, std::pair{16, 256}})
            report({sequences, context, precision}, rounds, threads, reference);
    if (!reference.made.empty())
        std::filesystem::remove_all(reference.made);
    return 0;
}
