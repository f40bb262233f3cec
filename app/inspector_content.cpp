// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/inspector_content.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <QCoreApplication>
#include <QDateTime>

#include "app/key_figures.h"
#include "app/limits.h"
#include "app/setting_value.h"
#include "app/similarity_text.h"
#include "app/visible_text.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

using Kind = InspectorLine::Kind;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kNearest = 4;

QString say(const char* words) { return QCoreApplication::translate("Inspector", words); }

InspectorLine value(const char* name, const QString& atA, const QString& atB = {}, State state = State::None)
{
    return {Kind::Number, say(name), atA, atB, state};
}

InspectorLine section(const char* name) { return {Kind::Section, say(name), {}, {}, State::None}; }

OffDiagonal layerPairs(const Frame& frame, bool atB, SimilarityKind kind, int layer)
{
    std::vector<double> values;
    for (int first = 0; first < frame.numExperts; ++first)
        for (int second = 0; second < frame.numExperts; ++second)
            values.push_back(pairValue(frame, kind, atB, layer, first, second));
    const bool known = frame.numExperts > 1 && std::isfinite(values[1]);
    return known ? offDiagonal(values, frame.numExperts) : OffDiagonal{kNaN, kNaN, 0, 0};
}

double violationOf(const LoadState& load, int layer)
{
    const auto at = static_cast<std::size_t>(layer);
    return at < load.metrics.size() ? load.metrics[at].maxViolation : kNaN;
}

double shareOf(const Frame& frame, const LoadState& load, int layer, int expert)
{
    const auto at = static_cast<std::size_t>(layer * frame.numExperts + expert);
    return layer >= 0 && expert >= 0 && expert < frame.numExperts && at < load.shares.size() ? load.shares[at] : kNaN;
}

/// 1 = most loaded.
QString rankOf(const Frame& frame, const LoadState& load, int layer, int expert)
{
    const double own = shareOf(frame, load, layer, expert);
    if (!std::isfinite(own))
        return numberText::missing();
    int rank = 1;
    for (int other = 0; other < frame.numExperts; ++other)
        rank += shareOf(frame, load, layer, other) > own ? 1 : 0;
    return QString::number(rank);
}

QString countOf(const Frame& frame, const LoadState& load, int layer, int expert)
{
    const auto at = static_cast<std::size_t>(layer * frame.numExperts + expert);
    return at < load.counts.size() ? numberText::count(std::llround(load.counts[at])) : numberText::missing();
}

void addNearest(InspectorContent& content, const Frame& frame, int layer, int expert)
{
    std::vector<int> others(static_cast<std::size_t>(frame.numExperts));
    std::iota(others.begin(), others.end(), 0);
    std::erase(others, expert);
    const auto cosine = [&](bool atB, int other) {
        return pairValue(frame, SimilarityKind::Cosine, atB, layer, expert, other);
    };
    if (others.empty() || !std::isfinite(cosine(false, others.front())))
        return;
    std::sort(others.begin(), others.end(), [&](int a, int b) { return cosine(false, a) > cosine(false, b); });
    others.resize(std::min(others.size(), kNearest));
    content.lines.push_back(section(QT_TRANSLATE_NOOP("Inspector", "Nearest experts, output cosine")));
    for (const int other : others)
        content.lines.push_back({Kind::Number, QCoreApplication::translate("Inspector", "expert %1").arg(other),
            numberText::fixed(cosine(false, other), 2), numberText::fixed(cosine(true, other), 2),
            limits::pair(cosine(false, other))});
}

}  // namespace

QString InspectorContent::text() const
{
    QString all = title + QLatin1Char('\n') + subtitle + QLatin1Char('\n');
    for (const InspectorLine& line : lines) {
        all += line.name;
        if (line.kind == Kind::Number)
            all += QLatin1Char('\t') + line.atA + (twoColumns ? QLatin1Char('\t') + line.atB : QString());
        all += QLatin1Char('\n');
    }
    return all;
}

