// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The corpus text: a file or a folder of the user, byte by byte.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/data/corpus.h"

namespace moescope {

/// A file is one domain, mapped where it lies and split 90/5/5 by bytes. In a folder every sub-folder is a domain of
/// its own (at most 64) and the files that lie in it directly are one more; hidden files and links are left out; the
/// files of a domain are joined in the order of their paths, split 90/5/5 and kept in the cache. At most 4 GiB of
/// folder; a larger text must be one file. Data: nothing there, nothing in it, no permission.
Result<Corpus> openTextFiles(const std::filesystem::path& path);

}  // namespace moescope
