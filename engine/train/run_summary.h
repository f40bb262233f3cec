// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a run says at its end: loss and bits per byte, and what n-gram models reach on the same text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/config/run_config.h"
#include "engine/train/observer.h"
#include "engine/train/trainer.h"

namespace moescope {

/// Numbers to compare with, from the corpus alone.
struct Anchors {
    std::vector<double> ngramBits;  ///< bits per byte of 2-, 3-, 4- and 5-gram models; empty: none
    double bayesBits = 0;           ///< that no model can beat, where that is known; else 0
};

struct RunSummary {
    std::string folder;
    std::string state;
    std::int64_t step = 0, tokens = 0;
    double seconds = 0, tokensPerSecond = 0;
    double trainingLoss = 0;  ///< nats, smoothed over the last steps
    EvaluationReport full;    ///< bytes 0: the run has not come to its end
    EvaluationReport sample;  ///< the last one; bytes 0: none
    Anchors anchors;
    bool hasExperts = false;  ///< then the dense control is worth a hint
};

/// Lines for a person, each ended.
std::string summaryText(const RunSummary& summary);

/// One JSON object and a line end.
std::string summaryJson(const RunSummary& summary);

}  // namespace moescope
