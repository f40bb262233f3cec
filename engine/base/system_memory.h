// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How much memory programs can have now.
#pragma once

namespace moescope {

/// Bytes (MemAvailable of /proc/meminfo); 0 when the system does not say.
double availableMemory();

}  // namespace moescope
