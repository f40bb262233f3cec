// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/series.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/check.h"
#include "engine/run/series_chunks.h"

namespace moescope {

struct SeriesAxes::Impl {
    double origin = 0;
    std::array<std::shared_ptr<const AxisChunk>, 8> recent;  ///< sealed lately, to be found again by the next series
    std::size_t next = 0;

    std::shared_ptr<const AxisChunk> shared(std::shared_ptr<const AxisChunk> sealed)
    {
        for (const auto& known : recent) {
            if (known && known->equals(*sealed))
                return known;
        }
        recent[next++ % recent.size()] = sealed;
        return sealed;
    }
};

SeriesAxes::SeriesAxes(double timeOrigin)
    : m_impl(std::make_unique<Impl>())
{
    m_impl->origin = timeOrigin;
}
SeriesAxes::~SeriesAxes() = default;

struct Series::Impl {
    std::size_t size = 0;
    std::vector<std::shared_ptr<const ValueChunk>> values;
    std::vector<std::shared_ptr<const AxisChunk>> axes;
    std::shared_ptr<ValueChunk> openValues;  ///< the last of `values` while it has room; null in copies
    std::shared_ptr<AxisChunk> openAxes;
    std::shared_ptr<SeriesAxes> common;
    std::optional<double> origin;
    std::size_t numNonFinite = 0;
    std::size_t firstNonFinite = 0;  ///< valid when there is one

    const AxisChunk& axis(std::size_t i) const { return *axes[i / kChunkSize]; }
    double xAt(std::size_t i, XAxis which) const
    {
        const AxisChunk& chunk = axis(i);
        const std::size_t at = i % kChunkSize;
        if (which == XAxis::Step)
            return static_cast<double>(chunk.step(at));
        if (which == XAxis::Time)
            return chunk.monotonicTime(at) - *origin;
        const double tokens = chunk.tokensAt(at);
        return std::isnan(tokens) ? 0 : tokens;
    }

    /// First index in [from, to) for which `reached` holds; it holds for all behind it.
    template <class Reached> static std::size_t search(std::size_t from, std::size_t to, Reached reached)
    {
        while (from < to) {
            const std::size_t middle = from + (to - from) / 2;
            if (reached(middle))
                to = middle;
            else
                from = middle + 1;
        }
        return from;
    }
    std::size_t searchX(std::size_t from, double x, XAxis which) const
    {
        return search(from, size, [&](std::size_t i) { return xAt(i, which) >= x; });
    }

