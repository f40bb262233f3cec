// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One rank of a small group, started by dist_group_test.cpp: SCENARIO RANK WORLD_SIZE FOLDER RUN_ID. An empty FOLDER
// takes torchrun's variables. Prints what it found; 0 = as hoped, 2 = refused at the door, 6 = a peer was lost.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <unistd.h>

#include "engine/dist/gradient_sync.h"
#include "engine/dist/group.h"
#include "engine/dist/launch_env.h"

namespace moescope {
namespace {

void print(const char* name, const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.flatten().to(at::kDouble);
    std::printf("%s", name);
    for (std::int64_t i = 0; i < flat.numel(); ++i)
        std::printf(" %.17g", flat[i].item<double>());
    std::printf("\n");
}

void runCollectives(Group& group)
{
    std::printf("group of %d, %s\n", group.size(), group.backend().c_str());
    at::Tensor counts = at::full({2, 2}, group.rank() + 1, at::kLong);
    group.sum(counts);
    print("sum", counts);
    at::Tensor word = at::full({3}, group.rank() * 10, at::kFloat);
    group.broadcast(word, group.size() - 1);
    print("broadcast", word);
    group.barrier();
    // Numbers whose sum depends on the order: equal bits on all ranks are no matter of course.
    const at::Tensor gradient = at::arange(1, 1001, at::kFloat).reciprocal().mul(group.rank() + 0.1);
    for (const std::int64_t bucketBytes : {64, 4000, 1 << 20}) {
        at::Tensor copy = gradient.clone();
        sumGradients(group, copy, group.size(), bucketBytes);
        print("gradient", copy);
    }
    std::printf("communicated %s\n", group.communicationTime().count() > 0 ? "for a while" : "in no time");
}

/// Sums without end; rank `victim` kills itself in the middle.
void runUntilLost(Group& group, int victim)
{
    at::Tensor tensor = at::zeros({1 << 20}, at::kFloat);
    for (int i = 0;; ++i) {
        if (group.rank() == victim && i == 5)
            std::raise(SIGKILL);
        group.sum(tensor);
    }
}

std::optional<std::string> environmentVariable(const char* name)
{
    const char* value = std::getenv(name);
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

int runRank(const std::vector<std::string>& arguments)
{
    LaunchFlags flags;
    flags.runId = arguments[5];
    if (!arguments[4].empty()) {
        flags.rank = std::stoi(arguments[2]);
        flags.worldSize = std::stoi(arguments[3]);
        flags.storeFolder = arguments[4];
    }
    const auto launch = resolveLaunch(flags, environmentVariable);
    const auto group = launch ? connectGroup(*launch, std::chrono::seconds(20))
                              : Result<std::unique_ptr<Group>>(tl::make_unexpected(launch.error()));
    if (!group) {
        std::printf("refused: %s\n", group.error().text.c_str());
        return exitCode(group.error().kind);
    }
    if (arguments[1] == "collectives") {
        runCollectives(**group);
        return 0;
    }
    try {
        runUntilLost(**group, std::stoi(arguments[1]));
    } catch (const PeerLost& lost) {
        std::printf("lost: %s\n", lost.what());
        try {
            (*group)->barrier();
        } catch (const PeerLost&) {
            std::printf("and dead\n");
        }
        std::fflush(stdout);
        ::_exit(exitCode(ErrorKind::PeerLost));
    }
    return 0;
}

}  // namespace
}  // namespace moescope

int main(int count, char** values)
{
    if (count != 6)
        return 64;
    const int code = moescope::runRank({values, values + count});
    std::fflush(stdout);
    return code;
}
