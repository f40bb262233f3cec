// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Everything small that the ranks sum after a backward pass, as one vector: one collective instead of ten.
// L MoE layers, E experts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/train/observer.h"

namespace moescope {

struct ForwardResult;
class Group;

/// What rank 0 decided before the collective; all ranks act on it at the end of the same step. The values are sums, so
/// the other ranks leave them at 0.
struct Decision {
    enum Code : int { None, Hold, Continue, Pause, Stop, Checkpoint, Set };
    int code = None;
    int setting = 0;         ///< of Set: index in the table of live settings
    std::int64_t value = 0;  ///< of Set
};

/// Sums over micro-batches, then over ranks, in fp64: counts stay exact up to 2^53. Training thread only.
class StepTotals {
public:
    StepTotals(std::int64_t numLayers, std::int64_t numExperts);

    /// `share`: sequences of this micro-batch over those of the global batch.
    void add(const ForwardResult& result, double share);

    /// Sums over the ranks; afterwards everything below is global and equal on all of them.
    void reduce(Group& group, const Decision& decision, bool stopWanted);

    bool lossFinite() const;
    double total() const;
    double languageModel() const;
    std::vector<NamedNumber> losses() const;
    LoadReport load() const;
    std::int64_t answers() const;    ///< of routed experts: ForwardResult
    at::Tensor assigned_LE() const;  ///< int64
    Decision decision() const { return m_decision; }
    bool stopWanted() const { return m_stopWanted; }  ///< by any rank: a signal reached it

private:
    enum Slot : std::int64_t {
        Total,
        LanguageModel,
        NonFinite,
        Stop,
        Code,
        Setting,
        SettingValue,
        Tokens,
        Answers,
        NumSlots
    };
    void keepNames(const ForwardResult& result);
    at::Tensor part(std::int64_t first, std::int64_t count) const { return m_values.narrow(0, first, count); }

    std::int64_t m_layers, m_experts;
    std::vector<std::string> m_names;  ///< of the auxiliary losses, from the first result
    at::Tensor m_values;               ///< fp64: slots, losses, then assigned, kept, probabilities [L*E], entropy [L]
    Decision m_decision;
    bool m_stopWanted = false;
};

}  // namespace moescope
