// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/inspector.h"

#include <algorithm>

#include <QBoxLayout>
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>

#include "widgets/state_glyph.h"

namespace moescope {
namespace {

constexpr int kRow = 20;

/// Writes down the page; with a null painter it only moves.
struct Pen {
    QPainter* painter;
    const Theme& theme;
    int left, right, y;

    void text(const QRect& rect, int align, const QString& words, const QFont& font, const QColor& color) const
    {
        if (!painter)
            return;
        painter->setFont(font);
        painter->setPen(color);
        painter->drawText(rect, align, words);
    }
    void wrapped(const QString& words, const QFont& font, const QColor& color, int indent = 0)
    {
        const QRect room(left + indent, y, right - left - indent, 10'000);
        const QRect used = QFontMetrics(font).boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, words);
        text(room, Qt::AlignLeft | Qt::TextWordWrap, words, font, color);
        y += used.height();
    }
};

QFont bold(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

void writeTitle(Pen& pen, const InspectorContent& content)
{
    const QFont font = bold(pen.theme.body);
    int indent = 0;
    if (content.state != State::None) {
        if (pen.painter)
            paintState(*pen.painter, QRectF(pen.left, pen.y + (QFontMetrics(font).height() - 14) / 2.0, 14, 14),
                content.state, pen.theme);
        indent = 20;
    }
    pen.wrapped(content.title, font, pen.theme.text, indent);
    if (!content.subtitle.isEmpty()) {
        pen.y += 2;
        pen.wrapped(content.subtitle, content.monospaceSubtitle ? pen.theme.mono : pen.theme.small, pen.theme.text2);
    }
    pen.y += 6;
}

void writeSection(Pen& pen, const QString& name)
{
    pen.y += 6;
    const QFont font = bold(pen.theme.small);
    const int height = QFontMetrics(font).height() + 4;
    pen.text(QRect(pen.left, pen.y, pen.right - pen.left, height), Qt::AlignLeft | Qt::AlignVCenter, name, font,
        pen.theme.text2);
    if (pen.painter) {
        const int from = pen.left + QFontMetrics(font).horizontalAdvance(name) + 8;
        pen.painter->fillRect(QRect(from, pen.y + height / 2, std::max(0, pen.right - from), 1), pen.theme.line);
    }
    pen.y += height;
}

void writeMeaning(Pen& pen, const InspectorLine& line)
{
    pen.y += 4;
    const int top = pen.y;
    pen.wrapped(line.name, pen.theme.table, pen.theme.text2, 10);
    if (pen.painter) {
        const QColor bar = line.state == State::Watch ? pen.theme.watchFill
            : line.state == State::None               ? pen.theme.strongLine
                                                      : pen.theme.color(line.state);
        pen.painter->fillRect(QRect(pen.left, top, 3, pen.y - top), bar);
    }
    pen.y += 4;
}

void writeValue(Pen& pen, const InspectorLine& line, bool twoColumns)
{
    const int row = std::max(kRow, QFontMetrics(pen.theme.table).height() + 2);
    const int column = QFontMetrics(pen.theme.table).horizontalAdvance(QStringLiteral("1,116,772 "));
    const int rightOfA = twoColumns ? pen.right - column : pen.right;
    const bool shout = line.state == State::Alarm || line.state == State::Failed || line.state == State::Watch;
    pen.text(QRect(pen.left, pen.y, pen.right - pen.left, row), Qt::AlignLeft | Qt::AlignVCenter, line.name,
        pen.theme.table, pen.theme.text2);
    pen.text(QRect(pen.left, pen.y, rightOfA - pen.left, row), Qt::AlignRight | Qt::AlignVCenter, line.atA,
        shout ? bold(pen.theme.table) : pen.theme.table, shout ? pen.theme.color(line.state) : pen.theme.text);
    if (twoColumns)
        pen.text(QRect(pen.left, pen.y, pen.right - pen.left, row), Qt::AlignRight | Qt::AlignVCenter, line.atB,
            pen.theme.table, pen.theme.text2);
    pen.y += row;
}

}  // namespace

InspectorView::InspectorView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("inspectorView"));
    setAccessibleName(tr("Inspector"));
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void InspectorView::setContent(InspectorContent content)
{
    m_content = std::move(content);
    setAccessibleDescription(m_content.text());
    setMinimumHeight(heightForWidth(std::max(width(), 160)));
    update();
}

int InspectorView::layOut(QPainter* painter, int width) const
{
    const Theme& theme = currentTheme();
    Pen pen{painter, theme, metrics::edge(), width - metrics::edge(), 10};
    if (m_content.title.isEmpty())
        return pen.y;
    writeTitle(pen, m_content);
    if (m_content.twoColumns)
        writeValue(pen, {InspectorLine::Kind::Number, {}, tr("at A"), tr("at B"), State::None}, true);
    for (const InspectorLine& line : m_content.lines) {
        switch (line.kind) {
        case InspectorLine::Kind::Section:
            writeSection(pen, line.name);
            break;
        case InspectorLine::Kind::Text:
            pen.wrapped(line.name, theme.table, theme.text2);
            pen.y += 4;
            break;
        case InspectorLine::Kind::Meaning:
            writeMeaning(pen, line);
            break;
        case InspectorLine::Kind::Number:
            writeValue(pen, line, m_content.twoColumns);
            break;
        }
    }
    return pen.y + 8;
}

int InspectorView::heightForWidth(int width) const { return layOut(nullptr, width); }

QSize InspectorView::sizeHint() const { return {232, heightForWidth(232)}; }

void InspectorView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    layOut(&painter, width());
    if (hasFocus()) {
        painter.setPen(currentTheme().accent);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void InspectorView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        QGuiApplication::clipboard()->setText(m_content.text());
    else
        QWidget::keyPressEvent(event);
}

Inspector::Inspector(QWidget* parent)
    : QWidget(parent)
    , m_view(new InspectorView)
    , m_experts(new QPushButton(tr("Open Experts")))
    , m_similarity(new QPushButton(tr("Open Similarity")))
    , m_copy(new QPushButton(tr("Copy values")))
{
    auto* area = new QScrollArea;
    area->setObjectName(QStringLiteral("inspectorArea"));
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_experts->setObjectName(QStringLiteral("inspectorExperts"));
    m_similarity->setObjectName(QStringLiteral("inspectorSimilarity"));
    m_copy->setObjectName(QStringLiteral("inspectorCopy"));
    auto* places = new QHBoxLayout;
    places->setSpacing(metrics::gap());
    places->addWidget(m_experts, 1);
    places->addWidget(m_similarity, 1);
    auto* buttons = new QVBoxLayout;
    buttons->setContentsMargins(metrics::edge(), metrics::gap(), metrics::edge(), metrics::gap());
    buttons->setSpacing(metrics::gap());
    buttons->addLayout(places);
    buttons->addWidget(m_copy);
    auto* page = new QWidget;
    auto* lines = new QVBoxLayout(page);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(0);
    lines->addWidget(m_view);
    lines->addLayout(buttons);
    lines->addStretch(1);
    area->setWidget(page);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(area);
    connect(m_experts, &QPushButton::clicked, this, &Inspector::expertsRequested);
    connect(m_similarity, &QPushButton::clicked, this, &Inspector::similarityRequested);
    connect(m_copy, &QPushButton::clicked, this,
        [this] { QGuiApplication::clipboard()->setText(m_view->content().text()); });
}

void Inspector::setContent(InspectorContent content)
{
    const bool any = !content.lines.empty();
    m_experts->setVisible(content.places);
    m_similarity->setVisible(content.places);
    m_copy->setVisible(any);
    m_view->setContent(std::move(content));
}

}  // namespace moescope
