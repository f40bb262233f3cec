// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/render.h"

#include <functional>
#include <utility>
#include <vector>

#include <QCoreApplication>
#include <QFileInfo>

#include "app/chart_specs.h"
#include "app/export.h"
#include "app/frame.h"
#include "app/limits.h"
#include "app/load_figure.h"
#include "app/map_data.h"
#include "app/similarity_text.h"
#include "app/watch_worker.h"
#include "widgets/bar_cells.h"
#include "widgets/health_grid.h"
#include "widgets/line_chart.h"
#include "widgets/matrix_view.h"
#include "widgets/time_map.h"

namespace moescope {
namespace {

/// A figure and the widget that paints it.
struct Painted {
    std::unique_ptr<QWidget> widget;
    const Figure* figure = nullptr;
    QString missing;  ///< why there is nothing to paint
};

template <class View> Painted painted(std::unique_ptr<View> view, const QString& missing)
{
    Painted result;
    result.figure = view.get();
    result.widget = std::move(view);
    result.missing = missing;
    return result;
}

Painted chart(const QString& title, ChartSpec spec, const QString& missing)
{
    auto view = std::make_unique<LineChart>();
    view->setTitle(title);
    const bool empty = spec.series.empty();
    view->setSpec(std::move(spec));
    return painted(std::move(view), empty ? missing : QString());
}

NamedRun namedRun(const Frame& frame)
{
    const RunViewPtr& view = frame.request.view;
    return {view, QString::fromStdString(view->identity.name), LineRole::run(0)};
}

QString say(const char* words) { return QCoreApplication::translate("Render", words); }

Painted load(const Frame& frame)
{
    auto* map = new Heatmap;
    map->setTitle(
        QCoreApplication::translate("Render", "Expert load at step %1, share of fair load").arg(frame.loadA.step));
    map->setData(loadMap(frame, frame.loadA));
    map->setDeadText(say("dead in window"));
    map->setHoverLineVisible(false);
    auto* strips = new BarCells;
    strips->setColumns(loadStrips(frame, true), layerLabels(frame.numLayers));
    strips->alignTo(map);
    return painted(std::make_unique<LoadFigure>(map, strips),
        frame.loadA.present() ? QString() : say("the log has no expert counts"));
}

Painted loadOverTime(const Frame& frame)
{
    auto view = std::make_unique<TimeMap>();
    view->setTitle(
        QCoreApplication::translate("Render", "Layer %1, expert × time, share of fair load").arg(frame.request.layer));
    view->setMap(MapKind::Load, ValueScale::loadLog2());
    view->setXAxis(xAxisSpec(XAxis::Step));
    view->setSource(frame.numExperts, 0, static_cast<double>(frame.overTime.toStep), {});
    view->setRowLabels(expertLabels(frame.numExperts));
    view->setColumns(timeColumns(frame.overTime));
    return painted(std::move(view), frame.overTime.numColumns > 0 ? QString() : say("the log has no expert counts"));
}

Painted matrix(const Frame& frame)
{
    auto view = std::make_unique<MatrixView>();
    const auto layer = static_cast<std::size_t>(frame.request.layer);
    const ExpertOrder order = layer < frame.clusterings.size() ? expertOrder(frame.clusterings[layer]) : ExpertOrder{};
    view->setTitle(QCoreApplication::translate("Render", "Layer %1, expert × expert, output cosine, probe %2")
                       .arg(frame.request.layer)
                       .arg(frame.similarityA.step));
    view->setMap(MapKind::Similarity, ValueScale::similarity(say("0 = null")));
    view->setData(similarityMatrix(frame, frame.similarityA, frame.request.layer, order));
    view->setCut(limits::kTreeCut);
    view->setPairs(mergedPairs(frame, frame.request.layer));
    view->setHoverLineVisible(false);
    return painted(
        std::move(view), frame.similarityA.present() ? QString() : say("the log has no probe up to this step"));
}

Painted health(const Frame& frame)
{
    auto view = std::make_unique<HealthGrid>();
    view->setTitle(QCoreApplication::translate("Render", "Layer health at step %1").arg(frame.loadA.step));
    fillHealthGrid(*view, frame);
    return painted(std::move(view), frame.numLayers > 0 ? QString() : say("the log has no expert counts"));
}

using Maker = std::function<Painted(const Frame&)>;

const std::vector<std::pair<QString, Maker>>& makers()
{
    static const std::vector<std::pair<QString, Maker>> all{
        {QStringLiteral("loss"),
            [](const Frame& f) {
                return chart(say("Loss, bits/byte"), lossSpec(namedRun(f), {}), say("the log has no loss"));
            }},
        {QStringLiteral("load"), load},
        {QStringLiteral("load-over-time"), loadOverTime},
        {QStringLiteral("max-violation"),
            [](const Frame& f) {
                return chart(say("MaxVio by layer"), maxViolationSpec(f, {}, -1), say("the log has no MaxVio"));
            }},
        {QStringLiteral("similarity"), matrix},
        {QStringLiteral("diversity"),
            [](const Frame& f) {
                return chart(say("Expert diversity D/E"), diversitySpec(f, {}), say("the log has no probe"));
            }},
        {QStringLiteral("health"), health},
        {QStringLiteral("throughput"),
            [](const Frame& f) {
                return chart(say("Throughput, k tok/s"), throughputSpec(namedRun(f), {}), say("the log has no speed"));
            }},
    };
    return all;
}

const Maker* makerOf(const QString& view)
{
    for (const auto& [id, maker] : makers())
        if (id == view)
            return &maker;
    return nullptr;
}

Result<void> checkRequest(const RenderRequest& request)
{
    if (!makerOf(request.view))
        return fail(ErrorKind::User,
            QCoreApplication::translate("Render", "There is no view \"%1\". Known: %2.")
                .arg(request.view, renderViews().join(QStringLiteral(", ")))
                .toStdString());
    const QString ending = QFileInfo(request.file).suffix().toLower();
    if (!exportEndings().contains(ending))
        return fail(ErrorKind::User,
            QCoreApplication::translate("Render", "%1: the ending decides the format; known: %2.")
                .arg(request.file, exportEndings().join(QStringLiteral(", ")))
                .toStdString());
    return {};
}

Result<RunViewPtr> readWhole(const QString& folder)
{
    Result<WatchedRun> run = openRun(folder);
    if (!run)
        return forward(run);
    RunViewPtr view;
    for (;;) {
        const RunViewPtr next = refresh(*run, folder, 1 << 20);
        if (!next)
            break;
        view = next;
        if (!view->error.isEmpty())
            return fail(ErrorKind::Data, view->error.toStdString());
    }
    return view;
}

}  // namespace

QStringList renderViews()
{
    QStringList ids;
    for (const auto& [id, maker] : makers())
        ids << id;
    return ids;
}

Result<void> renderView(const RenderRequest& request)
{
    if (const Result<void> checked = checkRequest(request); !checked)
        return checked;
    const Result<RunViewPtr> read = readWhole(request.run);
    if (!read)
        return forward(read);
    const RunViewPtr view = *read;
    const std::int64_t last = view->snapshot->lastStep;
    if (request.step < 0 || request.step > last)
        return fail(ErrorKind::User,
            QCoreApplication::translate("Render", "%1 has no step %2; its log ends at step %3.")
                .arg(request.run)
                .arg(request.step)
                .arg(last)
                .toStdString());
    FrameRequest wanted;
    wanted.view = view;
    wanted.stepA = request.step > 0 ? request.step : last;
    wanted.layer = request.layer;
    const Frame frame = FrameMaker().make(wanted);
    if (request.layer < 0 || (frame.numLayers > 0 && request.layer >= frame.numLayers))
        return fail(ErrorKind::User,
            QCoreApplication::translate("Render", "%1 has no layer %2; its MoE layers are 0 to %3.")
                .arg(request.run)
                .arg(request.layer)
                .arg(frame.numLayers - 1)
                .toStdString());
    if (!frame.errors.empty())
        return fail(ErrorKind::Data, frame.errors.front());
    const Painted painted = (*makerOf(request.view))(frame);
    if (!painted.missing.isEmpty())
        return fail(ErrorKind::Data, request.run.toStdString() + ": " + painted.missing.toStdString() + ".");
    FigureOptions options;
    options.size = request.size;
    options.dark = request.dark;
    options.about = aboutRun(*view);
    if (const QString error = exportFigure(*painted.figure, request.file, options); !error.isEmpty())
        return fail(ErrorKind::Resources, error.toStdString());
    return {};
}

}  // namespace moescope
