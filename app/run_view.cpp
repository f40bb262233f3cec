// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_view.h"

#include <QCoreApplication>

#include <nlohmann/json.hpp>

#include "engine/run/run_digest.h"

namespace moescope {
namespace {

using Json = nlohmann::json;

const Json* find(const Json& root, std::initializer_list<const char*> path)
{
    const Json* at = &root;
    for (const char* key : path) {
        if (!at->is_object() || !at->contains(key))
            return nullptr;
        at = &(*at)[key];
    }
    return at;
}

std::int64_t integer(const Json& root, std::initializer_list<const char*> path, std::int64_t otherwise = 0)
{
    const Json* at = find(root, path);
    return at && at->is_number_integer() ? at->get<std::int64_t>() : otherwise;
}

std::string text(const Json& root, std::initializer_list<const char*> path)
{
    const Json* at = find(root, path);
    return at && at->is_string() ? at->get<std::string>() : std::string();
}

QString say(const char* words) { return QCoreApplication::translate("RunState", words); }

}  // namespace

RunFacts runFacts(const std::string& configJson)
{
    const Json root = Json::parse(configJson, nullptr, false, true);
    RunFacts facts;
    if (root.is_discarded())
        return facts;
    facts.recipe = text(root, {"routing", "recipe"});
    facts.corpus = text(root, {"data", "corpus"});
    facts.seed = integer(root, {"seed"});
    facts.numSteps = integer(root, {"training", "steps"});
    facts.tokensPerStep = integer(root, {"data", "batch_sequences"}) * integer(root, {"model", "context"});
    facts.numExperts = integer(root, {"model", "num_experts"});
    facts.expertsPerToken = integer(root, {"routing", "selector", "k"}, 1);
    facts.probeEvery = integer(root, {"probe", "every"});
    facts.evaluationEvery = integer(root, {"evaluation", "every"});
    facts.checkpointEvery = integer(root, {"checkpoint", "every"});
    facts.numRanks = integer(root, {"parallel", "ranks"}, 1);
    return facts;
}

LiveState readLiveState(const RunFolder& folder)
{
    LiveState live;
    live.locked = folder.isLocked();
    if (Result<RunStatus> status = folder.status())
        live.status = std::move(*status);
    if (!live.locked && isActive(live.status.state))
        live.locked = folder.isLocked();
    return live;
}

bool diedSilently(const RunStatus& status, bool locked) { return !locked && isActive(status.state); }

bool RunView::active() const { return locked && (isActive(status.state) || status.state == RunState::Created); }

bool RunView::silentDeath() const { return diedSilently(status, locked); }

QString stateWord(const RunStatus& status, bool locked)
{
    if (diedSilently(status, locked))
        return say(QT_TRANSLATE_NOOP("RunState", "Failed"));
    switch (status.state) {
    case RunState::Created:
        return say(QT_TRANSLATE_NOOP("RunState", "Created"));
    case RunState::Loading:
        return say(QT_TRANSLATE_NOOP("RunState", "Loading"));
    case RunState::Training:
        return say(QT_TRANSLATE_NOOP("RunState", "Training"));
    case RunState::Holding:
        return say(QT_TRANSLATE_NOOP("RunState", "Holding"));
    case RunState::Paused:
        return say(QT_TRANSLATE_NOOP("RunState", "Paused"));
    case RunState::Stopping:
        return say(QT_TRANSLATE_NOOP("RunState", "Stopping"));
    case RunState::Finished:
        return say(QT_TRANSLATE_NOOP("RunState", "Finished"));
    case RunState::Stopped:
        return say(QT_TRANSLATE_NOOP("RunState", "Stopped"));
    case RunState::Failed:
        return say(QT_TRANSLATE_NOOP("RunState", "Failed"));
    }
    return {};
}

QString causeText(const RunStatus& status, bool locked)
{
    if (diedSilently(status, locked))
        return QCoreApplication::translate("RunState", "process %1 ended without a word at step %2")
            .arg(status.pid)
            .arg(status.step);
    if (status.state != RunState::Failed || !status.exit)
        return {};
    QString cause = QString::fromStdString(status.exit->cause).replace(QLatin1Char('_'), QLatin1Char(' '));
    if (status.exit->rank >= 0)
        cause = QCoreApplication::translate("RunState", "%1, rank %2").arg(cause).arg(status.exit->rank);
    return QCoreApplication::translate("RunState", "%1, exit code %2").arg(cause).arg(status.exit->code);
}

}  // namespace moescope
