// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Tensors by name, from a safetensors file and into one: what goes into a single routing decision and comes out of it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include "engine/base/result.h"

namespace moescope {

class FileSystem;

using NamedTensors = std::map<std::string, at::Tensor>;

/// "F32 [64, 8]", as safetensors writes it.
std::string tensorText(const at::Tensor& tensor);

/// All tensors of a file. Refused before memory is taken: a broken file, more than 1 GiB, an element type that LibTorch
/// has no use for (U16, U32, U64). Errors of kind Data name file and tensor.
Result<NamedTensors> readTensorFile(const std::filesystem::path& path);

/// Writes the file, or replaces it whole, with these tensors and {"format": "pt"} beside `metadata`.
Result<void> writeTensorFile(FileSystem& files, const std::filesystem::path& path, const NamedTensors& tensors,
    std::map<std::string, std::string> metadata);

}  // namespace moescope
