// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Everything that one run needs to know, as small structs by owner. Keys in JSON are the snake_case of these names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/config/catalog.h"

namespace moescope {

enum class Activation { Relu, Gelu, SwiGlu };
enum class ExpertWidths { Equal, Paired };
enum class Norm { LayerNorm, RmsNorm };
enum class NormPlace { Before, After };  ///< pre-norm, post-norm
enum class Positions { Rope, Learned };
enum class AttentionKernel {
    Auto,
    Fused,
    Plain
};  ///< Auto is measured when the run is created and stored as one of the two
/// How the corpus `dialects` shows its dialects: the first token of a sequence names it, or each has symbols of its
/// own.
enum class DialectMark { Tag, Alphabet };
enum class Precision { Fp32, Bf16 };
enum class NonFinitePolicy { Skip, Pause, Stop };

struct ModelConfig {
    std::int64_t hiddenSize = 128;
    std::string blockPattern = "sg";  ///< s attention, g MoE, f dense
    std::int64_t numLayers = 4;       ///< how often the pattern is repeated
    std::int64_t numHeads = 4;
    std::int64_t numKvHeads = 4;    ///< follows num_heads unless set
    std::int64_t context = 256;     ///< tokens in a sequence
    std::int64_t vocabulary = 256;  ///< set by the data
    std::int64_t numExperts = 8;
    std::int64_t expertSize =
        256;  ///< of one expert; follows hidden_size * 4 / (k + shared experts) unless set: equal active width
    ExpertWidths expertWidths = ExpertWidths::Equal;
    bool negativeExperts = false;  ///< each expert can also be chosen with a minus sign
    std::int64_t zeroExperts = 0, copyExperts = 0, constantExperts = 0;  ///< beside num_experts; see routed_experts.h
    std::int64_t numSharedExperts = 0;                                   ///< always on, added with weight 1
    std::int64_t denseSize = 512;  ///< hidden features of an `f` block; follows expert_size * (k + shared) unless set
    Activation activation = Activation::Gelu;
    Norm norm = Norm::RmsNorm;
    NormPlace normPlace = NormPlace::Before;
    Positions positions = Positions::Rope;
    bool tiedHead = true;
    double dropout = 0.0;
    AttentionKernel attention = AttentionKernel::Auto;

    friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

/// A recipe after the user's overrides: the parts by slot, every setting spelled out.
struct RoutingConfig {
    std::string recipe = "smoe";
    PartChoice scorer, scoreMap, selector, capacity, weigher;
    std::map<std::string, PartChoice> losses, hooks;

    friend bool operator==(const RoutingConfig&, const RoutingConfig&) = default;
};

struct DataConfig {
    std::string corpus = "debian-texts";
    std::string path;              ///< file or folder of corpus `text`, or where enwik8, text8 and wikitext-103 lie
    std::int64_t numDialects = 4;  ///< of corpus `dialects`
    DialectMark dialectMark = DialectMark::Tag;
    std::int64_t batchSequences = 16;  ///< the global batch of one optimiser step, over all ranks and micro-batches

    friend bool operator==(const DataConfig&, const DataConfig&) = default;
};

struct OptimizerConfig {
    double learningRate = 3e-3;
    double weightDecay = 0.1;
    double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
    double clip = 1.0;  ///< of the global gradient norm; 0 = never

    friend bool operator==(const OptimizerConfig&, const OptimizerConfig&) = default;
};

struct ScheduleConfig {
    std::string shape = "cosine";          ///< constant, cosine, linear, inverse_sqrt, multi_step
    double warmup = 0.02;                  ///< share of training.steps
    double minimum = 0.02;                 ///< share of the learning rate at the end
    std::vector<std::int64_t> milestones;  ///< steps of multi_step
    double factor = 0.1;                   ///< of multi_step at each milestone

    friend bool operator==(const ScheduleConfig&, const ScheduleConfig&) = default;
};

struct TrainingConfig {
    std::int64_t steps = 1000;
    Precision precision = Precision::Fp32;
    std::int64_t accumulation = 1;  ///< micro-batches in one step
    NonFinitePolicy nonFinite = NonFinitePolicy::Skip;
    std::int64_t threads = 0;  ///< per rank; 0 becomes cores / ranks when the run is created

    friend bool operator==(const TrainingConfig&, const TrainingConfig&) = default;
};

struct EvaluationConfig {
    std::int64_t every = 250;      ///< steps; 0 = only at the end
    std::int64_t sequences = 256;  ///< windows of the fixed sample
    bool acceptLeaky = false;      ///< also where the routing sees later tokens, under tags of its own

    friend bool operator==(const EvaluationConfig&, const EvaluationConfig&) = default;
};

struct CheckpointConfig {
    std::int64_t every = 500;
    std::int64_t keepLast = 2;  ///< at least 2: the newest may be half written
    bool keepBest = true;

    friend bool operator==(const CheckpointConfig&, const CheckpointConfig&) = default;
};

struct ProbeConfig {
    std::int64_t every = 250;
    std::int64_t sequences = 32;  ///< of the fixed probe batch
    std::int64_t positions = 32;  ///< per sequence; tokens of the probe = sequences * positions

    friend bool operator==(const ProbeConfig&, const ProbeConfig&) = default;
};

struct ParallelConfig {
    std::int64_t ranks = 1;

    friend bool operator==(const ParallelConfig&, const ParallelConfig&) = default;
};

struct RecordConfig {
    std::int64_t every = 1;      ///< steps between scalar records
    std::int64_t loadEvery = 1;  ///< steps between load records; counts in between are summed, never lost

    friend bool operator==(const RecordConfig&, const RecordConfig&) = default;
};

struct RunConfig {
    std::int64_t seed = 1;
    std::string name;  ///< shown in the runs list; follows the recipe unless set
    ModelConfig model;
    RoutingConfig routing;
    DataConfig data;
    OptimizerConfig optimizer;
    ScheduleConfig schedule;
    TrainingConfig training;
    EvaluationConfig evaluation;
    CheckpointConfig checkpoint;
    ProbeConfig probe;
    ParallelConfig parallel;
    RecordConfig record;

    friend bool operator==(const RunConfig&, const RunConfig&) = default;
};

}  // namespace moescope
