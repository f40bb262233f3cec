// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The fields of every section of the configuration: for describe, the form, --help and the reference page.
#pragma once

#include <string>
#include <vector>

#include "engine/config/field.h"

namespace moescope {

struct Section {
    std::string key;    ///< "model"; empty for the top level (seed, name)
    std::string label;  ///< "Model"
    std::vector<Field> fields;
};

/// All sections but `routing`, whose fields are those of the parts (Catalog), in the order of the form.
const std::vector<Section>& configSections();

}  // namespace moescope
