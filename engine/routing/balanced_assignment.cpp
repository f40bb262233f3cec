// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/balanced_assignment.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "engine/base/check.h"

namespace moescope {

namespace {

constexpr double kNoWay = std::numeric_limits<double>::infinity();

class Assignment {
public:
    Assignment(std::span<const double> scores_NE, std::int64_t numExperts)
        : m_scores(scores_NE)
        , m_experts(static_cast<std::size_t>(numExperts))
        , m_load(m_experts)
        , m_leaving(m_experts * m_experts)
        , m_hasLeaving(m_experts)
    {
        const std::size_t tokens = scores_NE.size() / m_experts;
        m_places = (tokens + m_experts - 1) / m_experts;
        for (std::size_t n = 0; n < tokens; ++n) {
            const auto row = scores_NE.subspan(n * m_experts, m_experts);
            const auto best = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
            m_expert.push_back(best);
            ++m_load[best];
        }
        for (const double score : scores_NE)
            m_tolerance = std::max(m_tolerance, std::abs(score) * 1e-13);
    }

    void balance()
    {
        while (std::ranges::any_of(m_load, [&](std::size_t load) { return load > m_places; }))
            moveAlong(shortestPath());
    }

    std::vector<std::int64_t> result() const { return {m_expert.begin(), m_expert.end()}; }

private:
    using Move = std::pair<double, std::size_t>;  // what the sum loses, token: smallest first in a heap

    double score(std::size_t token, std::size_t expert) const { return m_scores[token * m_experts + expert]; }

    std::vector<Move>& leaving(std::size_t from, std::size_t to) { return m_leaving[from * m_experts + to]; }

    void pushMoves(std::size_t token, std::size_t from)
    {
        for (std::size_t to = 0; to < m_experts; ++to) {
            if (to == from)
                continue;
            leaving(from, to).emplace_back(score(token, from) - score(token, to), token);
            std::ranges::push_heap(leaving(from, to), std::greater<>());
        }
    }

    /// The cheapest token to send from one expert to another; entries of tokens that have left are dropped here.
    Move cheapest(std::size_t from, std::size_t to)
    {
        if (!m_hasLeaving[from]) {
            m_hasLeaving[from] = true;
            for (std::size_t n = 0; n < m_expert.size(); ++n)
                if (m_expert[n] == from)
                    pushMoves(n, from);
        }
        std::vector<Move>& moves = leaving(from, to);
        while (!moves.empty() && m_expert[moves.front().second] != from) {
            std::ranges::pop_heap(moves, std::greater<>());
            moves.pop_back();
        }
        return moves.empty() ? Move{kNoWay, 0} : moves.front();
    }

    /// Experts from one that has too many to one that has a free place.
    std::vector<std::size_t> shortestPath()
    {
        std::vector<double> distance(m_experts, kNoWay);
        std::vector<std::size_t> before(m_experts, m_experts);
        for (std::size_t e = 0; e < m_experts; ++e)
            if (m_load[e] > m_places)
                distance[e] = 0;
        bool changed = true;
        for (std::size_t round = 0; changed && round < m_experts; ++round) {
            changed = false;
            for (std::size_t from = 0; from < m_experts; ++from)
                changed = (distance[from] < kNoWay && relax(from, distance, before)) || changed;
        }
        std::size_t end = m_experts;
        for (std::size_t e = 0; e < m_experts; ++e)
            if (m_load[e] < m_places && (end == m_experts || distance[e] < distance[end]))
                end = e;
        MOESCOPE_CHECK(end < m_experts, "there are places for all tokens");
        std::vector<std::size_t> path;
        for (std::size_t e = end; e < m_experts; e = before[e]) {
            path.push_back(e);
            MOESCOPE_CHECK(path.size() <= m_experts, "a shortest path has no cycle");
        }
        std::ranges::reverse(path);
        return path;
    }

    bool relax(std::size_t from, std::vector<double>& distance, std::vector<std::size_t>& before)
    {
        bool changed = false;
        for (std::size_t to = 0; to < m_experts; ++to) {
            // Experts that have too many are where paths start: none leads through another one.
            if (to == from || m_load[to] > m_places)
                continue;
            const double way = distance[from] + cheapest(from, to).first;
            if (way < distance[to] - m_tolerance || (way < kNoWay && distance[to] == kNoWay)) {
                distance[to] = way;
                before[to] = from;
                changed = true;
            }
        }
        return changed;
    }

    void moveAlong(const std::vector<std::size_t>& path)
    {
        std::vector<std::size_t> tokens;  // first all of them, since a move changes the heaps
        for (std::size_t i = 0; i + 1 < path.size(); ++i)
            tokens.push_back(cheapest(path[i], path[i + 1]).second);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            m_expert[tokens[i]] = path[i + 1];
            if (m_hasLeaving[path[i + 1]])
                pushMoves(tokens[i], path[i + 1]);
        }
        --m_load[path.front()];
        ++m_load[path.back()];
    }

    std::span<const double> m_scores;
    std::size_t m_experts, m_places = 0;
    std::vector<std::size_t> m_expert;         // of each token
    std::vector<std::size_t> m_load;           // of each expert
    std::vector<std::vector<Move>> m_leaving;  // [from, to]: heaps
    std::vector<bool> m_hasLeaving;            // those of an expert are made when a path first comes by
    double m_tolerance = 0;
};

}  // namespace

std::vector<std::int64_t> balancedAssignment(std::span<const double> scores_NE, std::int64_t numExperts)
{
    MOESCOPE_CHECK(numExperts > 0 && scores_NE.size() % static_cast<std::size_t>(numExperts) == 0, "whole rows");
    Assignment assignment(scores_NE, numExperts);
    assignment.balance();
    return assignment.result();
}

}  // namespace moescope
