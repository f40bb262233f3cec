// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages draw at one moment: loads and similarities at A and B, and one layer over time. Pure numbers, made
// once for all views.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <QMetaType>

#include "app/run_view.h"
#include "engine/analysis/load.h"
#include "engine/analysis/similarity.h"

namespace moescope {

enum class LoadKind { Assigned, Kept };
enum class SimilarityKind { Cosine, CkaExcess };

struct FrameRequest {
    RunViewPtr view;
    std::int64_t stepA = 0, stepB = 0;  ///< B 0 = not set
    std::int64_t window = 100;          ///< steps of the load window, ending at A or B
    int layer = 0;
    int first = 0, second = -1;  ///< experts of the pair; second -1 = none
    LoadKind load = LoadKind::Assigned;
    SimilarityKind similarity = SimilarityKind::Cosine;
    std::int64_t timeFrom = 0, timeTo = 0;  ///< steps (from, to] of expert x time
    int timeColumns = 600;
};

/// Counts of a window for all layers, with what follows from them.
struct LoadState {
    std::int64_t fromStep = 0, step = 0;  ///< (fromStep, step]
    std::vector<double> counts;           ///< [layer, expert]
    std::vector<double> shares;           ///< of fair load; NaN when the layer has no count
    std::vector<LoadMetrics> metrics;     ///< by layer
    std::vector<double> dropped;          ///< by layer, share of assignments; empty when the log does not say
    double floor = 0;                     ///< of MaxVio, by sampling alone
    bool sumsAgree = false;               ///< assigned = tokens * k in all layers
    bool present() const { return !counts.empty(); }
};

/// One probe for all layers.
struct SimilarityState {
    std::int64_t step = 0;          ///< of the probe; 0 = none yet
    std::vector<double> values;     ///< [layer, expert, expert]
    std::vector<double> diversity;  ///< D by layer
    bool present() const { return !values.empty(); }
};

/// One layer's experts over time: [column][expert], in units of fair share.
struct LoadOverTime {
    int layer = 0;
    std::int64_t fromStep = 0, toStep = 0;
    std::size_t numColumns = 0;
    std::vector<float> minimum, maximum, mean;
};

/// Numbers of the probes over the run.
struct ProbeHistory {
    std::vector<std::int64_t> steps;
    std::vector<std::vector<double>> diversity;  ///< D/E, [layer][probe]
    std::vector<std::int64_t> pairSteps;
    std::vector<double> pair,
        mean;  ///< of the selected layer, at pairSteps: the pair's similarity and the mean off the diagonal
};

struct Frame {
    FrameRequest request;
    int numLayers = 0, numExperts = 0;
    LoadState loadA, loadB;
    SimilarityState similarityA, similarityB;
    std::vector<Clustering>
        clusterings;                 ///< by layer, of the cosines of the probe at A: one order for all its matrices
    SimilarityState otherA, otherB;  ///< the kind that is not selected, for the inspector
    LoadOverTime overTime;
    ProbeHistory history;
    std::vector<std::string> errors;  ///< records that could not be read
};
using FramePtr = std::shared_ptr<const Frame>;

/// Makes frames and remembers what is expensive. One thread; reads files.
class FrameMaker {
public:
    Frame make(const FrameRequest& request);
    void forget(const QString& folder);

private:
    struct Cache {
        std::vector<std::int64_t> steps;
        std::vector<std::vector<double>> diversity;  ///< [probe][layer]
        int matrixLayer = -1;
        SimilarityKind matrixKind = SimilarityKind::Cosine;
        std::vector<std::int64_t> matrixSteps;
        std::vector<std::vector<float>> matrices;  ///< [probe][expert * expert] of matrixLayer
    };
    void takeDiversity(Frame& frame, Cache& cache);
    void takePair(Frame& frame, Cache& cache);
    std::map<QString, Cache> m_caches;
};

/// D/E of a layer at the probe shown at A or B; NaN when unknown.
double diversityShare(const Frame& frame, bool atB, int layer);

/// The name of a similarity's tag in the log.
const char* similarityTag(SimilarityKind kind);

}  // namespace moescope

Q_DECLARE_METATYPE(moescope::FramePtr)
