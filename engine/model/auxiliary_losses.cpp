// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/auxiliary_losses.h"

#include <algorithm>

#include <ATen/ops/stack.h>
#include <ATen/TensorOperators.h>

#include "engine/dist/group.h"

namespace moescope {

namespace {

void addLoss(AuxiliaryLosses& sums, const AuxLoss& loss)
{
    const at::Tensor weighted = loss.value * loss.coefficient;
    sums.weighted = sums.weighted.defined() ? sums.weighted + weighted : weighted;
    const auto known = std::ranges::find(sums.byName, loss.name, &AuxLoss::name);
    if (known == sums.byName.end())
        sums.byName.push_back({loss.name, loss.value.detach().clone(), loss.coefficient});
    else
        known->value.add_(loss.value.detach());
}

}  // namespace

AuxiliaryLosses auxiliaryLosses(const std::vector<LayerTrace>& layers, Group* group)
{
    AuxiliaryLosses sums;
    if (layers.empty())
        return sums;
    std::vector<at::Tensor> rows;
    for (const LayerTrace& trace : layers)
        rows.push_back(lossSums(trace.plan));
    at::Tensor global = at::stack(rows);
    const int numRanks = group ? group->size() : 1;
    if (numRanks > 1)
        group->sum(global);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const at::Tensor row = global[static_cast<std::int64_t>(i)];
        const LossContext context = makeLossContext(layers[i].context, layers[i].plan, row, numRanks);
        for (const AuxLoss& loss : layers[i].layer->router().losses(context))
            addLoss(sums, loss);
    }
    return sums;
}

}  // namespace moescope