InspectorContent layerContent(const Frame& frame)
{
    InspectorContent content;
    const int layer = frame.request.layer;
    if (layer >= frame.numLayers)
        return content;
    const double a = diversityShare(frame, false, layer), b = diversityShare(frame, true, layer);
    const State state = limits::diversity(a);
    const double violation = violationOf(frame.loadA, layer), violationB = violationOf(frame.loadB, layer);
    content.places = true;
    content.twoColumns = true;
    content.state = state == State::Ok ? State::None : state;
    content.title = state == State::Alarm ? QCoreApplication::translate("Inspector", "Layer %1 homogenised").arg(layer)
                                          : QCoreApplication::translate("Inspector", "Layer %1").arg(layer);
    content.subtitle =
        QCoreApplication::translate("Inspector", "at step %1, load of %2 steps")
            .arg(numberText::count(frame.loadA.step), numberText::count(frame.loadA.step - frame.loadA.fromStep));
    const OffDiagonal pairsA = layerPairs(frame, false, SimilarityKind::Cosine, layer),
                      pairsB = layerPairs(frame, true, SimilarityKind::Cosine, layer);
    const QString of = QCoreApplication::translate("Inspector", "Diversity D of %1").arg(frame.numExperts);
    content.lines.push_back({Kind::Number, of, numberText::fixed(a * frame.numExperts, 1),
        numberText::fixed(b * frame.numExperts, 1), state});
    content.lines.push_back(
        value(QT_TRANSLATE_NOOP("Inspector", "D/E"), numberText::fixed(a, 2), numberText::fixed(b, 2), state));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Mean cosine"), numberText::fixed(pairsA.mean, 2),
        numberText::fixed(pairsB.mean, 2)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Largest cosine"),
        numberText::fixed(pairsA.maximum, 2), numberText::fixed(pairsB.maximum, 2), limits::pair(pairsA.maximum)));
    if (std::isfinite(pairsA.maximum))
        content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Closest pair"),
            QStringLiteral("%1–%2").arg(pairsA.first).arg(pairsA.second),
            std::isfinite(pairsB.maximum) ? QStringLiteral("%1–%2").arg(pairsB.first).arg(pairsB.second)
                                          : numberText::missing()));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "MaxVio"), numberText::fixed(violation, 2),
        numberText::fixed(violationB, 2), limits::maxViolation(violation, frame.loadA.floor)));
    if (state == State::Alarm && violation <= violationB)
        content.lines.push_back({Kind::Meaning,
            say("Load is more even than before the collapse. Balance metrics cannot see this."), {}, {}, State::Watch});
    else if (state == State::Alarm)
        content.lines.push_back({Kind::Meaning,
            say("Experts of this layer compute nearly the same function: D/E is below 0.65."), {}, {}, State::Watch});
    return content;
}

InspectorContent expertContent(const Frame& frame)
{
    InspectorContent content;
    const int layer = frame.request.layer, expert = frame.request.first;
    if (layer >= frame.numLayers || expert < 0 || expert >= frame.numExperts)
        return content;
    content.title = QCoreApplication::translate("Inspector", "Layer %1 · expert %2").arg(layer).arg(expert);
    content.subtitle =
        QCoreApplication::translate("Inspector", "load of %1 steps up to step %2")
            .arg(numberText::count(frame.loadA.step - frame.loadA.fromStep), numberText::count(frame.loadA.step));
    content.twoColumns = true;
    const double a = shareOf(frame, frame.loadA, layer, expert), b = shareOf(frame, frame.loadB, layer, expert);
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Load, × fair"), numberText::fixed(a, 2),
        numberText::fixed(b, 2), a == 0 ? State::Alarm : State::None));
    content.lines.push_back({Kind::Number, QCoreApplication::translate("Inspector", "Rank of %1").arg(frame.numExperts),
        rankOf(frame, frame.loadA, layer, expert), rankOf(frame, frame.loadB, layer, expert), State::None});
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Assignments"),
        countOf(frame, frame.loadA, layer, expert), countOf(frame, frame.loadB, layer, expert)));
    addNearest(content, frame, layer, expert);
    if (a == 0)
        content.lines.push_back({Kind::Meaning,
            say("No token came here in the window: the capacity of this expert is lost."), {}, {}, State::Alarm});
    return content;
}

