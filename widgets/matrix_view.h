// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Expert × expert matrix in a given order, with tree, cut, pair frames and linked hover; a small variant for one per
// layer.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <QWidget>

#include "widgets/accessible_grid.h"
#include "widgets/dendrogram.h"
#include "widgets/figure.h"

namespace moescope {

struct MatrixData {
    int size = 0;
    std::vector<float> values;    ///< [size, size] by expert id, row-major; NaN = magenta cross
    std::vector<int> order;       ///< expert ids by place; empty = by id
    std::vector<TreeMerge> tree;  ///< empty = no strip
    bool diagonal = false;        ///< false: the diagonal is grey and outside the scale
};

/// All rows and columns that this class hands out are expert ids, never places.
class MatrixView : public QWidget, public Figure, public AccessibleGrid {
    Q_OBJECT
public:
    explicit MatrixView(QWidget* parent = nullptr);

    void setData(MatrixData data);
    const MatrixData& data() const { return m_data; }
    void setTitle(const QString& title);
    void setMap(MapKind kind, ValueScale scale);
    /// Small: a square of cells under a heading of its own ("L3", "D/E 0.36" with state), no labels; a click selects
    /// it.
    void setSmall(bool on);
    void setHeading(const QString& left, const QString& right, State state = State::None);
    void setSelected(bool on);  ///< of the small variant: accent frame on a soft ground
    void setLegendVisible(bool on);
    void setHoverLineVisible(bool on);
    void setDescriber(std::function<QString(int first, int second)> describe);
    void setPairs(std::vector<std::pair<int, int>> pairs, const QString& legend = {});  ///< 2-px red frames
    void setSelection(int first, int second);                                           ///< −1 = none
    void setHover(int first, int second);  ///< from a linked matrix: row and column are marked
    void setCut(double height);            ///< tree height; clusters below it are red
    double cut() const { return m_cut; }
    void setMaximumCell(int pixels);

    QRect cellsRect() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override;
    int heightForWidth(int width) const override;
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;
    int gridRows() const override { return m_data.size; }
    int gridColumns() const override { return m_data.size; }
    QString gridRowLabel(int row) const override;
    QString gridColumnLabel(int column) const override;
    QString gridText(int row, int column) const override;
    QRect gridRect(int row, int column) const override;
    QPoint gridCurrent() const override;
    void setGridCurrent(int row, int column) override;
    void activateGridCurrent() override { Q_EMIT activated(m_first, m_second); }

Q_SIGNALS:
    void pairSelected(int first, int second);
    void activated(int first, int second);  ///< Enter or double click; −1, −1 of the small variant
    void clicked();                         ///< small variant
    void hovered(int first, int second);    ///< −1, −1 when the mouse leaves
    void cutChanged(double height);         ///< while dragging

protected:
    void paintEvent(QPaintEvent*) override;
    void changeEvent(QEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void keyPressEvent(QKeyEvent*) override;

private:
    struct Layout;
    Layout layoutFor(const QRect& rect) const;
    void paint(QPainter& painter, const QRect& rect, const Theme& theme, bool screen) const;
    void paintHeading(QPainter& painter, const Layout& at, const Theme& theme) const;
    double treeTop() const;
    void paintTree(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintCells(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintLabels(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintFrames(QPainter& painter, const Layout& at, const Theme& theme, bool screen) const;
    void paintBelow(QPainter& painter, const Layout& at, const Theme& theme, bool screen) const;
    QPoint idsAt(QPoint position) const;
    int idAt(int place) const;
    int placeOf(int id) const;
    QString describe(int first, int second) const;

    MatrixData m_data;
    std::vector<int> m_places;
    QString m_title, m_headingLeft, m_headingRight, m_pairLegend;
    State m_headingState = State::None;
    MapKind m_kind = MapKind::Similarity;
    ValueScale m_scale = ValueScale::similarity();
    std::function<QString(int, int)> m_describe;
    std::vector<std::pair<int, int>> m_pairs;
    int m_first = -1, m_second = -1, m_hoverFirst = -1, m_hoverSecond = -1, m_maximumCell = 28;
    double m_cut = 0;
    bool m_small = false, m_selected = false, m_legend = true, m_hoverLine = true, m_dragCut = false;
};

}  // namespace moescope
