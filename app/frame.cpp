// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/frame.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace moescope {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class T> std::optional<T> take(Result<T> result, Frame& frame)
{
    if (result)
        return std::move(*result);
    frame.errors.push_back(result.error().text);
    return std::nullopt;
}

/// A track of the wanted rank whose records can be trusted to have one size.
const TensorTrack* track(const Frame& frame, std::string_view tag, std::size_t rank)
{
    const TensorTrack* found = frame.request.view->snapshot->tensor(tag);
    return found && found->size() > 0 && found->shape().size() == rank ? found : nullptr;
}

std::size_t product(const std::vector<std::int64_t>& shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1},
        [](std::size_t n, std::int64_t d) { return n * static_cast<std::size_t>(d); });
}

void takeSizes(Frame& frame)
{
    if (const TensorTrack* load = track(frame, "load/assigned", 2)) {
        frame.numLayers = static_cast<int>(load->shape()[0]);
        frame.numExperts = static_cast<int>(load->shape()[1]);
    } else if (const TensorTrack* cosine = track(frame, "similarity/cosine", 3)) {
        frame.numLayers = static_cast<int>(cosine->shape()[0]);
        frame.numExperts = static_cast<int>(cosine->shape()[1]);
    }
}

/// Steps whose counts are in the window: a record may stand for several steps (record.load_every), and the first may be
/// missing.
void checkSums(const Frame& frame, const TensorTrack& assigned, LoadState& state)
{
    const RunFacts& facts = frame.request.view->facts;
    const std::size_t last = assigned.indexAtOrBefore(state.step);
    if (last >= assigned.size() || facts.tokensPerStep <= 0 || facts.expertsPerToken <= 0)
        return;
    const std::size_t before = assigned.indexAtOrBefore(state.fromStep);
    const std::int64_t from = before < assigned.size() ? assigned.step(before) : 0;
    const double expected = static_cast<double>(assigned.step(last) - from)
        * static_cast<double>(facts.tokensPerStep * facts.expertsPerToken);
    state.sumsAgree = true;
    for (int layer = 0; layer < frame.numLayers; ++layer) {
        const auto begin = state.counts.begin() + std::ptrdiff_t(layer) * frame.numExperts;
        state.sumsAgree = state.sumsAgree && std::accumulate(begin, begin + frame.numExperts, 0.0) == expected;
    }
}

LoadState loadAt(Frame& frame, std::int64_t step)
{
    LoadState state;
    const TensorTrack* assigned = track(frame, "load/assigned", 2);
    if (!assigned || step <= 0)
        return state;
    const TensorTrack* kept = track(frame, "load/kept", 2);
    const bool wantKept = frame.request.load == LoadKind::Kept && kept;
    state.step = step;
    state.fromStep = std::max<std::int64_t>(0, step - frame.request.window);
    const auto all = take(assigned->sum(state.fromStep, step), frame);
    const std::size_t size = product(assigned->shape());
    if (!all || all->size() != size)
        return state;
    state.counts = *all;
    checkSums(frame, *assigned, state);
    const auto after = kept ? take(kept->sum(state.fromStep, step), frame) : std::nullopt;
    const std::size_t experts = static_cast<std::size_t>(frame.numExperts);
    if (after && after->size() == size) {
        for (std::size_t layer = 0; layer * experts < size; ++layer) {
            double assignedSum = 0, keptSum = 0;
            for (std::size_t e = layer * experts; e < (layer + 1) * experts; ++e) {
                assignedSum += (*all)[e];
                keptSum += (*after)[e];
            }
            state.dropped.push_back(assignedSum > 0 ? 1 - keptSum / assignedSum : kNaN);
        }
        if (wantKept)
            state.counts = *after;
    }
    for (std::size_t layer = 0; layer * experts < size; ++layer) {
        const std::span<const double> row(state.counts.data() + layer * experts, experts);
        const std::vector<double> shares = fairShares(row);
        state.shares.insert(state.shares.end(), shares.begin(), shares.end());
        state.metrics.push_back(loadMetrics(row));
    }
    const RunFacts& facts = frame.request.view->facts;
    const std::int64_t tokens = facts.tokensPerStep * (step - state.fromStep);
    if (tokens > 0 && facts.expertsPerToken > 0)
        state.floor = maxViolationFloor(tokens, frame.numExperts, static_cast<double>(facts.expertsPerToken));
    return state;
}

