// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/waiting_text.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

#include "app/key_figures.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

QString say(const char* words) { return QCoreApplication::translate("Waiting", words); }

}  // namespace

QString waitingForSteps(const RunViewPtr& view)
{
    if (!view)
        return say("No run is selected");
    if (!view->error.isEmpty())
        return view->error;
    if (view->loading)
        return say("Reading the log");
    if (view->active())
        return say("The engine loads data and model; the first step follows");
    if (view->silentDeath())
        return say("The engine ended before its first step; its log is in logs/rank-0.log of the run folder");
    return say("The run has no recorded step");
}

QString waitingForLoad(const RunViewPtr& view)
{
    if (!view || view->snapshot->lastStep == 0)
        return waitingForSteps(view);
    return say("The log has no expert counts up to here");
}

QString waitingForProbe(const RunViewPtr& view)
{
    if (!view || view->snapshot->lastStep == 0)
        return waitingForSteps(view);
    const std::int64_t every = view->facts.probeEvery;
    if (every <= 0)
        return say("This run has no probe (probe.every is 0)");
    const std::int64_t next = (view->snapshot->lastStep / every + 1) * every;
    if (!view->active() || next > view->facts.numSteps)
        return say("This run ended before its first probe");
    const double left = secondsLeft(*view);
    const std::int64_t remaining = view->facts.numSteps - view->snapshot->lastStep;
    if (left <= 0 || remaining <= 0)
        return QCoreApplication::translate("Waiting", "First probe at step %1").arg(numberText::count(next));
    const double seconds = left * static_cast<double>(next - view->snapshot->lastStep) / static_cast<double>(remaining);
    return QCoreApplication::translate("Waiting", "First probe at step %1, in %2")
        .arg(numberText::count(next), numberText::duration(seconds));
}

double loadingShare(const RunView& view)
{
    const auto known = static_cast<double>(view.snapshot->bytesKnown);
    return known > 0 ? std::min(1.0, static_cast<double>(view.snapshot->bytesRead) / known) : 0;
}

QString loadingCount(const RunView& view)
{
    return QCoreApplication::translate("Waiting", "%1 of %2")
        .arg(numberText::bytes(static_cast<double>(view.snapshot->bytesRead)),
            numberText::bytes(static_cast<double>(view.snapshot->bytesKnown)));
}

}  // namespace moescope
