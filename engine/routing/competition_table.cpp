// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/competition_table.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/data/counter_random.h"

namespace moescope {

namespace {

/// Competitions of all layers in a range of steps.
class CompetitionTable {
public:
    CompetitionTable(const CompetitionDraw& draw, std::int64_t numSteps)
        : m_draw(draw)
        , m_numSteps(numSteps)
        , m_marked(static_cast<std::size_t>(numSteps * draw.numLayers))
        , m_count(static_cast<std::size_t>(numSteps))
        , m_room(numSteps * std::min(draw.maxLayers, draw.numLayers))
    {
    }

    bool has(std::int64_t step, std::int64_t layer) const { return m_marked[cell(step, layer)]; }

    void place(std::int64_t step, std::int64_t layer)
    {
        if (m_room == 0)
            return;
        for (std::int64_t at = step; at >= 0; --at)
            if (take(at, layer))
                return;
        for (std::int64_t at = step + 1; at < m_numSteps; ++at)
            if (take(at, layer))
                return;
    }

private:
    std::size_t cell(std::int64_t step, std::int64_t layer) const
    {
        return static_cast<std::size_t>(step * m_draw.numLayers + layer);
    }

    bool take(std::int64_t step, std::int64_t layer)
    {
        std::int64_t& count = m_count[static_cast<std::size_t>(step)];
        if (count >= m_draw.maxLayers || m_marked[cell(step, layer)])
            return false;
        m_marked[cell(step, layer)] = true;
        ++count;
        --m_room;
        return true;
    }

    const CompetitionDraw& m_draw;
    std::int64_t m_numSteps;
    std::vector<bool> m_marked;
    std::vector<std::int64_t> m_count;  ///< of layers, by step
    std::int64_t m_room;
};

}  // namespace

std::vector<std::int64_t> competitionSteps(
    const CompetitionDraw& draw, std::int64_t layer, std::int64_t first, std::int64_t last)
{
    MOESCOPE_CHECK(draw.maxLayers >= 1 && layer >= 0 && layer < draw.numLayers && first <= last, "a table has room");
    CompetitionTable table(draw, last - first);
    for (std::int64_t step = 0; step < last - first; ++step)
        for (std::int64_t other = 0; other < draw.numLayers; ++other) {
            CounterRandom random{
                draw.seed, 'T', static_cast<std::uint64_t>(other), static_cast<std::uint64_t>(first + step + 1)};
            if (random.unit() < draw.rate)
                table.place(step, other);
        }
    std::vector<std::int64_t> steps;
    for (std::int64_t step = 0; step < last - first; ++step)
        if (table.has(step, layer))
            steps.push_back(first + step + 1);
    return steps;
}

}  // namespace moescope
