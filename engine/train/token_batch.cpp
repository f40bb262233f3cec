// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/token_batch.h"

#include <algorithm>

#include <ATen/ops/empty.h>

#include "engine/base/check.h"

namespace moescope {

TokenBatch toTokenBatch(const Batch& batch)
{
    const std::int64_t stride = batch.context + 1;
    MOESCOPE_CHECK(
        static_cast<std::int64_t>(batch.tokens.size()) == batch.sequences * stride, "one window per sequence");
    at::Tensor windows = at::empty({batch.sequences, stride}, at::kLong);
    std::ranges::copy(batch.tokens, windows.data_ptr<std::int64_t>());
    TokenBatch tokens;
    tokens.tokens_BS = windows.narrow(1, 0, batch.context).contiguous();
    tokens.targets_BS = windows.narrow(1, 1, batch.context).contiguous();
    tokens.firstSequence = batch.firstSequence;
    return tokens;
}

}  // namespace moescope
