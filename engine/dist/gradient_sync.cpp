// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/dist/gradient_sync.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/base/check.h"
#include "engine/dist/group.h"

namespace moescope {

void sumGradients(Group& group, at::Tensor& gradient, double divisor, std::int64_t bucketBytes)
{
    MOESCOPE_CHECK(gradient.dim() == 1 && gradient.scalar_type() == at::kFloat, "gradients are one flat fp32 buffer");
    if (group.size() > 1) {
        const std::int64_t bucket = std::max<std::int64_t>(1, bucketBytes / 4);
        std::vector<at::Tensor> pieces;
        std::vector<std::unique_ptr<Group::Pending>> pending;
        for (std::int64_t start = 0; start < gradient.numel(); start += bucket) {
            pieces.push_back(gradient.narrow(0, start, std::min(bucket, gradient.numel() - start)));
            pending.push_back(group.startSum(pieces.back()));
        }
        for (const auto& sum : pending)
            sum->wait();
    }
    if (divisor != 1.0)
        gradient.div_(divisor);
}

}  // namespace moescope
