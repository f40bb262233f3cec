// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/map_data.h"

#include <cmath>
#include <limits>
#include <numeric>

#include <QCoreApplication>

#include "app/limits.h"
#include "widgets/bar_cells.h"
#include "widgets/health_grid.h"
#include "widgets/heatmap.h"
#include "widgets/matrix_view.h"
#include "widgets/number_text.h"
#include "widgets/time_map.h"

namespace moescope {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

QString say(const char* words) { return QCoreApplication::translate("Maps", words); }

double expectedPerExpert(const Frame& frame, const LoadState& load, int layer)
{
    const auto begin = load.counts.begin() + std::ptrdiff_t(layer) * frame.numExperts;
    return frame.numExperts > 0 ? std::accumulate(begin, begin + frame.numExperts, 0.0) / frame.numExperts : 0;
}

BarCell cellOf(const QString& text, std::optional<double> share, std::optional<double> floor, State state)
{
    return {text, share, floor, state};
}

/// Full bar at MaxVio 2: what is above is off the scale anyway.
constexpr double kFullMaxViolation = 2.0;

BarCell maxViolationCell(const Frame& frame, std::size_t layer)
{
    const LoadState& load = frame.loadA;
    const double value = load.metrics[layer].maxViolation;
    return cellOf(numberText::fixed(value, 2), std::min(1.0, value / kFullMaxViolation),
        std::min(1.0, load.floor / kFullMaxViolation), limits::maxViolation(value, load.floor));
}

}  // namespace

ExpertOrder expertOrder(const Clustering& clustering)
{
    ExpertOrder order;
    order.order = clustering.order;
    for (const Clustering::Merge& merge : clustering.merges)
        order.tree.push_back({merge.left, merge.right, merge.height});
    return order;
}

QStringList layerLabels(int numLayers)
{
    QStringList labels;
    for (int layer = 0; layer < numLayers; ++layer)
        labels << QStringLiteral("L%1").arg(layer);
    return labels;
}

QStringList expertLabels(int numExperts)
{
    QStringList labels;
    for (int expert = 0; expert < numExperts; ++expert)
        labels << QString::number(expert);
    return labels;
}

HeatmapData loadMap(const Frame& frame, const LoadState& load)
{
    HeatmapData data;
    data.rows = frame.numLayers;
    data.columns = frame.numExperts;
    data.rowLabels = layerLabels(data.rows);
    data.columnLabels = expertLabels(data.columns);
    data.corner = say(QT_TRANSLATE_NOOP("Maps", "expert"));
    const std::size_t cells = static_cast<std::size_t>(data.rows) * static_cast<std::size_t>(data.columns);
    data.values.assign(cells, 0.0f);
    data.states.assign(cells, CellState::NoRecord);
    for (std::size_t i = 0; i < std::min(cells, load.shares.size()); ++i) {
        if (!std::isfinite(load.shares[i]))
            continue;
        data.values[i] = static_cast<float>(load.shares[i]);
        data.states[i] = load.counts[i] == 0 ? CellState::Dead : CellState::Number;
    }
    return data;
}

QString loadPlaceText(const Frame& frame, const LoadState& load, int layer, int expert)
{
    if (layer < 0 || expert < 0 || layer >= frame.numLayers || expert >= frame.numExperts || !load.present())
        return {};
    const auto at = static_cast<std::size_t>(layer * frame.numExperts + expert);
    const double total = expectedPerExpert(frame, load, layer) * frame.numExperts;
    return QCoreApplication::translate("Maps", "L%1 · e%2   %3 × fair   %4 of %5 assignments")
        .arg(layer)
        .arg(expert)
        .arg(numberText::fixed(load.shares[at], 2), numberText::count(std::llround(load.counts[at])),
            numberText::count(std::llround(total)));
}

MatrixData similarityMatrix(const Frame& frame, const SimilarityState& state, int layer, const ExpertOrder& order)
{
    MatrixData data;
    const std::size_t cells = static_cast<std::size_t>(frame.numExperts) * static_cast<std::size_t>(frame.numExperts);
    const std::size_t from = static_cast<std::size_t>(layer) * cells;
    if (state.values.size() < from + cells)
        return data;
    data.size = frame.numExperts;
    data.values.assign(state.values.begin() + static_cast<std::ptrdiff_t>(from),
        state.values.begin() + static_cast<std::ptrdiff_t>(from + cells));
    data.order = order.order;
    data.tree = order.tree;
    return data;
}

MatrixData differenceMatrix(const Frame& frame, int layer, const ExpertOrder& order)
{
    MatrixData after = similarityMatrix(frame, frame.similarityA, layer, {order.order, {}});
    const MatrixData before = similarityMatrix(frame, frame.similarityB, layer, {});
    if (after.size == 0 || before.size != after.size)
        return {};
    for (std::size_t i = 0; i < after.values.size(); ++i)
        after.values[i] -= before.values[i];
    return after;
}

