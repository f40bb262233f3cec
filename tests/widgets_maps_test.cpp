// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Heatmap, matrix, map over time, bars and health grid: keys, mouse, tables, assistive software.
#include <cmath>
#include <limits>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QAccessible>
#include <QAccessibleInterface>
#include <QApplication>
#include <QDialog>
#include <QSignalSpy>
#include <QTest>

#include "tests/support/widget_samples.h"
#include "widgets/bar_cells.h"

using namespace moescope;

namespace {

template <class Map> std::unique_ptr<Map> shown(QSize size)
{
    auto map = std::make_unique<Map>();
    map->resize(size);
    map->show();
    return map;
}

}  // namespace

TEST(Heatmap, ArrowsMoveTheCellAndEnterOpensIt)
{
    const auto map = shown<Heatmap>({640, 300});
    map->setData(samples::load());
    map->setSelection(3, 5);
    QSignalSpy chosen(map.get(), &Heatmap::selected), opened(map.get(), &Heatmap::activated);
    QTest::keyClick(map.get(), Qt::Key_Right);
    QTest::keyClick(map.get(), Qt::Key_Down);
    QTest::keyClick(map.get(), Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(map.get(), Qt::Key_Return);
    EXPECT_EQ(chosen.size(), 3);
    EXPECT_EQ(QPoint(map->selectedColumn(), map->selectedRow()), QPoint(0, 4)) << "ten to the left ends at the first";
    EXPECT_EQ(opened.size(), 1);
}

TEST(Heatmap, ClickSelectsDragSelectsARange)
{
    const auto map = shown<Heatmap>({640, 300});
    map->setData(samples::load());
    QSignalSpy chosen(map.get(), &Heatmap::selected), ranges(map.get(), &Heatmap::rangeSelected);
    const HeatmapLayout at = map->cellLayout();
    QTest::mousePress(map.get(), Qt::LeftButton, {}, at.cell(1, 6).center());
    QTest::mouseRelease(map.get(), Qt::LeftButton, {}, at.cell(3, 2).center());
    EXPECT_EQ(chosen.at(0), (QVariantList{1, 6}));
    EXPECT_EQ(ranges.at(0), (QVariantList{1, 2, 3, 6}));
    QTest::mouseClick(map.get(), Qt::LeftButton, {}, QPoint(4, at.cell(2, 0).center().y()));
    EXPECT_EQ(chosen.at(1), (QVariantList{2, -1})) << "a row label selects the row";
}

TEST(Heatmap, NumbersStandFromTwentyEightByTwenty)
{
    const auto map = shown<Heatmap>({640, 300});
    map->setData(samples::load());
    EXPECT_TRUE(map->cellLayout().numbers);
    map->resize(420, 300);
    EXPECT_FALSE(map->cellLayout().numbers);
}

TEST(Heatmap, TableWritesNumbersAndLeavesWhatHasNoRecordEmpty)
{
    Heatmap map;
    HeatmapData data;
    data.rows = 1;
    data.columns = 3;
    data.corner = QStringLiteral("layer");
    data.rowLabels = {QStringLiteral("L0")};
    data.columnLabels = {QStringLiteral("0"), QStringLiteral("1"), QStringLiteral("2")};
    data.values = {0.5F, std::numeric_limits<float>::quiet_NaN(), 3};
    data.states = {CellState::Number, CellState::Number, CellState::NoRecord};
    map.setData(data);
    EXPECT_EQ(map.tableText(TableFormat::Csv).toStdString(), "layer,0,1,2\nL0,0.5,nan,\n");
    EXPECT_EQ(map.tableText(TableFormat::Markdown).toStdString(),
        "| layer | 0 | 1 | 2 |\n|---|---|---|---|\n| L0 | 0.5 | nan |  |\n");
}

TEST(Heatmap, TooFewValuesAreNoReadPastTheEnd)
{
    const auto map = shown<Heatmap>({300, 200});
    HeatmapData data;
    data.rows = 4;
    data.columns = 4;
    data.values = {1, 2};
    data.states = {CellState::Dead};
    map->setData(data);
    EXPECT_FALSE(map->grab().isNull());
}

TEST(Heatmap, IsATableForScreenReaders)
{
    const auto map = shown<Heatmap>({640, 300});
    map->setTitle(QStringLiteral("Expert load"));
    map->setData(samples::load());
    map->setSelection(5, 11);
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(map.get());
    ASSERT_NE(interface, nullptr);
    EXPECT_EQ(interface->role(), QAccessible::Table);
    EXPECT_EQ(interface->text(QAccessible::Name), QStringLiteral("Expert load"));
    QAccessibleTableInterface* table = interface->tableInterface();
    ASSERT_NE(table, nullptr);
    EXPECT_EQ(table->rowCount(), 6);
    EXPECT_EQ(table->columnCount(), 16);
    EXPECT_EQ(table->cellAt(1, 6)->text(QAccessible::Value), QStringLiteral("0.08"));
    EXPECT_EQ(table->cellAt(5, 11)->text(QAccessible::Value), QStringLiteral("0.00, dead"));
    EXPECT_TRUE(table->cellAt(5, 11)->tableCellInterface()->isSelected());
    EXPECT_EQ(table->cellAt(6, 0), nullptr);
}

TEST(Heatmap, CtrlTOpensTheNumbers)
{
    const auto map = shown<Heatmap>({640, 300});
    map->setData(samples::load());
    QTest::keyClick(map.get(), Qt::Key_T, Qt::ControlModifier);
    const auto* dialog = map->findChild<QDialog*>(QStringLiteral("gridTable"));
    ASSERT_NE(dialog, nullptr);
    EXPECT_FALSE(dialog->isModal());
}

TEST(MatrixView, SpeaksInExpertIdsWhateverTheOrder)
{
    const auto matrix = shown<MatrixView>({480, 480});
    matrix->setData(samples::similarity(true));
    QSignalSpy pairs(matrix.get(), &MatrixView::pairSelected);
    QTest::mouseClick(matrix.get(), Qt::LeftButton, {}, matrix->gridRect(0, 1).center());
    EXPECT_EQ(pairs.at(0), (QVariantList{2, 5})) << "places 0 and 1 of the order are experts 2 and 5";
    EXPECT_EQ(matrix->gridText(0, 1), QStringLiteral("0.98"));
    EXPECT_EQ(matrix->gridText(3, 3), QStringLiteral("self"));
}

TEST(MatrixView, AWrongOrderFallsBackToIds)
{
    MatrixView matrix;
    MatrixData data = samples::similarity(true);
    data.order[3] = 99;
    matrix.setData(data);
    EXPECT_EQ(matrix.data().order[5], 5);
}

TEST(MatrixView, DragAndKeysMoveTheCut)
{
    const auto matrix = shown<MatrixView>({480, 480});
    matrix->setData(samples::similarity(true));
    matrix->setCut(0.3);
    QSignalSpy cuts(matrix.get(), &MatrixView::cutChanged);
    QTest::keyClick(matrix.get(), Qt::Key_Left, Qt::ControlModifier);
    EXPECT_NEAR(matrix->cut(), 0.31, 1e-9);
    const QPoint tree(matrix->cellsRect().left() - 60, matrix->cellsRect().center().y());
    QTest::mousePress(matrix.get(), Qt::LeftButton, {}, tree);
    QTest::mouseMove(matrix.get(), tree + QPoint(-10, 0));
    QTest::mouseRelease(matrix.get(), Qt::LeftButton, {}, tree + QPoint(-10, 0));
    EXPECT_GT(cuts.size(), 1);
    EXPECT_GT(matrix->cut(), 0.31) << "further left is higher";
}

TEST(MatrixView, SmallOneIsAButton)
{
    const auto matrix = shown<MatrixView>({140, 170});
    matrix->setSmall(true);
    matrix->setData(samples::similarity(false));
    QSignalSpy clicks(matrix.get(), &MatrixView::clicked);
    QTest::mouseClick(matrix.get(), Qt::LeftButton);
    QTest::keyClick(matrix.get(), Qt::Key_Space);
    EXPECT_EQ(clicks.size(), 2);
}

TEST(TimeMap, AsksForAsManyColumnsAsThereArePixels)
{
    const auto map = shown<TimeMap>({800, 260});
    int asked = 0;
    map->setSource(16, 1, 6180, [&asked](double from, double to, int columns) {
        asked = columns;
        return samples::loadOverTime(from, to, columns);
    });
    EXPECT_EQ(asked, int(std::ceil(map->plotRect().width() * map->devicePixelRatioF())));
}

TEST(TimeMap, KeepsMinimumAndMaximumOfAColumn)
{
    const auto map = shown<TimeMap>({400, 200});
    map->setSource(2, 0, 100, [](double from, double to, int) {
        return TimeMapColumns{2, 1, from, to, {0.25F, 1}, {4, 1}};
    });
    EXPECT_EQ(map->gridText(0, 0), QStringLiteral("0.25 to 4.00"));
    EXPECT_EQ(map->gridText(1, 0), QStringLiteral("1.00"));
    const QImage image = map->grab().toImage();
    const QPoint row = map->plotRect().topLeft() + QPoint(20, 3);
    EXPECT_EQ(QColor(image.pixel(row)), QColor(Theme::light().load.at(1))) << "upper half: the maximum";
    EXPECT_EQ(QColor(image.pixel(row + QPoint(0, 15))), QColor(Theme::light().load.at(0))) << "lower half: the minimum";
}

TEST(TimeMap, BrushAndClickSayTheirRange)
{
    const auto map = shown<TimeMap>({800, 260});
    map->setSource(16, 1, 6180, samples::loadOverTime);
    QSignalSpy brushes(map.get(), &TimeMap::brushed), cursors(map.get(), &TimeMap::cursorMoved);
    const QPoint at = map->plotRect().center();
    QTest::mousePress(map.get(), Qt::LeftButton, {}, at);
    QTest::mouseMove(map.get(), at + QPoint(60, 0));
    QTest::mouseRelease(map.get(), Qt::LeftButton, {}, at + QPoint(60, 0));
    ASSERT_EQ(brushes.size(), 1);
    EXPECT_LT(brushes[0][0].toDouble(), brushes[0][1].toDouble());
    EXPECT_EQ(cursors.size(), 0);
    QTest::mouseClick(map.get(), Qt::LeftButton, {}, at);
    EXPECT_EQ(cursors.size(), 1);
}

TEST(HealthGrid, CellOpensItsViewAndSpeaksItsState)
{
    const auto grid = shown<HealthGrid>({400, 240});
    samples::fillHealth(*grid);
    QSignalSpy opened(grid.get(), &HealthGrid::activated);
    QTest::mouseClick(grid.get(), Qt::LeftButton, {}, grid->gridRect(3, 3).center());
    EXPECT_EQ(opened.at(0), (QVariantList{3, 3}));
    EXPECT_EQ(grid->gridText(3, 3), QStringLiteral("0.36 alarm"));
    EXPECT_EQ(grid->gridText(0, 0), QStringLiteral("0.88"));
}

TEST(BarCells, StandBesideTheRowsOfTheirMap)
{
    QWidget window;
    Heatmap map(&window);
    map.setData(samples::load());
    map.setGeometry(0, 20, 600, 260);
    BarCells bars(&window);
    bars.setGeometry(600, 0, 160, 280);
    BarColumn column;
    column.title = QStringLiteral("MaxVio");
    column.cells.resize(6, BarCell{QStringLiteral("0.88"), 0.5, 0.05, State::None});
    bars.setColumns({column}, map.data().rowLabels);
    bars.alignTo(&map);
    window.resize(760, 280);
    window.show();
    for (int row = 0; row < 6; ++row)
        EXPECT_EQ(bars.gridRect(row, 0).top(), map.gridRect(row, 0).top() + 20) << row;
}
