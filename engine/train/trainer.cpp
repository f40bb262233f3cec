// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/trainer.h"

#include <ATen/Parallel.h>

#include "engine/dist/group.h"
#include "engine/train/failure.h"
#include "engine/train/training_run.h"

namespace moescope {

struct Trainer::Impl {
    TrainingRun run;

    Impl(const RunConfig& config, const RunFolder& folder, Group& group, TrainerOptions options)
        : run(config, folder, group, std::move(options))
    {
    }
};

Trainer::Trainer(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Trainer::~Trainer() = default;

Result<std::unique_ptr<Trainer>> Trainer::create(
    const RunConfig& config, const RunFolder& run, Group& group, TrainerOptions options)
{
    at::set_num_threads(static_cast<int>(config.training.threads));
    auto impl = std::make_unique<Impl>(config, run, group, std::move(options));
    try {
        if (auto prepared = impl->run.prepare(); !prepared)
            return forward(prepared);
    } catch (const std::exception& problem) {
        return tl::make_unexpected(errorOf(problem));
    }
    return std::unique_ptr<Trainer>(new Trainer(std::move(impl)));
}

TrainOutcome Trainer::run()
{
    try {
        return m_impl->run.train();
    } catch (const std::exception& problem) {
        return m_impl->run.fail(errorOf(problem));
    }
}

void Trainer::request(TrainRequest request) { m_impl->run.control().request(request); }
std::int64_t Trainer::step() const { return m_impl->run.step(); }
std::vector<std::string> Trainer::messages() const { return m_impl->run.messages(); }

}  // namespace moescope
