// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/field_tables.h"

namespace moescope {

BoundSection modelFields()
{
    SectionTable<ModelConfig> table("model", "Model", &RunConfig::model);
    table
        .add("hidden_size", "Hidden size", &ModelConfig::hiddenSize,
            "Width of the residual stream. Must be a multiple of num_heads.")
        .range(1, 65536)
        .unit("features");
    table.add("block_pattern", "Block pattern", &ModelConfig::blockPattern,
        "One letter a block: s attention, g sparse mixture of experts, f dense. sg is Mistral-like, sgsf GLaM, sgfgfg "
        "Brainformer.");
    table
        .add("num_layers", "Repeats of the pattern", &ModelConfig::numLayers,
            "How often the block pattern is repeated: sg four times gives four attention and four MoE blocks.")
        .range(1, 1024);
    table.add("num_heads", "Attention heads", &ModelConfig::numHeads, "Query heads of each attention block.")
        .range(1, 1024);
    table
        .add("num_kv_heads", "Key/value heads", &ModelConfig::numKvHeads,
            "Fewer than num_heads is grouped-query attention; must divide num_heads. Leave it alone for ordinary "
            "attention.")
        .range(1, 1024)
        .follows("model.num_heads")
        .advanced();
    table
        .add("context", "Context", &ModelConfig::context,
            "Length of a training sequence. Attention costs grow with its square.")
        .range(2, 1 << 20)
        .unit("tokens");
    table
        .add("num_experts", "Experts", &ModelConfig::numExperts,
            "Routed experts of each MoE block. More experts cost memory and optimiser time, not compute per token.")
        .range(1, 4096)
        .unit("experts");
    table
        .add("expert_size", "Expert size", &ModelConfig::expertSize,
            "Hidden features of one expert. Left alone, four times the hidden size is shared by the experts of a "
            "token, "
            "k and the shared ones, so that methods with another k stay equal in active width.")
        .range(1, 1 << 20)
        .unit("features")
        .follows("4 * model.hidden_size / (routing.selector.k + model.num_shared_experts)");
    table
        .add("num_shared_experts", "Shared experts", &ModelConfig::numSharedExperts,
            "Experts of the same size that see every token, added with weight 1.")
        .range(0, 64)
        .unit("experts")
        .advanced();
    table
        .addChoice("expert_widths", "Expert widths", &ModelConfig::expertWidths, {"equal", "paired"},
            "paired makes experts of unequal width: each wide one has a narrow partner, and both together have twice "
            "expert_size.")
        .advanced();
    table
        .add("negative_experts", "Negative experts", &ModelConfig::negativeExperts,
            "The router can choose each expert with a minus sign too: twice as many columns, the same weights.")
        .advanced();
    table
        .add("zero_experts", "Zero experts", &ModelConfig::zeroExperts,
            "Beside num_experts: experts that answer 0 and cost nothing, so that a token can do with less.")
        .range(0, 1024)
        .unit("experts")
        .advanced();
    table
        .add("copy_experts", "Copy experts", &ModelConfig::copyExperts,
            "Beside num_experts: experts that answer with the token itself.")
        .range(0, 1024)
        .unit("experts")
        .advanced();
    table
        .add("constant_experts", "Constant experts", &ModelConfig::constantExperts,
            "Beside num_experts: experts that mix the token with a learnt vector.")
        .range(0, 1024)
        .unit("experts")
        .advanced();
    table
        .add("dense_size", "Dense size", &ModelConfig::denseSize,
            "Hidden features of a dense block (f). Left alone it equals the active width of a MoE block.")
        .range(1, 1 << 22)
        .unit("features")
        .follows("model.expert_size * (routing.selector.k + model.num_shared_experts)")
        .advanced();
    table.addChoice("activation", "Activation", &ModelConfig::activation, {"relu", "gelu", "swiglu"},
        "Of experts and dense blocks. swiglu has a third matrix: half as many parameters again at equal size.");
    table
        .addChoice(
            "norm", "Norm", &ModelConfig::norm, {"layer_norm", "rms_norm"}, "Normalisation of the residual stream.")
        .advanced();
    table
        .addChoice("norm_place", "Norm place", &ModelConfig::normPlace, {"before", "after"},
            "Before each block (pre-norm, trains without care) or after the sum (post-norm, as in the first "
            "Transformer).")
        .advanced();
    table
        .addChoice("positions", "Positions", &ModelConfig::positions, {"rope", "learned"},
            "Rotary embeddings of queries and keys, or a learnt vector for each position of the context.")
        .advanced();
    table.add("tied_head", "Tied head", &ModelConfig::tiedHead, "The output layer shares the token embedding.")
        .advanced();
    table
        .add("dropout", "Dropout", &ModelConfig::dropout,
            "Share of block outputs that is set to zero in training. Leave it at 0 while the data is seen only once.")
        .range(0, 0.95);
    table
        .addChoice("attention", "Attention kernel", &ModelConfig::attention, {"auto", "fused", "plain"},
            "auto measures both when the run is created and stores the faster one: kernels differ in the last bits.")
        .advanced();
    table
        .add("vocabulary", "Vocabulary", &ModelConfig::vocabulary,
            "Number of different tokens; the data sets it. Leave it alone.")
        .range(2, 1 << 22)
        .unit("tokens")
        .follows("data.corpus")
        .advanced();
    return table.take();
}

}  // namespace moescope
