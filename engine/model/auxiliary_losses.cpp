// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/auxiliary_losses.h"

#include <algorithm>

#include <ATen/ops/cat.h>
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
    std::vector<LossSums> own;
    std::vector<at::Tensor> rows;
    for (const LayerTrace& trace : layers) {
        own.push_back(trace.layer->router().sums(trace.context, trace.plan));
        rows.push_back(own.back().row);
    }
    at::Tensor global = at::cat(rows);
    const int numRanks = group ? group->size() : 1;
    if (numRanks > 1)
        group->sum(global);
    std::int64_t first = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const at::Tensor row = global.narrow(0, first, rows[i].numel());
        first += rows[i].numel();
        const LossContext context = makeLossContext(layers[i].context, layers[i].plan, own[i], row, numRanks);
        for (const AuxLoss& loss : layers[i].layer->router().losses(context))
            addLoss(sums, loss);
    }
    return sums;
}

}  // namespace moescope