InspectorContent pairContent(const Frame& frame, double cut)
{
    const int layer = frame.request.layer, first = frame.request.first, second = frame.request.second;
    if (layer >= frame.numLayers)
        return {};
    InspectorContent content;
    content.twoColumns = true;
    const auto at = [&](SimilarityKind kind, bool b) { return pairValue(frame, kind, b, layer, first, second); };
    const double cosine = at(SimilarityKind::Cosine, false), excess = at(SimilarityKind::CkaExcess, false);
    if (second >= 0) {
        content.title =
            QCoreApplication::translate("Inspector", "Layer %1 · experts %2 and %3").arg(layer).arg(first).arg(second);
        content.subtitle =
            QCoreApplication::translate("Inspector", "probe %1").arg(numberText::count(frame.similarityA.step));
        content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Output cosine"), numberText::fixed(cosine, 2),
            numberText::fixed(at(SimilarityKind::Cosine, true), 2), limits::pair(cosine)));
        content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "CKA excess"), numberText::fixed(excess, 2),
            numberText::fixed(at(SimilarityKind::CkaExcess, true), 2), limits::pair(excess)));
        for (const int expert : {first, second})
            content.lines.push_back(
                {Kind::Number, QCoreApplication::translate("Inspector", "Load of %1, × fair").arg(expert),
                    numberText::fixed(shareOf(frame, frame.loadA, layer, expert), 2),
                    numberText::fixed(shareOf(frame, frame.loadB, layer, expert), 2), State::None});
        if (limits::pair(cosine) == State::Alarm)
            content.lines.push_back({Kind::Meaning,
                say("The two answer nearly alike on every probe token, whoever is chosen."), {}, {}, State::Watch});
    } else {
        content = layerContent(frame);
        content.places = false;
    }
    if (static_cast<std::size_t>(layer) < frame.clusterings.size()) {
        const std::vector<int> groups =
            cutTree(frame.clusterings[static_cast<std::size_t>(layer)], cut, frame.numExperts);
        std::map<int, QStringList> members;
        for (std::size_t expert = 0; expert < groups.size(); ++expert)
            members[groups[expert]] << QString::number(expert);
        content.lines.push_back(
            {Kind::Section, QCoreApplication::translate("Inspector", "Groups at cut %1").arg(numberText::fixed(cut, 2)),
                {}, {}, State::None});
        QStringList alone;
        int number = 0;
        for (const auto& [group, experts] : members) {
            if (experts.size() == 1)
                alone << experts;
            else
                content.lines.push_back({Kind::Text,
                    QCoreApplication::translate("Inspector", "group %1:  %2")
                        .arg(++number)
                        .arg(experts.join(QLatin1Char(' '))),
                    {}, {}, State::None});
        }
        std::sort(alone.begin(), alone.end(), [](const QString& a, const QString& b) { return a.toInt() < b.toInt(); });
        if (!alone.isEmpty())
            content.lines.push_back(
                {Kind::Text, QCoreApplication::translate("Inspector", "alone:  %1").arg(alone.join(QLatin1Char(' '))),
                    {}, {}, State::None});
    }
    return content;
}

