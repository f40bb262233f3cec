// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/code_view.h"

#include <algorithm>

#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>

#include "widgets/crisp.h"
#include "widgets/theme.h"

namespace moescope {

namespace {

/// Line numbers and the signs − and +; painted by the view.
class Margin : public QWidget {
public:
    explicit Margin(CodeView* view)
        : QWidget(view)
        , m_view(view)
    {
    }

protected:
    void paintEvent(QPaintEvent* event) override { m_view->paintMargin(event); }

private:
    CodeView* m_view;
};

QTextEdit::ExtraSelection wholeLine(const QTextBlock& block, const QColor& ground)
{
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(block);
    selection.format.setBackground(ground);
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    return selection;
}

}  // namespace

CodeView::CodeView(QWidget* parent)
    : QPlainTextEdit(parent)
    , m_margin(new Margin(this))
{
    setFont(currentTheme().mono);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    document()->setDocumentMargin(0);  // the margin's grounds continue in the lines without a gap
    setAccessibleName(tr("Configuration as text"));
    connect(this, &QPlainTextEdit::blockCountChanged, this, [this] { placeMargin(); });
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int dy) {
        if (dy != 0)
            m_margin->scroll(0, dy);
        else
            m_margin->update(0, rect.y(), m_margin->width(), rect.height());
    });
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        if (!m_setting && !isReadOnly())
            Q_EMIT edited(toPlainText());
    });
    placeMargin();
}

void CodeView::setText(const QString& text)
{
    m_diff.clear();
    setReadOnly(false);
    if (text == toPlainText()) {
        refreshMarks();
        return;
    }
    m_setting = true;
    const int position = textCursor().position(), scroll = verticalScrollBar()->value();
    setPlainText(text);
    QTextCursor cursor = textCursor();
    cursor.setPosition(std::min<int>(position, int(text.size())));
    setTextCursor(cursor);
    verticalScrollBar()->setValue(scroll);
    m_setting = false;
    refreshMarks();
}

void CodeView::setDiff(const QStringList& before, const QStringList& after, bool onlyChanged)
{
    std::vector<DiffLine> diff = lineDiff(before, after);
    m_diff = onlyChanged ? onlyChanges(diff) : std::move(diff);
    QStringList lines;
    for (const DiffLine& line : m_diff)
        lines << line.text;
    m_setting = true;
    const int scroll = verticalScrollBar()->value();
    setReadOnly(true);
    setPlainText(lines.join(QLatin1Char('\n')));
    verticalScrollBar()->setValue(scroll);
    m_setting = false;
    m_errorLine = 0;
    placeMargin();
    refreshMarks();
}

void CodeView::setErrorLine(int line, const QString& text)
{
    m_errorLine = line;
    m_errorText = text;
    viewport()->setToolTip(text);
    refreshMarks();
}

void CodeView::refreshMarks()
{
    const Theme& t = currentTheme();
    QList<QTextEdit::ExtraSelection> marks;
    QTextBlock block = document()->firstBlock();
    for (std::size_t i = 0; block.isValid(); block = block.next(), ++i) {
        if (i < m_diff.size() && m_diff[i].kind != LineKind::Same)
            marks << wholeLine(block, m_diff[i].kind == LineKind::Added ? t.added : t.removed);
        else if (int(i) + 1 == m_errorLine)
            marks << wholeLine(block, t.alarmGround);
    }
    setExtraSelections(marks);
    m_margin->update();
}

int CodeView::marginWidth() const
{
    const QString widest = QString::number(std::max(blockCount(), 99));
    return int(crisp::textWidth(currentTheme().small, widest)) + 30;
}

void CodeView::placeMargin()
{
    setViewportMargins(marginWidth(), 0, 0, 0);
    const QRect inner = contentsRect();
    m_margin->setGeometry(inner.left(), inner.top(), marginWidth(), inner.height());
}

void CodeView::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    placeMargin();
}

void CodeView::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_margin) {
        setFont(currentTheme().mono);
        refreshMarks();
    }
}

void CodeView::paintMargin(QPaintEvent*)
{
    QPainter painter(m_margin);
    const Theme& t = currentTheme();
    painter.fillRect(m_margin->rect(), t.base);
    int number = 0;
    const int first = firstVisibleBlock().blockNumber();
    QTextBlock block = document()->firstBlock();
    for (int i = 0; block.isValid(); block = block.next(), ++i) {
        const LineKind kind = std::size_t(i) < m_diff.size() ? m_diff[std::size_t(i)].kind : LineKind::Same;
        number = i + 1;
        if (i < first || !block.isVisible())
            continue;
        const QRectF line = blockBoundingGeometry(block).translated(contentOffset());
        if (line.top() > m_margin->height())
            break;
        const QRectF row(0, line.top(), m_margin->width(), line.height());
        if (kind != LineKind::Same)
            painter.fillRect(row, kind == LineKind::Added ? t.added : t.removed);
        else if (number == m_errorLine)
            painter.fillRect(row, t.alarmGround);
        crisp::text(painter, row.adjusted(0, 0, -20, 0), Qt::AlignRight | Qt::AlignVCenter, QString::number(number),
            t.small, number == m_errorLine ? t.alarm : t.text3);
        const QString sign = kind == LineKind::Added ? QStringLiteral("+")
            : kind == LineKind::Removed              ? QStringLiteral("−")
                                                     : QString();
        crisp::text(painter, row.adjusted(row.width() - 16, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, sign, t.mono,
            kind == LineKind::Added ? t.ok : t.alarm);
    }
}

}  // namespace moescope
