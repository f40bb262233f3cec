// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The sizes of a model as numbers for formulas: what estimate and FLOP account share.
#pragma once

#include "engine/config/run_config.h"

namespace moescope {

/// Sizes that recur, as double: products of checked fields can pass 2^63.
struct ModelShape {
    double width, heads, kvWidth, context, vocabulary, experts, expertSize, shared, denseSize;
    double routed;         ///< columns of the router
    double k;              ///< the most experts of a token in the course of the run
    double expertColumns;  ///< of the first matrix: gate and up for SwiGLU
    double attentionBlocks, moeBlocks, denseBlocks;
    double norm;  ///< parameters of one norm
    double computeBytes;
    double tokens;  ///< of one micro-batch on one rank
};

ModelShape modelShape(const RunConfig& config, const Catalog& catalog);

/// Numbers of one block, of one expert, of the whole model.
struct ModelWeights {
    double attention, router, expert, dense, head, embedding;
};

ModelWeights modelWeights(const ModelShape& shape, const RunConfig& config);

}  // namespace moescope