SimilarityState similarityAt(Frame& frame, SimilarityKind kind, std::int64_t step)
{
    SimilarityState state;
    const TensorTrack* matrices = track(frame, similarityTag(kind), 3);
    if (!matrices || step <= 0)
        return state;
    const std::size_t index = matrices->indexAtOrBefore(step);
    if (index >= matrices->size())
        return state;
    const auto values = take(matrices->values(index), frame);
    if (!values || values->size() != product(matrices->shape()))
        return state;
    state.step = matrices->step(index);
    state.values = *values;
    const std::size_t cells = static_cast<std::size_t>(frame.numExperts) * static_cast<std::size_t>(frame.numExperts);
    if (kind == SimilarityKind::Cosine)
        for (std::size_t at = 0; at + cells <= state.values.size(); at += cells)
            state.diversity.push_back(diversityNumber({state.values.data() + at, cells}, frame.numExperts));
    return state;
}

void takeOverTime(Frame& frame)
{
    const FrameRequest& request = frame.request;
    LoadOverTime& time = frame.overTime;
    time.layer = request.layer;
    time.fromStep = request.timeFrom;
    time.toStep = request.timeTo > request.timeFrom ? request.timeTo : request.view->snapshot->lastStep;
    const bool kept = request.load == LoadKind::Kept && track(frame, "load/kept", 2);
    const TensorTrack* load = track(frame, kept ? "load/kept" : "load/assigned", 2);
    if (!load || request.layer >= frame.numLayers || time.toStep <= time.fromStep || request.timeColumns <= 0)
        return;
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::int64_t>(request.timeColumns, time.toStep - time.fromStep));
    const auto columns = take(load->columns(request.layer, time.fromStep, time.toStep, wanted), frame);
    if (!columns || columns->numElements != static_cast<std::size_t>(frame.numExperts))
        return;
    time.numColumns = columns->numColumns;
    time.minimum = columns->minimum;
    time.maximum = columns->maximum;
    time.mean = columns->mean;
    for (std::size_t column = 0; column < columns->numColumns; ++column) {
        const std::size_t at = column * columns->numElements;
        double sum = 0;
        for (std::size_t e = 0; e < columns->numElements; ++e)
            sum += static_cast<double>(columns->mean[at + e]);
        const float unit =
            sum > 0 ? static_cast<float>(static_cast<double>(columns->numElements) / sum) : std::nanf("");
        for (std::size_t e = 0; e < columns->numElements; ++e) {
            time.minimum[at + e] *= unit;
            time.maximum[at + e] *= unit;
            time.mean[at + e] *= unit;
        }
    }
}

}  // namespace

const char* similarityTag(SimilarityKind kind)
{
    return kind == SimilarityKind::Cosine ? "similarity/cosine" : "similarity/cka_excess";
}

double diversityShare(const Frame& frame, bool atB, int layer)
{
    const SimilarityState& selected = atB ? frame.similarityB : frame.similarityA;
    const SimilarityState& other = atB ? frame.otherB : frame.otherA;
    const SimilarityState& state = selected.diversity.empty() ? other : selected;
    if (layer < 0 || static_cast<std::size_t>(layer) >= state.diversity.size() || frame.numExperts < 1)
        return kNaN;
    return state.diversity[static_cast<std::size_t>(layer)] / frame.numExperts;
}

