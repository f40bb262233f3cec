// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Every tab in both themes and two sizes as pictures under test-output/app, for eyes; no label may be cut off that is
// not made for it.
#include <QDir>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "app/pages/setup_page.h"
#include "engine/config/catalog_json.h"
#include "engine/control/run_queue.h"
#include "tests/support/small_catalog.h"
#include "tests/support/window_fixture.h"
#include "widgets/elided_label.h"
#include "widgets/theme.h"

using namespace moescope;

namespace {

struct Shot {
    int width = 0, height = 0;
    bool dark = false;
};

class Screenshots : public WindowTest, public testing::WithParamInterface<Shot> {
protected:
    void SetUp() override { applyTheme(*qApp, GetParam().dark ? Theme::dark() : Theme::light()); }
    void TearDown() override { applyTheme(*qApp, Theme::light()); }

    void keep(MainWindow& window, const QString& name) const
    {
        const Shot& shot = GetParam();
        for (const int scale : {1, 2}) {
            QImage image(window.size() * scale, QImage::Format_RGB32);
            image.setDevicePixelRatio(scale);
            window.render(&image);
            QDir().mkpath(QStringLiteral("test-output/app"));
            ASSERT_TRUE(image.save(QStringLiteral("test-output/app/%1-%2-%3x%4-%5.png")
                                       .arg(name, shot.dark ? QStringLiteral("dark") : QStringLiteral("light"))
                                       .arg(shot.width)
                                       .arg(shot.height)
                                       .arg(scale * 100)));
        }
    }
};

/// Labels and buttons that show less than their text.
QStringList cutLabels(const QWidget& window)
{
    QStringList cut;
    for (const QLabel* label : window.findChildren<QLabel*>()) {
        if (!label->isVisible() || qobject_cast<const ElidedLabel*>(label) || label->wordWrap()
            || label->text().isEmpty())
            continue;
        if (label->sizeHint().width() > label->width() + 1)
            cut << label->objectName() + QStringLiteral(" \"") + label->text() + QLatin1Char('"');
    }
    for (const QAbstractButton* button : window.findChildren<QAbstractButton*>())
        if (button->isVisible() && !button->text().isEmpty() && button->minimumSizeHint().width() > button->width() + 1)
            cut << button->objectName() + QStringLiteral(" \"") + button->text() + QLatin1Char('"');
    return cut;
}

/// An engine that can say what it can do, and nothing else.
std::filesystem::path describingEngine(const std::filesystem::path& folder)
{
    writeBytes(folder / "describe.json", writeDescription(smallCatalog(), "0.1.0"));
    writeBytes(folder / "engine", "#!/bin/sh\ncat '" + (folder / "describe.json").string() + "'\n");
    std::filesystem::permissions(folder / "engine", std::filesystem::perms::owner_all);
    return folder / "engine";
}

MadeRunOptions bigRun()
{
    MadeRunOptions options;
    options.plannedSteps = 10'000;
    options.lastStep = 6180;
    options.probeEvery = options.evaluationEvery = 250;
    options.checkpointEvery = 500;
    options.state = RunState::Training;
    options.rolledBackTo = 2500;
    options.rolledBackFrom = 2900;
    return options;
}

}  // namespace

TEST_P(Screenshots, OfEveryTab)
{
    MadeRunOptions others;
    others.plannedSteps = others.lastStep = 1000;
    others.collapse = false;
    const std::pair<const char*, RunState> kinds[] = {{"simsmoe", RunState::Finished},
        {"competesmoe", RunState::Finished}, {"dense", RunState::Paused}, {"st-moe", RunState::Failed},
        {"switch", RunState::Stopped}};
    const double start = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    int number = 0;
    for (const auto& [name, state] : kinds) {
        others.name = name;
        others.state = state;
        others.worse += 0.03;
        others.created = start + 100 * number++;
        others.exit = state == RunState::Failed ? RunExit{5, "diverged", -1} : RunExit{};
        others.nanFrom = state == RunState::Failed ? 800 : 0;
        others.lastStep = state == RunState::Finished ? 1000 : 640 + static_cast<std::int64_t>(state) * 30;
        const MadeRun made(runsFolder() / name, others);
    }
    MadeRunOptions options = bigRun();
    options.created = start + 1000;
    const MadeRun run(runsFolder() / "smoe-20261124-151700", options);

    const RunQueue queue = RunQueue::open(RunQueue::defaultFolder()).value();
    ASSERT_TRUE(queue.add("x-moe", R"({"seed": 1, "routing": {"recipe": "switch"}})", runsFolder() / "x-moe"));
    ASSERT_TRUE(queue.add("remoe", R"({"seed": 2, "training": {"steps": 5400}})", runsFolder() / "remoe"));
    const Shot& shot = GetParam();
    WindowOptions windowOptions;
    windowOptions.engine = describingEngine(m_folder.path());
    auto window = openWindow({shot.width, shot.height}, windowOptions);
    ASSERT_TRUE(waitFor([&] { return window->runs().rowCount() == 6; }));
    const QString folder = QString::fromStdString(run.path().string());
    window->selection().setRun(folder);
    ASSERT_TRUE(waitFor([&] { return window->selection().lastStep() == options.lastStep; }));
    window->runs().setShown(folder, true);
    window->selection().setStepB(4000);
    window->selection().setLayer(3);
    window->selection().setPair(2, 5);
    ASSERT_TRUE(waitFor([&] {
        return hasFrame(*window) && window->frame()->request.stepB == 4000 && window->frame()->request.second == 5
            && window->frame()->loadA.step == options.lastStep;
    }));
    ASSERT_TRUE(waitFor([&] {
        return window->runs().data(window->runs().index(5), RunsModel::ValueTextRole).toString() != QString();
    }));
    const QStringList names{"1-setup", "2-overview", "3-curves", "4-experts", "5-similarity"};
    for (int tab = 0; tab < names.size(); ++tab) {
        window->showTab(static_cast<MainWindow::Tab>(tab));
        if (tab == 3)
            window->selection().setExpert(5);
        if (tab == 4)
            window->selection().setPair(2, 5);
        QElapsedTimer settle;
        settle.start();
        waitFor([&] { return settle.elapsed() > 300; });
        keep(*window, names[tab]);
        EXPECT_EQ(cutLabels(*window).join(QStringLiteral(", ")).toStdString(), "") << names[tab].toStdString();
    }
}

INSTANTIATE_TEST_SUITE_P(BothThemes, Screenshots,
    testing::Values(Shot{1440, 900, false}, Shot{1440, 900, true}, Shot{1280, 800, false}, Shot{1280, 800, true}),
    [](const auto& shot) {
        return std::string(shot.param.dark ? "Dark" : "Light") + std::to_string(shot.param.width) + "x"
            + std::to_string(shot.param.height);
    });
