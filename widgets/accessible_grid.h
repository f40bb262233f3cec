// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Any map or matrix as a table: for screen readers, for Ctrl+T, for copying.
#pragma once

#include <QPoint>
#include <QRect>
#include <QString>

#include "widgets/figure.h"

class QKeyEvent;
class QWidget;

namespace moescope {

class AccessibleGrid {
public:
    virtual ~AccessibleGrid() = default;
    virtual int gridRows() const = 0;
    virtual int gridColumns() const = 0;
    virtual QString gridRowLabel(int row) const = 0;
    virtual QString gridColumnLabel(int column) const = 0;
    virtual QString gridText(int row, int column) const = 0;
    virtual QRect gridRect(int row, int column) const = 0;  ///< in the widget's coordinates
    virtual QPoint gridCurrent() const = 0;                 ///< x = column, y = row; −1 when there is none
    virtual void setGridCurrent(int row, int column) = 0;
    virtual void activateGridCurrent() { }  ///< Enter on it
};

/// Makes every widget of this library that is an AccessibleGrid an accessible table. Called by their constructors; once
/// is enough.
void installAccessibleGrids();
/// Tells assistive software that the current cell moved.
void notifyGridCurrent(QWidget* widget);
/// Arrows, Home, End, Enter on a current row and Ctrl+T of a grid. False when the key is not one of them.
bool handleGridKey(QWidget* widget, AccessibleGrid& grid, const QKeyEvent& event);
/// Row labels and texts as they stand in the grid.
QString gridTableText(const AccessibleGrid& grid, TableFormat format);
/// Opens a non-modal table of the widget's numbers (the widget must be an AccessibleGrid); closes with it.
QWidget* openGridTable(QWidget* widget);

}  // namespace moescope
