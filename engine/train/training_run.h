// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A run on one rank: its parts, and the loop over steps with what happens between them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/control/heartbeat.h"
#include "engine/data/corpus.h"
#include "engine/model/transformer.h"
#include "engine/probe/expert_probe.h"
#include "engine/train/checkpoint.h"
#include "engine/train/evaluator.h"
#include "engine/train/observer.h"
#include "engine/train/run_control.h"
#include "engine/train/run_recording.h"
#include "engine/train/trainer.h"
#include "engine/train/training_step.h"

namespace moescope {

/// Training thread only, but for control().request().
class TrainingRun {
public:
    TrainingRun(const RunConfig& config, const RunFolder& folder, Group& group, TrainerOptions options);

    Result<void> prepare();
    TrainOutcome train();
    TrainOutcome fail(Error error);  ///< the run's last words after a failure; state.json and log are written

    RunControl& control() { return m_control; }
    std::int64_t step() const { return m_state.step; }
    const std::vector<std::string>& messages() const { return m_messages; }

private:
    bool leads() const;  ///< rank 0: log, state, checkpoints, commands
    Result<void> countTokens();
    Result<void> loadState();
    Result<void> openTelemetry();
    void warnOfLittleSpace();

    Result<void> takeStep();
    Result<void> betweenSteps();
    Result<void> evaluateSample();
    Result<void> finalEvaluation();
    Result<void> probe();    ///< rank 0
    Result<void> saveNow();  ///< rank 0
    bool saveTogether();
    Result<void> act(const Decision& decision);
    Result<void> hold();
    Result<void> stop(const std::string& cause);
    Result<void> pause(const std::string& cause);
    void applySetting(const Decision& decision);
    Result<void> guard(const StepOutcome& outcome);

    void setState(RunState state, const std::string& cause = {});
    void tellNotice(const std::string& text);
    TrainOutcome end(TrainOutcome outcome);

    /// Hands a moment to all observers; there are none but on rank 0.
    template <class Moment> void tell(Moment moment)
    {
        for (Observer* observer : m_observers)
            moment(*observer);
    }

    RunConfig m_config;
    const RunFolder& m_folder;
    Group& m_group;
    TrainerOptions m_options;
    FileSystem& m_files;
    RunControl m_control;

    Corpus m_corpus;
    std::optional<BatchSource> m_batches;
    std::unique_ptr<Transformer> m_model;
    std::unique_ptr<TrainingStep> m_trainingStep;
    std::unique_ptr<Evaluator> m_evaluator;
    std::unique_ptr<ExpertProbe> m_probe;

    std::unique_ptr<RunRecording> m_recording;
    std::unique_ptr<Heartbeat> m_heartbeat;
    std::vector<Observer*> m_observers;

    TrainerState m_state;
    std::optional<TrainOutcome> m_ending;  ///< set: the loop ends, after a checkpoint where the outcome says so
    std::int64_t m_savedStep = -1;         ///< of the newest checkpoint that is whole
    std::int64_t m_skippedInARow = 0;
    bool m_evaluated = true;  ///< false: the routing sees the future, and the user has not accepted that
    std::vector<std::string> m_messages;
};

}  // namespace moescope
