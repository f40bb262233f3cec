// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Maps, matrices and tables of the window as values: pages show them, exports and --render paint them.
#pragma once

#include <vector>

#include <QString>

#include "app/frame.h"
#include "widgets/dendrogram.h"

namespace moescope {

class HealthGrid;
struct BarColumn;
struct HeatmapData;
struct MatrixData;
struct TimeMapColumns;

/// A layer's experts in the order that its matrices share, with the tree that led to it.
struct ExpertOrder {
    std::vector<int> order;
    std::vector<TreeMerge> tree;
};
ExpertOrder expertOrder(const Clustering& clustering);

/// Layer x expert in units of fair share. `order` reorders the columns of every layer (one order; empty = by id).
HeatmapData loadMap(const Frame& frame, const LoadState& load);

/// "L3 · e5   0.97 × fair   99,773 of 1,638,400 assignments"
QString loadPlaceText(const Frame& frame, const LoadState& load, int layer, int expert);

MatrixData similarityMatrix(const Frame& frame, const SimilarityState& state, int layer, const ExpertOrder& order);

/// A - B of one layer; empty unless both probes are there.
MatrixData differenceMatrix(const Frame& frame, int layer, const ExpertOrder& order);

/// Strips beside the load map: MaxVio, entropy, dead, dropped, D/E.
std::vector<BarColumn> loadStrips(const Frame& frame, bool withEntropy);
/// Only MaxVio, as on the overview.
std::vector<BarColumn> maxViolationStrip(const Frame& frame);

void fillHealthGrid(HealthGrid& grid, const Frame& frame);

TimeMapColumns timeColumns(const LoadOverTime& time);

QStringList layerLabels(int numLayers);
QStringList expertLabels(int numExperts);

}  // namespace moescope
