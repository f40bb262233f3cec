// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The observer that fills the run's log. Tags: ARCHITECTURE.md, "the log is a TensorBoard event file".
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/run/recorder.h"
#include "engine/train/observer.h"

namespace moescope {

/// Training thread of rank 0. Between two records of the load (record.load_every) counts are summed; a record that the
/// disk refuses is late or summed, never lost (Recorder).
class RunRecording final : public Observer {
public:
    /// Makes the event file of this process; the first record will be `firstStep`. `config` is read at each step, so
    /// that live changes count.
    static Result<std::unique_ptr<RunRecording>> start(
        FileSystem& files, const std::filesystem::path& run, const RunConfig& config, std::int64_t firstStep);

    void stepDone(const StepReport& report) override;
    void evaluated(const EvaluationReport& report) override;
    void probed(std::int64_t step, const SimilarityReport& report) override;
    void checkpointed(std::int64_t step, const std::string& name, double seconds) override;
    void stateChanged(std::int64_t step, RunState state, const std::string& cause) override;
    void noticed(std::int64_t step, const std::string& kind, const std::string& json) override;
    void flush() override;

    /// Writes what is left, the load of unfinished intervals included, and closes the file.
    Result<void> finish();

    /// Milliseconds that the last stepDone() took.
    double lastMilliseconds() const { return m_lastMilliseconds; }
    RecorderHealth health() const { return m_recorder->health(); }

private:
    RunRecording(std::unique_ptr<Recorder> recorder, const RunConfig& config);
    void addLoad(const LoadReport& load);
    void writeLoad(Record& record);
    void writePendingLoad();
    void writeEvent(std::int64_t step, const std::string& kind, const std::string& members);

    std::unique_ptr<Recorder> m_recorder;
    const RunConfig& m_config;
    LoadReport m_load;  ///< since its last record
    std::int64_t m_loadSteps = 0, m_lastStep = 0;
    double m_lastMilliseconds = 0;
};

}  // namespace moescope
