// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/create_run.h"

#include <ATen/Parallel.h>

#include "engine/base/file_system.h"
#include "engine/config/read_config.h"
#include "engine/config/stored_config.h"
#include "engine/data/corpus.h"
#include "engine/model/attention_choice.h"
#include "engine/routing/registry.h"
#include "engine/train/commands.h"
#include "engine/train/cpu_threads.h"
#include "engine/train/failure.h"
#include "engine/train/identity.h"

namespace moescope {

Result<RunFolder> createRun(const RunConfig& config, const std::filesystem::path& path)
{
    try {
        const auto catalog = routingCatalog(resourceFolder());
        if (!catalog)
            return forward(catalog);
        const auto corpus = openCorpus(config.data, config.model.context);
        if (!corpus)
            return forward(corpus);
        RunConfig settled = config;
        settled.model.vocabulary = corpus->vocabulary;
        settled.training.threads = resolveThreads(config.training.threads, config.parallel.ranks);
        at::set_num_threads(static_cast<int>(settled.training.threads));
        settled.model.attention = chooseAttention(settled.model, settled.training.precision);
        return RunFolder::create(FileSystem::real(), path, makeIdentity(settled), writeConfig(settled, *catalog));
    } catch (const std::exception& problem) {
        return tl::make_unexpected(errorOf(problem));
    }
}

Result<RunConfig> configOf(const RunFolder& run)
{
    const auto catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return forward(catalog);
    const auto text = run.configJson();
    if (!text)
        return forward(text);
    return readStoredConfig(*text, shownPath(run.path() / "config.json"), *catalog);
}

Result<void> storeConfig(FileSystem& files, const RunFolder& run, const RunConfig& config)
{
    const auto catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return forward(catalog);
    return replaceFile(files, run.path() / "config.json", writeConfig(config, *catalog));
}

}  // namespace moescope
