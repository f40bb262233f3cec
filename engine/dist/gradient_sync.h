// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The mean of the gradients over all ranks, in few large pieces.
#pragma once

#include <cstdint>

namespace at {
class Tensor;
}

namespace moescope {

class Group;

/// Large enough that latency (4 ms on busy cores) does not count, small enough that sending and adding overlap.
inline constexpr std::int64_t kGradientBucketBytes = 16 << 20;

/// In place: gradient = (sum over ranks of gradient) / divisor. `gradient` is one flat fp32 buffer [N]; it is summed in
/// buckets, all under way at once, then divided; the result has equal bits on all ranks. With one rank only the
/// division remains. Throws PeerLost. Blocks.
void sumGradients(Group& group, at::Tensor& gradient, double divisor, std::int64_t bucketBytes = kGradientBucketBytes);

}  // namespace moescope
