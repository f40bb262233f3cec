// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/shared_tokens.h"

#include <algorithm>

#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

/// The best-scored expert that is not `chosen`, by the token's two best; -1 when there is only one.
std::int64_t runnerUp(const at::Tensor& bestTwo_T2, std::int64_t token, std::int64_t chosen)
{
    if (!bestTwo_T2.defined())
        return -1;
    const std::int64_t* best = bestTwo_T2.const_data_ptr<std::int64_t>() + 2 * token;
    return best[0] == chosen ? best[1] : best[0];
}

class PairCounter {
public:
    PairCounter(std::int64_t numExperts, const std::vector<std::int64_t>& wanted)
        : m_experts(numExperts)
        , m_place(static_cast<std::size_t>(numExperts * numExperts), -1)
    {
        m_shared.count.resize(m_place.size());
        m_shared.tokens.resize(wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i)
            m_place[static_cast<std::size_t>(wanted[i])] = static_cast<std::int64_t>(i);
    }

    void add(std::int64_t token, std::int64_t one, std::int64_t other)
    {
        const auto pair = static_cast<std::size_t>(std::min(one, other) * m_experts + std::max(one, other));
        ++m_shared.count[pair];
        if (m_place[pair] >= 0)
            m_shared.tokens[static_cast<std::size_t>(m_place[pair])].push_back(token);
    }

    SharedTokens take() { return std::move(m_shared); }

private:
    std::int64_t m_experts;
    std::vector<std::int64_t> m_place;  ///< by pair: index into tokens, or -1
    SharedTokens m_shared;
};

}  // namespace

SharedTokens sharedTokens(const RoutePlan& plan, const std::vector<std::int64_t>& wanted)
{
    const std::int64_t numExperts = plan.logits_TE.size(1);
    PairCounter counter(numExperts, wanted);
    const at::Tensor bestTwo_T2 = numExperts > 1 ? topKRows(plan.scores_TE.detach().contiguous(), 2) : at::Tensor();
    const std::int64_t* token = plan.token_M.const_data_ptr<std::int64_t>();
    const std::int64_t* expert = plan.expert_M.const_data_ptr<std::int64_t>();
    const bool* taken = plan.taken_M.defined() ? plan.taken_M.const_data_ptr<bool>() : nullptr;
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0, numPairs = plan.token_M.numel(); i < numPairs; ++i) {
        if (taken == nullptr || taken[i])
            chosen.push_back(expert[i]);
        if (i + 1 < numPairs && token[i + 1] == token[i])
            continue;
        if (chosen.size() == 1)
            if (const std::int64_t next = runnerUp(bestTwo_T2, token[i], chosen[0]); next >= 0)
                chosen.push_back(next);
        for (std::size_t a = 0; a < chosen.size(); ++a)
            for (std::size_t b = a + 1; b < chosen.size(); ++b)
                counter.add(token[i], chosen[a], chosen[b]);
        chosen.clear();
    }
    return counter.take();
}

}  // namespace moescope