    void openTail();
    void truncate(std::size_t count);
    SeriesColumn column(std::size_t from, std::size_t to, XAxis which) const;
};

void Series::Impl::openTail()
{
    const std::size_t filled = size % kChunkSize;
    if (filled == 0) {
        openValues = std::make_shared<ValueChunk>();
        openAxes = AxisChunk::open();
    } else {
        // Somebody else may fill the old tail or look at points behind `size`.
        openValues = std::make_shared<ValueChunk>(*values.back());
        openAxes = axes.back()->reopen(filled);
        values.pop_back();
        axes.pop_back();
    }
    values.push_back(openValues);
    axes.push_back(openAxes);
}

void Series::Impl::truncate(std::size_t count)
{
    const std::size_t numChunks = (count + kChunkSize - 1) / kChunkSize;
    for (std::size_t i = count; i < size; ++i) {
        const float value = values[i / kChunkSize]->values[i % kChunkSize];
        numNonFinite -= std::isfinite(value) ? 0 : 1;
    }
    values.resize(numChunks);
    axes.resize(numChunks);
    openValues = nullptr;
    openAxes = nullptr;
    size = count;
}

SeriesColumn Series::Impl::column(std::size_t from, std::size_t to, XAxis which) const
{
    Extent extent;
    for (std::size_t at = from; at < to;) {
        const std::size_t begin = at - at % kChunkSize;
        const std::size_t end = std::min(to, begin + kChunkSize);
        values[at / kChunkSize]->addTo(extent, at - begin, end - begin);
        at = end;
    }
    SeriesColumn column = {from, to - from, xAt(from, which), 0, 0, extent.numNaN, extent.numInfinite};
    if (column.finite() > 0) {
        column.minimum = extent.minimum;
        column.maximum = extent.maximum;
    }
    return column;
}

Series::Series()
    : m_impl(std::make_unique<Impl>())
{
}

Series::Series(std::shared_ptr<SeriesAxes> axes)
    : Series()
{
    m_impl->origin = axes->m_impl->origin;
    m_impl->common = std::move(axes);
}

Series::Series(const Series& other)
    : m_impl(std::make_unique<Impl>(*other.m_impl))
{
    // Only one of the two may go on filling the last chunk.
    m_impl->openValues = nullptr;
    m_impl->openAxes = nullptr;
    m_impl->common = nullptr;
}

Series& Series::operator=(const Series& other)
{
    if (this != &other)
        *this = Series(other);
    return *this;
}

Series::Series(Series&&) noexcept = default;
Series& Series::operator=(Series&&) noexcept = default;
Series::~Series() = default;

std::size_t Series::size() const { return m_impl->size; }

std::int64_t Series::step(std::size_t i) const
{
    MOESCOPE_CHECK(i < size(), "index of a point");
    return m_impl->axis(i).step(i % kChunkSize);
}

float Series::value(std::size_t i) const
{
    MOESCOPE_CHECK(i < size(), "index of a point");
    return m_impl->values[i / kChunkSize]->values[i % kChunkSize];
}

double Series::wallTime(std::size_t i) const
{
    MOESCOPE_CHECK(i < size(), "index of a point");
    return m_impl->axis(i).wall[i % kChunkSize];
}

double Series::tokens(std::size_t i) const
{
    MOESCOPE_CHECK(i < size(), "index of a point");
    return m_impl->axis(i).tokensAt(i % kChunkSize);
}

double Series::x(std::size_t i, XAxis axis) const
{
    MOESCOPE_CHECK(i < size(), "index of a point");
    return m_impl->xAt(i, axis);
}

std::size_t Series::indexAtOrBefore(std::int64_t step) const
{
    const std::size_t above =
        Impl::search(0, size(), [&](std::size_t i) { return m_impl->axis(i).step(i % kChunkSize) > step; });
    return above == 0 ? size() : above - 1;
}

std::size_t Series::lowerBound(double x, XAxis axis) const { return m_impl->searchX(0, x, axis); }

std::vector<SeriesColumn> Series::columns(double xFrom, double xTo, std::size_t numColumns, XAxis axis) const
{
    if (empty() || numColumns == 0 || std::isnan(xFrom) || std::isnan(xTo))
        return {};
    if (!std::isfinite(xFrom))
        xFrom = std::min(m_impl->xAt(0, axis), xTo);
    if (!std::isfinite(xTo))
        xTo = std::max(m_impl->xAt(size() - 1, axis), xFrom);
    std::vector<double> edges(numColumns + 1);
    for (std::size_t c = 0; c <= numColumns; ++c)
        edges[c] = xFrom + (xTo - xFrom) * (static_cast<double>(c) / static_cast<double>(numColumns));
    edges.back() = xTo;
    return columns(edges, axis);
}

std::vector<SeriesColumn> Series::columns(std::span<const double> edges, XAxis axis) const
{
    std::vector<SeriesColumn> columns;
    if (empty() || edges.size() < 2)
        return columns;
    columns.reserve(std::min(edges.size() - 1, size()));
    const std::size_t end = Impl::search(0, size(), [&](std::size_t i) { return m_impl->xAt(i, axis) > edges.back(); });
    std::size_t from = m_impl->searchX(0, edges.front(), axis);
    for (std::size_t c = 1; c < edges.size() && from < end; ++c) {
        const std::size_t to = c + 1 == edges.size() ? end : std::min(end, m_impl->searchX(from, edges[c], axis));
        if (to > from)
            columns.push_back(m_impl->column(from, to, axis));
        from = to;
    }
    return columns;
}

std::size_t Series::numNonFinite() const { return m_impl->numNonFinite; }

std::size_t Series::firstNonFinite() const { return m_impl->numNonFinite == 0 ? size() : m_impl->firstNonFinite; }

void Series::append(std::int64_t step, float value, double wallTime, double tokens, Series* rolledBack)
{
    Impl& impl = *m_impl;
    if (impl.size > 0 && step <= impl.axis(impl.size - 1).step((impl.size - 1) % kChunkSize))
        rollBack(step, rolledBack);
    if (!impl.origin)
        impl.origin = std::isfinite(wallTime) ? wallTime : 0;
    double time = std::isfinite(wallTime) ? std::max(wallTime, *impl.origin) : *impl.origin;
    if (impl.size > 0) {
        const AxisChunk& last = impl.axis(impl.size - 1);
        const std::size_t at = (impl.size - 1) % kChunkSize;
        time = std::max(time, last.monotonicTime(at));
        const double before = last.tokensAt(at);
        if (!(tokens >= before) && !std::isnan(before))
            tokens = before;
    }
    const std::size_t at = impl.size % kChunkSize;
    if (at == 0 || !impl.openValues)
        impl.openTail();
    impl.openValues->put(at, value);
    impl.openAxes->steps[at] = step;
    impl.openAxes->tokens[at] = tokens;
    impl.openAxes->wall[at] = wallTime;
    impl.openAxes->time[at] = time;
    if (!std::isfinite(value) && impl.numNonFinite++ == 0)
        impl.firstNonFinite = impl.size;
    ++impl.size;
    if (at + 1 < kChunkSize)
        return;
    std::shared_ptr<const AxisChunk> sealed = impl.openAxes->seal();
    impl.axes.back() = impl.common ? impl.common->m_impl->shared(std::move(sealed)) : std::move(sealed);
    impl.openValues = nullptr;
    impl.openAxes = nullptr;
}

void Series::rollBack(std::int64_t fromStep, Series* rolledBack)
{
    const std::size_t keep =
        Impl::search(0, size(), [&](std::size_t i) { return m_impl->axis(i).step(i % kChunkSize) >= fromStep; });
    if (keep == size())
        return;
    for (std::size_t i = keep; rolledBack != nullptr && i < size(); ++i)
        rolledBack->append(step(i), value(i), wallTime(i), tokens(i), nullptr);
    m_impl->truncate(keep);
}

}  // namespace moescope
