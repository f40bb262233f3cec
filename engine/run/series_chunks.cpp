// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/series_chunks.h"

#include <algorithm>
#include <cstring>

namespace moescope {
namespace {

template <class Number> std::unique_ptr<Number[]> copyOf(const Number* from, std::size_t count)
{
    auto to = std::make_unique_for_overwrite<Number[]>(kChunkSize);
    std::copy_n(from, count, to.get());
    return to;
}

/// Equal bits, so that NaN equals NaN.
template <class Number> bool sameNumbers(const std::unique_ptr<Number[]>& a, const std::unique_ptr<Number[]>& b)
{
    if (!a || !b)
        return !a && !b;
    return std::memcmp(a.get(), b.get(), kChunkSize * sizeof(Number)) == 0;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

void ValueChunk::put(std::size_t at, float value)
{
    values[at] = value;
    const std::size_t next = at + 1;
    if (next % kFine != 0)
        return;
    Extent block;
    for (std::size_t i = next - kFine; i < next; ++i)
        block.add(values[i]);
    fine[at / kFine] = block;
    if (next % kCoarse != 0)
        return;
    Extent large;
    for (std::size_t i = (next - kCoarse) / kFine; i < next / kFine; ++i)
        large.add(fine[i]);
    coarse[at / kCoarse] = large;
    if (next != kChunkSize)
        return;
    whole = {};
    for (const Extent& extent : coarse)
        whole.add(extent);
}

void ValueChunk::addTo(Extent& extent, std::size_t from, std::size_t to) const
{
    if (from == 0 && to == kChunkSize) {
        extent.add(whole);
        return;
    }
    while (from < to) {
        if (from % kCoarse == 0 && from + kCoarse <= to) {
            extent.add(coarse[from / kCoarse]);
            from += kCoarse;
        } else if (from % kFine == 0 && from + kFine <= to) {
            extent.add(fine[from / kFine]);
            from += kFine;
        } else {
            extent.add(values[from++]);
        }
    }
}

std::shared_ptr<AxisChunk> AxisChunk::open()
{
    auto chunk = std::make_shared<AxisChunk>();
    chunk->steps = std::make_unique_for_overwrite<std::int64_t[]>(kChunkSize);
    chunk->tokens = std::make_unique_for_overwrite<double[]>(kChunkSize);
    chunk->wall = std::make_unique_for_overwrite<double[]>(kChunkSize);
    chunk->time = std::make_unique_for_overwrite<double[]>(kChunkSize);
    return chunk;
}

std::shared_ptr<AxisChunk> AxisChunk::seal() const
{
    auto chunk = std::make_shared<AxisChunk>();
    chunk->firstStep = steps[0];
    chunk->stepStride = steps[1] - steps[0];
    chunk->firstTokens = tokens[0];
    chunk->tokenStride = tokens[1] - tokens[0];
    bool evenSteps = true, evenTokens = true;
    for (std::size_t i = 0; i < kChunkSize; ++i) {
        evenSteps = evenSteps && steps[i] == chunk->step(i);
        evenTokens = evenTokens && same(tokens[i], chunk->tokensAt(i));
    }
    if (!evenSteps)
        chunk->steps = copyOf(steps.get(), kChunkSize);
    if (!evenTokens)
        chunk->tokens = copyOf(tokens.get(), kChunkSize);
    chunk->wall = copyOf(wall.get(), kChunkSize);
    if (!sameNumbers(wall, time))
        chunk->time = copyOf(time.get(), kChunkSize);
    return chunk;
}

std::shared_ptr<AxisChunk> AxisChunk::reopen(std::size_t count) const
{
    auto chunk = open();
    for (std::size_t i = 0; i < count; ++i) {
        chunk->steps[i] = step(i);
        chunk->tokens[i] = tokensAt(i);
        chunk->wall[i] = wall[i];
        chunk->time[i] = monotonicTime(i);
    }
    return chunk;
}

bool AxisChunk::equals(const AxisChunk& other) const
{
    const bool sameSteps =
        firstStep == other.firstStep && stepStride == other.stepStride && sameNumbers(steps, other.steps);
    const bool sameTokens = same(firstTokens, other.firstTokens) && same(tokenStride, other.tokenStride)
        && sameNumbers(tokens, other.tokens);
    return sameSteps && sameTokens && sameNumbers(wall, other.wall) && sameNumbers(time, other.time);
}

}  // namespace moescope
