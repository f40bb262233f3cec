// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/field_tables.h"

namespace moescope {

BoundSection dataFields()
{
    SectionTable<DataConfig> table("data", "Data", &RunConfig::data);
    table.addChoice("corpus", "Corpus", &DataConfig::corpus,
        {"debian-texts", "enwik8", "text8", "wikitext-103", "dialects", "text"},
        "debian-texts needs no download: manual pages, word glosses, quotes and C headers of installed packages. "
        "dialects is "
        "synthetic, with a known best loss. text is your own file or folder. The others are files that you have.");
    table
        .add("path", "Path", &DataConfig::path,
            "File or folder of the corpus text, or the place of enwik8, text8 or wikitext-103. The other corpora need "
            "none.")
        .path();
    table
        .add("num_dialects", "Dialects", &DataConfig::numDialects,
            "Markov chains in the corpus dialects; other corpora ignore it. As many as experts is a fair question.")
        .range(1, 15)
        .advanced();
    table
        .addChoice("dialect_mark", "Dialect mark", &DataConfig::dialectMark, {"tag", "alphabet"},
            "How the corpus dialects shows its dialects. tag: by the first token of a sequence, which attention must "
            "carry "
            "on. alphabet: each has symbols of its own.")
        .advanced();
    table
        .add("batch_sequences", "Batch", &DataConfig::batchSequences,
            "Sequences of one optimiser step over all ranks and micro-batches: the curve is the same for any number of "
            "ranks.")
        .range(1, 1 << 20)
        .unit("sequences");
    return table.take();
}

BoundSection optimizerFields()
{
    SectionTable<OptimizerConfig> table("optimizer", "Optimizer", &RunConfig::optimizer);
    table
        .add("learning_rate", "Learning rate", &OptimizerConfig::learningRate,
            "Peak learning rate of AdamW, after the warm-up.")
        .range(0, 100);
    table
        .add("weight_decay", "Weight decay", &OptimizerConfig::weightDecay,
            "Decoupled decay of matrices; norms, biases and temperatures are never decayed.")
        .range(0, 100);
    table.add("beta1", "Beta 1", &OptimizerConfig::beta1, "Decay of the mean of gradients.")
        .range(0, 0.999999)
        .advanced();
    table.add("beta2", "Beta 2", &OptimizerConfig::beta2, "Decay of the mean of squared gradients.")
        .range(0, 0.99999999)
        .advanced();
    table.add("epsilon", "Epsilon", &OptimizerConfig::epsilon, "Added to the root of the squared gradients.")
        .range(1e-30, 1)
        .advanced();
    table
        .add("clip", "Clip", &OptimizerConfig::clip,
            "Largest norm of the whole gradient; a longer one is scaled down. 0 = never.")
        .range(0, 1e9);
    return table.take();
}

BoundSection scheduleFields()
{
    SectionTable<ScheduleConfig> table("schedule", "Schedule", &RunConfig::schedule);
    table.addChoice("shape", "Shape", &ScheduleConfig::shape,
        {"constant", "cosine", "linear", "inverse_sqrt", "multi_step"},
        "How the learning rate goes on after the warm-up.");
    table
        .add("warmup", "Warm-up", &ScheduleConfig::warmup,
            "Share of training.steps in which the learning rate rises linearly from 0 to its peak.")
        .range(0, 1)
        .unit("of training.steps");
    table
        .add("minimum", "Minimum", &ScheduleConfig::minimum,
            "Share of the learning rate that is left at the last step (cosine, linear), and never gone below (the "
            "others).")
        .range(0, 1)
        .unit("of the learning rate");
    table
        .add("milestones", "Milestones", &ScheduleConfig::milestones,
            "Steps of multi_step, rising: from each on, the learning rate is multiplied by factor.")
        .unit("steps")
        .advanced();
    table.add("factor", "Factor", &ScheduleConfig::factor, "Of multi_step at each milestone.").range(0, 1).advanced();
    return table.take();
}

BoundSection trainingFields()
{
    SectionTable<TrainingConfig> table("training", "Training", &RunConfig::training);
    table
        .add("steps", "Steps", &TrainingConfig::steps,
            "Optimiser updates of the whole run. May be raised when a run is resumed.")
        .range(1, 1e9)
        .unit("steps")
        .resumable();
    table
        .add("flops", "FLOP budget", &TrainingConfig::flops,
            "Arithmetic after which the run ends, though training.steps are not done: the same budget compares methods "
            "at equal FLOPs. Schedules follow the share that is spent. 0 = no budget.")
        .range(0, 1e30)
        .unit("FLOP")
        .resumable();
    table.addChoice("precision", "Precision", &TrainingConfig::precision, {"fp32", "bf16"},
        "bf16 multiplies in 16 bits with fp32 master weights, gradients and router: several times the speed of fp32 on "
        "processors "
        "with AVX-512 bf16.");
    table
        .add("accumulation", "Accumulation", &TrainingConfig::accumulation,
            "Micro-batches of one step: less memory for activations at the same batch.")
        .range(1, 65536)
        .unit("micro-batches");
    table.addChoice("non_finite", "Non-finite values", &TrainingConfig::nonFinite, {"skip", "pause", "stop"},
        "What happens when the loss or a gradient is no finite number: leave the update out, pause with a checkpoint, "
        "or end with exit code 5.");
    table
        .add("threads", "Threads", &TrainingConfig::threads,
            "Of each rank. 0 becomes the cores of this machine divided by the ranks when the run is created.")
        .range(0, 1024)
        .unit("threads")
        .advanced();
    return table.take();
}

}  // namespace moescope
