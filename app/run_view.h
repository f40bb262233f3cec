// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the window knows of one run at one moment: a value that crosses threads and never changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <QMetaType>
#include <QString>

#include "engine/run/run_folder.h"
#include "engine/run/snapshot.h"

namespace moescope {

/// The few numbers of a run's configuration that views need. Missing ones are 0.
struct RunFacts {
    std::string recipe, corpus;
    std::int64_t seed = 0;
    std::int64_t numSteps = 0;
    std::int64_t tokensPerStep = 0;  ///< batch_sequences * context
    std::int64_t numExperts = 0;
    std::int64_t expertsPerToken = 0;  ///< k
    std::int64_t probeEvery = 0, evaluationEvery = 0, checkpointEvery = 0;
    std::int64_t numRanks = 1;
};

/// Reads a resolved config.json; what is not there stays at its default.
RunFacts runFacts(const std::string& configJson);

struct RunView {
    QString folder;
    RunIdentity identity;
    RunStatus status;
    RunFacts facts;
    std::string configJson;
    bool locked = false;                          ///< a process trains in it now
    std::shared_ptr<const RunSnapshot> snapshot;  ///< never null
    bool loading = false;                         ///< not all of the log is read yet
    QString error;                                ///< why the folder cannot be read; the rest is then empty

    bool active() const;       ///< a live process will go on with it
    bool silentDeath() const;  ///< state.json speaks of a process that no longer lives
};
using RunViewPtr = std::shared_ptr<const RunView>;

/// What state.json and the lock say together.
struct LiveState {
    RunStatus status;
    bool locked = false;
};
/// The lock is asked before the state, since a process writes its last state before it lets go, and once more where
/// only a process that came in between would fit.
LiveState readLiveState(const RunFolder& folder);

/// state.json speaks of a process and there is none.
bool diedSilently(const RunStatus& status, bool locked);

/// "Training", "Finished", "Failed" … for a person; a process that died without a word is "Failed".
QString stateWord(const RunStatus& status, bool locked);

/// Why a run failed or stopped, for the row and the inspector; empty when there is nothing to say.
QString causeText(const RunStatus& status, bool locked);

}  // namespace moescope

Q_DECLARE_METATYPE(moescope::RunViewPtr)
