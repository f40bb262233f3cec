// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// AdamW over the flat parameter buffer: two fused calls a step, whatever the number of tensors and frozen parts.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/model/parameters.h"

namespace moescope {

/// Euclidean norm of a contiguous fp32 buffer. Blocks of fixed size are summed in order, so the result does not depend
/// on the number of threads. NaN or infinite where an element is, or where the squares leave the range of fp32.
double gradientNorm(const at::Tensor& gradient);

/// Decoupled weight decay as in Loshchilov & Hutter 2019 (arXiv:1711.05101), bias-corrected, as torch.optim.AdamW does
/// it. Training thread only. The buffers belong to the parameter store; the moments belong to us.
class FlatAdamW {
public:
    /// `master` and `gradient` are flat fp32 [numTrained]; elements [0, numDecayed) decay, the others do not.
    FlatAdamW(const OptimizerConfig& settings, at::Tensor master, at::Tensor gradient, std::int64_t numDecayed);

    /// One update of all parameters. `norm` is the gradient's norm: one above `settings.clip` scales the gradient down
    /// to it on the way (the gradient buffer then holds the scaled numbers), as torch.nn.utils.clip_grad_norm_ does.
    void step(double learningRate, double norm);

    /// From the next step on only these elements are updated and decayed (ascending, disjoint); the moments of all
    /// others become 0. Cheap when nothing changes.
    void restrictTo(const std::vector<ElementRange>& live);

    std::int64_t numUpdates() const { return m_updates; }
    const at::Tensor& firstMoment() const { return m_first; }    ///< [numTrained] fp32
    const at::Tensor& secondMoment() const { return m_second; }  ///< [numTrained] fp32

    /// Takes up the state of a checkpoint; the moments' numbers were already read into the buffers.
    void setNumUpdates(std::int64_t updates) { m_updates = updates; }

private:
    void update(ElementRange range, double learningRate, double decay, const at::Tensor& scale);

    OptimizerConfig m_settings;
    at::Tensor m_master, m_gradient, m_first, m_second;
    std::vector<ElementRange> m_live;
    std::int64_t m_numDecayed = 0, m_updates = 0;
};

}  // namespace moescope
