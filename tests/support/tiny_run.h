// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A run that trains in milliseconds on the synthetic corpus, in this process, and what its folder says afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/base/sha256.h"
#include "engine/config/read_config.h"
#include "engine/dist/group.h"
#include "engine/routing/registry.h"
#include "engine/run/checkpoint_folder.h"
#include "engine/run/event_log.h"
#include "engine/train/commands.h"
#include "engine/train/create_run.h"
#include "engine/train/observer.h"
#include "engine/train/trainer.h"

namespace moescope {

/// Two layers of four experts; a step takes about two milliseconds.
inline constexpr const char* kTinyConfig = R"({
  "model": {"hidden_size": 16, "num_layers": 2, "num_heads": 2, "context": 16, "num_experts": 4, "expert_size": 16,
            "attention": "plain"},
  "data": {"corpus": "dialects", "batch_sequences": 8},
  "training": {"steps": 20, "threads": 1},
  "evaluation": {"every": 5, "sequences": 8},
  "checkpoint": {"every": 5},
  "probe": {"every": 5, "sequences": 4, "positions": 8}
})";

inline RunConfig tinyConfig(const std::vector<std::string>& overrides = {})
{
    const auto catalog = routingCatalog(resourceFolder());
    EXPECT_TRUE(catalog) << (catalog ? "" : catalog.error().text);
    const ConfigReading reading = readConfig(kTinyConfig, "tiny.json", overrides, *catalog);
    EXPECT_TRUE(reading.ok()) << toError(reading).text;
    return reading.config;
}

inline RunFolder makeRun(const std::filesystem::path& path, const std::vector<std::string>& overrides = {})
{
    auto run = createRun(tinyConfig(overrides), path);
    if (!run)
        ADD_FAILURE() << run.error().text;
    return std::move(*run);
}

/// One process, one rank, from the start or the newest checkpoint to the end.
inline TrainOutcome train(const RunFolder& run, TrainerOptions options = {})
{
    const auto config = configOf(run);
    EXPECT_TRUE(config) << (config ? "" : config.error().text);
    const auto group = singleGroup();
    auto trainer = Trainer::create(*config, run, *group, std::move(options));
    if (!trainer) {
        ADD_FAILURE() << trainer.error().text;
        return {RunState::Failed, 0, {}, trainer.error()};
    }
    return (*trainer)->run();
}

inline TrainOutcome resume(const RunFolder& run, TrainerOptions options = {})
{
    options.resume = true;
    return train(run, std::move(options));
}

/// Calls back after each step, on the training thread.
class AfterStep : public Observer {
public:
    explicit AfterStep(std::function<void(const StepReport&)> action)
        : m_action(std::move(action))
    {
    }
    void stepDone(const StepReport& report) override { m_action(report); }

private:
    std::function<void(const StepReport&)> m_action;
};

/// Trains and asks for something after a step.
inline TrainOutcome trainAsking(
    const RunFolder& run, std::map<std::int64_t, TrainRequest> requests, bool resuming = false)
{
    const auto config = configOf(run).value();
    const auto group = singleGroup();
    Trainer* asked = nullptr;
    AfterStep asker([&](const StepReport& report) {
        if (requests.contains(report.step))
            asked->request(requests.at(report.step));
    });
    TrainerOptions options;
    options.resume = resuming;
    options.observers = {&asker};
    auto trainer = Trainer::create(config, run, *group, options).value();
    asked = trainer.get();
    return trainer->run();
}

inline std::vector<Record> readLog(const std::filesystem::path& run)
{
    std::vector<Record> all;
    EventLogReader reader(run);
    for (;;) {
        auto records = reader.poll();
        EXPECT_TRUE(records);
        if (!records || records->empty())
            return all;
        all.insert(all.end(), records->begin(), records->end());
    }
}

/// "tag step" -> the numbers, as the last process to write them said; without times and memory, which no two runs
/// share.
inline std::map<std::string, std::vector<double>> metricStream(const std::filesystem::path& run)
{
    std::map<std::string, std::vector<double>> stream;
    for (const Record& record : readLog(run)) {
        const auto key = [&](const std::string& tag) {
            return tag + " " + std::string(8 - std::to_string(record.step).size(), '0') + std::to_string(record.step);
        };
        for (const ScalarValue& scalar : record.scalars)
            if (!scalar.tag.starts_with("speed/") && !scalar.tag.starts_with("memory/"))
                stream[key(scalar.tag)] = {scalar.value};
        for (const TensorValue& tensor : record.tensors)
            std::visit([&](const auto& data) { stream[key(tensor.tag)] = {data.begin(), data.end()}; }, tensor.data);
    }
    return stream;
}

/// File name -> SHA-256 of the newest checkpoint's tensors.
inline std::map<std::string, std::string> newestTensors(const RunFolder& run)
{
    const auto all = listCheckpoints(run.checkpoints());
    EXPECT_FALSE(all.empty());
    std::map<std::string, std::string> hashes;
    if (!all.empty())
        for (const char* name : {"model.safetensors", "optimizer.safetensors"})
            hashes[name] = sha256OfFile(all.front().path / name).value_or("unreadable");
    return hashes;
}

inline std::string allEvents(const std::filesystem::path& run)
{
    std::string text;
    for (const Record& record : readLog(run))
        for (const EventText& event : record.events)
            text += event.json + "\n";
    return text;
}

}  // namespace moescope
