// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/field_tables.h"

namespace moescope {

namespace {

constexpr double kMostSteps = 1e9;

}  // namespace

BoundSection runFields()
{
    BoundField seed;
    seed.field.key = "seed";
    seed.field.label = "Seed";
    seed.field.type = FieldType::Integer;
    seed.field.minimum = 0;
    seed.field.help = "Of weights, data order and noise. Two runs that differ in the seed alone show how much is luck.";
    seed.get = [](const RunConfig& config) { return Value(config.seed); };
    seed.set = [](RunConfig& config, const Value& value) { config.seed = std::get<std::int64_t>(value); };
    seed.field.fallback = seed.get(RunConfig{});

    BoundField name;
    name.field.key = "name";
    name.field.label = "Name";
    name.field.type = FieldType::Text;
    name.field.follows = "routing.recipe";
    name.field.help = "Shown in the list of runs and part of the folder's name.";
    name.get = [](const RunConfig& config) { return Value(config.name); };
    name.set = [](RunConfig& config, const Value& value) { config.name = std::get<std::string>(value); };
    name.field.fallback = name.get(RunConfig{});
    return {"", "Run", {seed, name}};
}

BoundSection evaluationFields()
{
    SectionTable<EvaluationConfig> table("evaluation", "Evaluation", &RunConfig::evaluation);
    table
        .add("every", "Every", &EvaluationConfig::every,
            "Steps between evaluations on a fixed sample of the validation text. 0 = only once at the end.")
        .range(0, kMostSteps)
        .unit("steps")
        .resumable();
    table
        .add("sequences", "Sample", &EvaluationConfig::sequences,
            "Windows of the fixed sample. The last evaluation takes all of the text.")
        .range(1, 1 << 20)
        .unit("windows")
        .advanced();
    table
        .add("accept_leaky", "Accept looking ahead", &EvaluationConfig::acceptLeaky,
            "Some routings let later tokens decide about earlier ones in evaluation too. Their bits per byte are no "
            "likelihood: such a run is not evaluated, unless this is on; its numbers are then called "
            "eval/leaky_bits_per_byte.")
        .resumable()
        .advanced();
    return table.take();
}

BoundSection checkpointFields()
{
    SectionTable<CheckpointConfig> table("checkpoint", "Checkpoints", &RunConfig::checkpoint);
    table
        .add("every", "Every", &CheckpointConfig::every,
            "Steps between checkpoints. 0 = only at the end and on request.")
        .range(0, kMostSteps)
        .unit("steps")
        .resumable();
    table
        .add("keep_last", "Keep", &CheckpointConfig::keepLast,
            "Newest checkpoints that are kept; at least 2, since the newest may be half written when the power goes.")
        .range(2, 100000)
        .unit("checkpoints")
        .advanced();
    table
        .add("keep_best", "Keep the best", &CheckpointConfig::keepBest,
            "Keeps the checkpoint with the best evaluation as well.")
        .advanced();
    return table.take();
}

BoundSection probeFields()
{
    SectionTable<ProbeConfig> table("probe", "Probe", &RunConfig::probe);
    table
        .add("every", "Every", &ProbeConfig::every,
            "Steps between measurements of how alike the experts are, on a fixed batch. 0 = never. Training is "
            "bit-equal with and without.")
        .range(0, kMostSteps)
        .unit("steps")
        .resumable();
    table.add("sequences", "Sequences", &ProbeConfig::sequences, "Of the fixed probe batch.")
        .range(1, 65536)
        .unit("sequences")
        .advanced();
    table
        .add("positions", "Positions", &ProbeConfig::positions,
            "Of each sequence of the probe batch, at most the context. Probe tokens = sequences * positions.")
        .range(1, 1 << 20)
        .unit("tokens")
        .follows("model.context")
        .advanced();
    return table.take();
}

BoundSection parallelFields()
{
    SectionTable<ParallelConfig> table("parallel", "Processes", &RunConfig::parallel);
    table.add("ranks", "Ranks", &ParallelConfig::ranks, "Processes that share each batch; the same as --ranks.")
        .range(1, 1024)
        .unit("processes");
    return table.take();
}

BoundSection recordFields()
{
    SectionTable<RecordConfig> table("record", "Recording", &RunConfig::record);
    table.add("every", "Scalars every", &RecordConfig::every, "Steps between records of loss, learning rate and speed.")
        .range(1, kMostSteps)
        .unit("steps")
        .resumable()
        .advanced();
    table
        .add("load_every", "Load every", &RecordConfig::loadEvery,
            "Steps between records of the expert load; counts in between are summed, never lost.")
        .range(1, kMostSteps)
        .unit("steps")
        .resumable()
        .advanced();
    return table.take();
}

}  // namespace moescope