Frame FrameMaker::make(const FrameRequest& request)
{
    Frame frame;
    frame.request = request;
    if (!request.view || !request.view->snapshot)
        return frame;
    takeSizes(frame);
    frame.loadA = loadAt(frame, request.stepA);
    frame.loadB = loadAt(frame, request.stepB);
    const SimilarityKind other =
        request.similarity == SimilarityKind::Cosine ? SimilarityKind::CkaExcess : SimilarityKind::Cosine;
    frame.similarityA = similarityAt(frame, request.similarity, request.stepA);
    frame.similarityB = similarityAt(frame, request.similarity, request.stepB);
    frame.otherA = similarityAt(frame, other, request.stepA);
    frame.otherB = similarityAt(frame, other, request.stepB);
    const SimilarityState& cosine =
        request.similarity == SimilarityKind::Cosine || !frame.otherA.present() ? frame.similarityA : frame.otherA;
    const std::size_t cells = static_cast<std::size_t>(frame.numExperts) * static_cast<std::size_t>(frame.numExperts);
    for (std::size_t at = 0; cells > 0 && at + cells <= cosine.values.size(); at += cells)
        frame.clusterings.push_back(clusterExperts({cosine.values.data() + at, cells}, frame.numExperts));
    takeOverTime(frame);
    Cache& cache = m_caches[request.view->folder];
    takeDiversity(frame, cache);
    takePair(frame, cache);
    return frame;
}

void FrameMaker::forget(const QString& folder) { m_caches.erase(folder); }

void FrameMaker::takeDiversity(Frame& frame, Cache& cache)
{
    const TensorTrack* diversity = track(frame, "similarity/diversity", 1);
    if (!diversity || frame.numExperts < 1)
        return;
    // A resume may have replaced the newest probes: everything from the first difference on is read again.
    std::size_t same = 0;
    while (same < cache.steps.size() && same < diversity->size() && cache.steps[same] == diversity->step(same))
        ++same;
    cache.steps.resize(same);
    cache.diversity.resize(same);
    for (std::size_t i = same; i < diversity->size(); ++i) {
        const auto values = take(diversity->values(i), frame);
        if (!values)
            break;
        cache.steps.push_back(diversity->step(i));
        cache.diversity.push_back(*values);
    }
    frame.history.steps = cache.steps;
    frame.history.diversity.assign(static_cast<std::size_t>(frame.numLayers), {});
    for (const std::vector<double>& probe : cache.diversity)
        for (std::size_t layer = 0; layer < frame.history.diversity.size(); ++layer)
            frame.history.diversity[layer].push_back(layer < probe.size() ? probe[layer] / frame.numExperts : kNaN);
}

void FrameMaker::takePair(Frame& frame, Cache& cache)
{
    const FrameRequest& request = frame.request;
    const TensorTrack* matrices = track(frame, similarityTag(request.similarity), 3);
    if (!matrices || request.layer >= frame.numLayers)
        return;
    if (cache.matrixLayer != request.layer || cache.matrixKind != request.similarity) {
        cache.matrixLayer = request.layer;
        cache.matrixKind = request.similarity;
        cache.matrixSteps.clear();
        cache.matrices.clear();
    }
    std::size_t same = 0;
    while (
        same < cache.matrixSteps.size() && same < matrices->size() && cache.matrixSteps[same] == matrices->step(same))
        ++same;
    cache.matrixSteps.resize(same);
    cache.matrices.resize(same);
    const std::size_t cells = static_cast<std::size_t>(frame.numExperts) * static_cast<std::size_t>(frame.numExperts);
    for (std::size_t i = same; i < matrices->size(); ++i) {
        const auto values = take(matrices->values(i), frame);
        if (!values || values->size() < (static_cast<std::size_t>(request.layer) + 1) * cells)
            break;
        const auto begin =
            values->begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(request.layer) * cells);
        cache.matrixSteps.push_back(matrices->step(i));
        cache.matrices.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(cells));
    }
    const bool pair = request.first >= 0 && request.second >= 0 && request.first < frame.numExperts
        && request.second < frame.numExperts;
    for (const std::vector<float>& matrix : cache.matrices) {
        const std::vector<double> values(matrix.begin(), matrix.end());
        frame.history.mean.push_back(offDiagonal(values, frame.numExperts).mean);
        frame.history.pair.push_back(
            pair ? values[static_cast<std::size_t>(request.first * frame.numExperts + request.second)] : kNaN);
    }
    frame.history.pairSteps = cache.matrixSteps;
}

}  // namespace moescope
