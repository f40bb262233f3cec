// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/notice_bar.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>

#include "widgets/state_glyph.h"

namespace moescope {
namespace {

constexpr int kMessages = 3;

}  // namespace

NoticeBar::NoticeBar(QWidget* parent)
    : QFrame(parent)
    , m_glyph(new StateGlyph)
    , m_text(new QLabel)
    , m_buttons(new QHBoxLayout)
    , m_details(new QPlainTextEdit)
{
    setObjectName(QStringLiteral("noticeBar"));
    m_text->setObjectName(QStringLiteral("noticeText"));
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->setObjectName(QStringLiteral("noticeDetails"));
    m_details->setAccessibleName(tr("End of the engine's output"));
    m_details->setReadOnly(true);
    m_details->setFont(currentTheme().mono);
    m_details->setFrameShape(QFrame::NoFrame);
    m_buttons->setSpacing(metrics::gap());
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::gap());
    row->addWidget(m_glyph, 0, Qt::AlignTop);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttons);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::edge(), 6, metrics::edge(), 7);
    column->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_details);
    hide();
}

void NoticeBar::say(State state, const QString& text, const QString& details)
{
    const bool wrong = m_state == State::Failed || m_state == State::Watch;
    if (isHidden() || !wrong)
        m_messages.clear();
    m_messages.removeAll(text);
    m_messages << text;
    while (m_messages.size() > kMessages)
        m_messages.removeFirst();
    m_state = wrong && !isHidden() && state != State::Failed ? m_state : state;
    m_glyph->setState(m_state);
    m_text->setText(m_messages.join(QLatin1Char('\n')));
    m_details->setPlainText(details);
    m_details->setVisible(!details.isEmpty());
    const int lines = std::min<int>(8, static_cast<int>(details.count(QLatin1Char('\n'))) + 2);
    m_details->setFixedHeight(lines * QFontMetrics(m_details->font()).lineSpacing() + 8);
    clearButtons();
    addButton(tr("Close"), QStringLiteral("noticeClose"), -1);
    m_lastAnswer = -1;
    show();
}

void NoticeBar::ask(const QString& text, const QStringList& answers)
{
    m_state = State::Watch;
    m_glyph->setState(State::Watch);
    m_text->setText(text);
    m_details->hide();
    clearButtons();
    for (int i = 0; i < answers.size(); ++i)
        addButton(answers[i], QStringLiteral("noticeAnswer%1").arg(i), i);
    m_lastAnswer = static_cast<int>(answers.size()) - 1;
    show();
    if (QLayoutItem* first = m_buttons->itemAt(0))
        first->widget()->setFocus(Qt::OtherFocusReason);
}

QString NoticeBar::text() const { return m_text->text(); }

void NoticeBar::clearButtons()
{
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
}

void NoticeBar::addButton(const QString& text, const QString& name, int index)
{
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    m_buttons->addWidget(button, 0, Qt::AlignTop);
    connect(button, &QPushButton::clicked, this, [this, index] {
        hide();
        if (index >= 0)
            Q_EMIT answered(index);
    });
}

void NoticeBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = currentTheme();
    painter.fillRect(rect(), m_state == State::None ? theme.window : theme.ground(m_state));
    painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
}

void NoticeBar::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape) {
        QFrame::keyPressEvent(event);
        return;
    }
    hide();
    if (m_lastAnswer >= 0)
        Q_EMIT answered(m_lastAnswer);
}

}  // namespace moescope
