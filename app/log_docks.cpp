// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/log_docks.h"

#include <algorithm>

#include <QBoxLayout>
#include <QCoreApplication>
#include <QFile>
#include <QHeaderView>
#include <QPointer>
#include <QScrollBar>
#include <QTableView>
#include <QThreadPool>

#include "app/selection.h"
#include "app/visible_text.h"
#include "widgets/theme.h"

namespace moescope {
namespace {

constexpr int kPollMs = 500;
constexpr int kLines = 2000, kLongest = 2000;
constexpr qint64 kBytesAtOnce = 256 * 1024;

}  // namespace

ConsoleDock::ConsoleDock(QWidget* parent)
    : QWidget(parent)
    , m_text(new QPlainTextEdit)
{
    m_text->setObjectName(QStringLiteral("consoleText"));
    m_text->setAccessibleName(tr("Console: output of the engine"));
    m_text->setReadOnly(true);
    m_text->setMaximumBlockCount(kLines);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setFont(currentTheme().mono);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_text);
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, &ConsoleDock::poll);
}

void ConsoleDock::setRun(const QString& folder)
{
    const QString file = folder.isEmpty() ? QString() : folder + QStringLiteral("/logs/rank-0.log");
    if (file == m_file)
        return;
    m_file = file;
    m_offset = 0;
    m_last.clear();
    m_text->clear();
    Q_EMIT lastLineChanged({});
    if (file.isEmpty())
        m_timer.stop();
    else
        m_timer.start();
    poll();
}

void ConsoleDock::poll()
{
    if (m_reading || m_file.isEmpty())
        return;
    m_reading = true;
    const QPointer<ConsoleDock> self(this);
    QThreadPool::globalInstance()->start([self, name = m_file, offset = m_offset] {
        QFile file(name);
        QByteArray bytes;
        qint64 from = offset;
        if (file.open(QIODevice::ReadOnly)) {
            // A log that starts over (another process wrote it anew) is read from its beginning.
            if (file.size() < from)
                from = 0;
            from = std::max(from, file.size() - kBytesAtOnce);
            if (file.seek(from))
                bytes = file.read(kBytesAtOnce);
        }
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [self, name, from, bytes] {
                if (!self)
                    return;
                self->m_reading = false;
                if (self->m_file != name)
                    return;
                self->m_offset = from + bytes.size();
                self->take(bytes);
            },
            Qt::QueuedConnection);
    });
}

void ConsoleDock::take(const QByteArray& bytes)
{
    if (bytes.isEmpty())
        return;
    QString text = QString::fromUtf8(bytes);
    text.replace(QLatin1Char('\r'), QLatin1Char('\n'));
    QStringList lines = text.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    for (QString& line : lines)
        line = visibleLine(line, kLongest);
    if (lines.isEmpty())
        return;
    QScrollBar* bar = m_text->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum() - 2;
    m_text->appendPlainText(lines.join(QLatin1Char('\n')));
    if (atEnd)
        bar->setValue(bar->maximum());
    m_last = lines.last();
    Q_EMIT lastLineChanged(m_last);
}

EventsDock::EventsDock(Selection& selection, QWidget* parent)
    : QWidget(parent)
    , m_table(new QTableView)
{
    m_table->setObjectName(QStringLiteral("eventsTable"));
    m_table->setAccessibleName(tr("Events of the run"));
    m_table->setModel(&m_model);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(metrics::tableRow());
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setFont(currentTheme().table);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table);
    const auto go = [&selection](const QModelIndex& index) {
        selection.setStepA(index.data(EventsModel::StepRole).toLongLong());
    };
    connect(m_table, &QTableView::activated, this, go);
    connect(m_table, &QTableView::clicked, this, go);
}

void EventsDock::setView(const RunViewPtr& view)
{
    const QScrollBar* bar = m_table->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum();
    m_model.resetData(view ? view->snapshot->events : std::vector<RunEvent>{});
    if (atEnd)
        m_table->scrollToBottom();
}

}  // namespace moescope
