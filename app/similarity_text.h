// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What is said about pairs and differences of similarity, and the matrix with its numbers beside it.
#pragma once

#include <utility>
#include <vector>

#include <QWidget>

#include "app/frame.h"
#include "widgets/figure.h"

class QLabel;

namespace moescope {

class MatrixView;
struct MatrixData;

/// Similarity of a pair at A or B; NaN when unknown.
double pairValue(const Frame& frame, SimilarityKind kind, bool atB, int layer, int first, int second);

/// "2–5   cosine 0.98   CKA excess 0.95"
QString similarityPlaceText(const Frame& frame, int layer, int first, int second);

/// Pairs of a layer above the limit at A; each once.
std::vector<std::pair<int, int>> mergedPairs(const Frame& frame, int layer);

/// Mean, largest, pairs above 0.2 and the change of D, as small rich text.
QString differenceSummary(const Frame& frame, const MatrixData& difference);

/// The pair whose similarity is highest at A; (0, 1) without a probe.
std::pair<int, int> closestPair(const Frame& frame, int layer);

/// A matrix with a few numbers at its right, exported as the matrix.
class SideFigure : public QWidget, public Figure {
    Q_OBJECT

public:
    SideFigure(MatrixView* matrix, QLabel* side, QWidget* parent = nullptr);
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;

private:
    MatrixView* m_matrix;
};

}  // namespace moescope