std::vector<BarColumn> maxViolationStrip(const Frame& frame)
{
    BarColumn column{say(QT_TRANSLATE_NOOP("Maps", "MaxVio")), {}, true};
    for (std::size_t layer = 0; layer < frame.loadA.metrics.size(); ++layer)
        column.cells.push_back(maxViolationCell(frame, layer));
    return {column};
}

std::vector<BarColumn> loadStrips(const Frame& frame, bool withEntropy)
{
    const LoadState& load = frame.loadA;
    BarColumn violation{say(QT_TRANSLATE_NOOP("Maps", "MaxVio")), {}, false};
    BarColumn entropy{say(QT_TRANSLATE_NOOP("Maps", "Entropy")), {}, false};
    BarColumn dead{say(QT_TRANSLATE_NOOP("Maps", "Dead")), {}, false};
    BarColumn dropped{say(QT_TRANSLATE_NOOP("Maps", "Dropped")), {}, false};
    BarColumn diversity{say(QT_TRANSLATE_NOOP("Maps", "D/E")), {}, false};
    for (std::size_t layer = 0; layer < load.metrics.size(); ++layer) {
        const LoadMetrics& metrics = load.metrics[layer];
        const int at = static_cast<int>(layer);
        violation.cells.push_back(maxViolationCell(frame, layer));
        entropy.cells.push_back(
            cellOf(numberText::fixed(metrics.relativeEntropy, 3), metrics.relativeEntropy, {}, State::None));
        dead.cells.push_back(cellOf(QString::number(metrics.numDead), {}, {},
            limits::dead(metrics.numDead, expectedPerExpert(frame, load, at))));
        const double lost = layer < load.dropped.size() ? load.dropped[layer] : kNaN;
        dropped.cells.push_back(cellOf(
            std::isfinite(lost) ? numberText::percent(lost) : numberText::missing(), {}, {}, limits::dropped(lost)));
        const double share = diversityShare(frame, false, at);
        diversity.cells.push_back(cellOf(numberText::fixed(share, 2), {}, {}, limits::diversity(share)));
    }
    std::vector<BarColumn> columns{violation};
    if (withEntropy)
        columns.push_back(entropy);
    columns.insert(columns.end(), {dead, dropped, diversity});
    return columns;
}

void fillHealthGrid(HealthGrid& grid, const Frame& frame)
{
    std::vector<HealthColumn> columns{{say(QT_TRANSLATE_NOOP("Maps", "MaxVio")), {}},
        {say(QT_TRANSLATE_NOOP("Maps", "Dead")), QCoreApplication::translate("Maps", "of %1").arg(frame.numExperts)},
        {say(QT_TRANSLATE_NOOP("Maps", "D/E")), {}}, {say(QT_TRANSLATE_NOOP("Maps", "Drop")), QStringLiteral("%")}};
    std::vector<std::vector<HealthCell>> cells;
    const LoadState& load = frame.loadA;
    for (int layer = 0; layer < frame.numLayers; ++layer) {
        const auto at = static_cast<std::size_t>(layer);
        const bool known = at < load.metrics.size();
        const double violation = known ? load.metrics[at].maxViolation : kNaN;
        const int numDead = known ? load.metrics[at].numDead : 0;
        const double share = diversityShare(frame, false, layer);
        const double lost = at < load.dropped.size() ? load.dropped[at] : kNaN;
        cells.push_back(
            {{numberText::fixed(violation, 2), known ? limits::maxViolation(violation, load.floor) : State::None},
                {known ? QString::number(numDead) : numberText::missing(),
                    known ? limits::dead(numDead, expectedPerExpert(frame, load, layer)) : State::None},
                {numberText::fixed(share, 2), limits::diversity(share)},
                {numberText::fixed(lost * 100, 1), limits::dropped(lost)}});
    }
    grid.setRows(std::move(columns), layerLabels(frame.numLayers), std::move(cells));
    grid.setSelectedRow(frame.request.layer < frame.numLayers ? frame.request.layer : -1);
}

TimeMapColumns timeColumns(const LoadOverTime& time)
{
    TimeMapColumns columns;
    columns.columns = static_cast<int>(time.numColumns);
    columns.rows = time.numColumns > 0 ? static_cast<int>(time.minimum.size() / time.numColumns) : 0;
    columns.xFrom = static_cast<double>(time.fromStep);
    columns.xTo = static_cast<double>(time.toStep);
    columns.minimum = time.minimum;
    columns.maximum = time.maximum;
    return columns;
}

}  // namespace moescope
