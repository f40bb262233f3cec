// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/similarity_text.h"

#include <cmath>
#include <limits>

#include <QBoxLayout>
#include <QCoreApplication>
#include <QLabel>

#include "app/limits.h"
#include "widgets/matrix_view.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNotable = 0.2;

QString say(const char* words) { return QCoreApplication::translate("Similarity", words); }

}  // namespace

double pairValue(const Frame& frame, SimilarityKind kind, bool atB, int layer, int first, int second)
{
    const bool selected = kind == frame.request.similarity;
    const SimilarityState& state =
        atB ? (selected ? frame.similarityB : frame.otherB) : (selected ? frame.similarityA : frame.otherA);
    const int n = frame.numExperts;
    if (layer < 0 || layer >= frame.numLayers || first < 0 || second < 0 || first >= n || second >= n)
        return kNaN;
    const auto at = static_cast<std::size_t>((layer * n + first) * n + second);
    return at < state.values.size() ? state.values[at] : kNaN;
}

QString similarityPlaceText(const Frame& frame, int layer, int first, int second)
{
    const double cosine = pairValue(frame, SimilarityKind::Cosine, false, layer, first, second);
    const double excess = pairValue(frame, SimilarityKind::CkaExcess, false, layer, first, second);
    QString text = QCoreApplication::translate("Similarity", "%1–%2   cosine %3")
                       .arg(first)
                       .arg(second)
                       .arg(numberText::fixed(cosine, 2));
    if (std::isfinite(excess))
        text += QCoreApplication::translate("Similarity", "   CKA excess %1").arg(numberText::fixed(excess, 2));
    return text;
}

std::vector<std::pair<int, int>> mergedPairs(const Frame& frame, int layer)
{
    std::vector<std::pair<int, int>> pairs;
    for (int first = 0; first < frame.numExperts; ++first)
        for (int second = first + 1; second < frame.numExperts; ++second)
            if (pairValue(frame, frame.request.similarity, false, layer, first, second) > limits::kPairAlarm)
                pairs.emplace_back(first, second);
    return pairs;
}

QString differenceSummary(const Frame& frame, const MatrixData& difference)
{
    double sum = 0, largest = -std::numeric_limits<double>::infinity();
    int count = 0, notable = 0;
    for (int first = 0; first < difference.size; ++first)
        for (int second = first + 1; second < difference.size; ++second) {
            const double value =
                static_cast<double>(difference.values[static_cast<std::size_t>(first * difference.size + second)]);
            if (!std::isfinite(value))
                continue;
            sum += value;
            largest = std::max(largest, value);
            notable += value > kNotable ? 1 : 0;
            ++count;
        }
    if (count == 0)
        return {};
    const double change =
        (diversityShare(frame, false, frame.request.layer) - diversityShare(frame, true, frame.request.layer))
        * frame.numExperts;
    const auto entry = [](const QString& name, const QString& value) {
        return QStringLiteral("<p style='margin:0 0 6px 0'>%1<br><b>%2</b></p>").arg(name.toHtmlEscaped(), value);
    };
    return entry(say(QT_TRANSLATE_NOOP("Similarity", "Mean")), numberText::signedFixed(sum / count, 2))
        + entry(say(QT_TRANSLATE_NOOP("Similarity", "Largest")), numberText::signedFixed(largest, 2))
        + entry(QStringLiteral("Pairs > %1").arg(numberText::fixed(kNotable, 1)),
            QCoreApplication::translate("Similarity", "%1 of %2").arg(notable).arg(count))
        + entry(QStringLiteral("D"), numberText::signedFixed(change, 1));
}

std::pair<int, int> closestPair(const Frame& frame, int layer)
{
    std::pair<int, int> best{0, 1};
    double highest = -std::numeric_limits<double>::infinity();
    for (int first = 0; first < frame.numExperts; ++first)
        for (int second = first + 1; second < frame.numExperts; ++second)
            if (const double value = pairValue(frame, frame.request.similarity, false, layer, first, second);
                value > highest) {
                highest = value;
                best = {first, second};
            }
    return best;
}

SideFigure::SideFigure(MatrixView* matrix, QLabel* side, QWidget* parent)
    : QWidget(parent)
    , m_matrix(matrix)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, metrics::edge(), 0);
    row->setSpacing(metrics::gap());
    row->addWidget(matrix, 1);
    auto* column = new QVBoxLayout;
    column->addSpacing(metrics::edge());
    column->addWidget(side);
    column->addStretch(1);
    row->addLayout(column, 0);
    setFocusProxy(matrix);
}

QString SideFigure::figureTitle() const { return m_matrix->figureTitle(); }

QSizeF SideFigure::figureSize() const { return m_matrix->figureSize(); }

void SideFigure::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    m_matrix->paintFigure(painter, rect, theme);
}

QString SideFigure::tableText(TableFormat format) const { return m_matrix->tableText(format); }

}  // namespace moescope
