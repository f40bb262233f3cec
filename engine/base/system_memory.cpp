// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/system_memory.h"

#include <fstream>
#include <string>

namespace moescope {

double availableMemory()
{
    std::ifstream info("/proc/meminfo");
    std::string word;
    double kilobytes = 0;
    while (info >> word)
        if (word == "MemAvailable:" && info >> kilobytes)
            return kilobytes * 1024;
    return 0;
}

}  // namespace moescope