InspectorContent metricsContent(
    const RunView& view, const QString& title, const QStringList& metrics, std::int64_t stepA, std::int64_t stepB)
{
    InspectorContent content;
    content.title = title;
    content.subtitle =
        QCoreApplication::translate("Inspector", "newest value at or before A %1").arg(numberText::count(stepA));
    content.twoColumns = true;
    const auto text = [&](const std::string& tag, std::int64_t step) {
        const double number = step > 0 ? scalarAt(*view.snapshot, tag, step) : kNaN;
        if (std::fabs(number) >= 10'000)
            return numberText::si(number);
        return numberText::significant(number, 4);
    };
    for (const QString& metric : metrics) {
        // A metric that exists once per layer has one row for each.
        const std::string prefix = metric.toStdString();
        for (const auto& [tag, series] : view.snapshot->scalars)
            if (tag == prefix || (tag.starts_with(prefix + "/") && metric.contains(QLatin1Char('/'))))
                content.lines.push_back({Kind::Number, QString::fromStdString(tag).section(QLatin1Char('/'), 1),
                    text(tag, stepA), text(tag, stepB), State::None});
    }
    return content;
}

InspectorContent runContent(const RunView& view)
{
    InspectorContent content;
    content.title = visibleLine(view.identity.name, 120);
    content.subtitle = visibleLine(view.folder);
    if (!view.error.isEmpty()) {
        content.title = view.folder.section(QLatin1Char('/'), -1);
        content.state = State::Failed;
        content.lines.push_back({Kind::Meaning, view.error, {}, {}, State::Failed});
        return content;
    }
    const QString cause = causeText(view.status, view.locked);
    content.state = cause.isEmpty() ? State::None : State::Failed;
    if (!cause.isEmpty())
        content.lines.push_back({Kind::Meaning, cause, {}, {}, State::Failed});
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "State"), stateWord(view.status, view.locked)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Step"),
        QCoreApplication::translate("Inspector", "%1 of %2")
            .arg(numberText::count(view.snapshot->lastStep), numberText::count(view.facts.numSteps))));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Recipe"), QString::fromStdString(view.facts.recipe)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Corpus"), QString::fromStdString(view.facts.corpus)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Seed"), QString::number(view.facts.seed)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Ranks"), QString::number(view.facts.numRanks)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Host"), QString::fromStdString(view.identity.host)));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Created"),
        QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(view.identity.created * 1000))
            .toString(QStringLiteral("yyyy-MM-dd HH:mm"))));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Checkpoint"),
        view.status.checkpoint.empty() ? numberText::missing() : QString::fromStdString(view.status.checkpoint)));
    for (const LogDamage& damage : view.snapshot->damages)
        content.lines.push_back({Kind::Meaning,
            QCoreApplication::translate(
                "Inspector", "The log %1 is damaged at byte %2: %3. What is before and in later files is shown.")
                .arg(QString::fromStdString(damage.file.filename().string()),
                    numberText::count(static_cast<std::int64_t>(damage.offset)), QString::fromStdString(damage.reason)),
            {}, {}, State::Watch});
    return content;
}

InspectorContent setupContent(const QString& name, const QString& recipe, const QString& origin, const QString& reason)
{
    InspectorContent content;
    content.title = say("New run");
    content.subtitle = origin;
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Name"), name));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Recipe"), recipe));
    content.lines.push_back(reason.isEmpty() ? InspectorLine{Kind::Meaning,
                                say("Ctrl+Enter starts it. It goes on when this window is closed."), {}, {}, State::Ok}
                                             : InspectorLine{Kind::Meaning, reason, {}, {}, State::Alarm});
    content.lines.push_back({Kind::Text, say("Move to a field to read what it means."), {}, {}, State::None});
    return content;
}

InspectorContent fieldContent(const Field& field, const QString& key, const QString& current)
{
    InspectorContent content;
    content.title = QString::fromStdString(field.label);
    content.subtitle = key;
    content.monospaceSubtitle = true;
    const QString unit = field.unit.empty() ? QString() : QLatin1Char(' ') + QString::fromStdString(field.unit);
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Value"), current + unit));
    content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Default"),
        field.follows.empty()
            ? settingText(field.fallback)
            : QCoreApplication::translate("Inspector", "follows %1").arg(QString::fromStdString(field.follows))));
    if (std::isfinite(field.minimum) || std::isfinite(field.maximum))
        content.lines.push_back(value(QT_TRANSLATE_NOOP("Inspector", "Range"),
            QStringLiteral("%1 … %2").arg(boundText(field.minimum), boundText(field.maximum))));
    content.lines.push_back(
        value(QT_TRANSLATE_NOOP("Inspector", "At resume"), field.resumable ? say("may change") : say("fixed")));
    content.lines.push_back(section(QT_TRANSLATE_NOOP("Inspector", "Meaning")));
    content.lines.push_back({Kind::Text, QString::fromStdString(field.help), {}, {}, State::None});
    return content;
}

}  // namespace moescope
