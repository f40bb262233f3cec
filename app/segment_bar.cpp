// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/segment_bar.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QStyleOptionButton>
#include <QToolButton>

#include "widgets/theme.h"

namespace moescope {
namespace {

/// One segment: flat, one line around all of them, the chosen one on the selection's ground.
class Segment : public QToolButton {
public:
    using QToolButton::QToolButton;

    QSize sizeHint() const override
    {
        const QFontMetrics text(chosenFont());
        return {text.horizontalAdvance(this->text()) + 18, metrics::control()};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = currentTheme();
        QPainter painter(this);
        const QRect box = rect().adjusted(0, 0, -1, -1);
        painter.setPen(theme.strongLine);
        painter.setBrush(isChecked() ? theme.line : underMouse() && isEnabled() ? theme.alternate : theme.base);
        painter.drawRect(box);
        if (hasFocus()) {
            painter.setPen(QPen(theme.accent, 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(box.adjusted(1, 1, -1, -1));
        }
        painter.setFont(isChecked() ? chosenFont() : theme.body);
        painter.setPen(isEnabled() ? theme.text : theme.text3);
        painter.drawText(rect(), Qt::AlignCenter, text());
    }

private:
    static QFont chosenFont()
    {
        QFont font = currentTheme().body;
        font.setWeight(QFont::DemiBold);
        return font;
    }
};

}  // namespace

SegmentBar::SegmentBar(const QString& label, const QStringList& choices, const char* objectName, QWidget* parent)
    : QWidget(parent)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    if (!label.isEmpty()) {
        row->addWidget(new QLabel(label));
        row->addSpacing(metrics::gap());
    }
    for (int i = 0; i < choices.size(); ++i) {
        auto* button = new Segment;
        button->setText(choices[i]);
        button->setCheckable(true);
        button->setChecked(i == 0);
        button->setObjectName(QLatin1String(objectName) + QString::number(i));
        button->setAccessibleName(label.isEmpty() ? choices[i] : label + QStringLiteral(": ") + choices[i]);
        button->setFocusPolicy(Qt::StrongFocus);
        m_group.addButton(button, i);
        if (i > 0)
            row->addSpacing(-1);
        row->addWidget(button);
    }
    connect(&m_group, &QButtonGroup::idClicked, this, &SegmentBar::chosen);
}

void SegmentBar::setCurrent(int index)
{
    if (QAbstractButton* button = m_group.button(index))
        button->setChecked(true);
}

void SegmentBar::setChoiceEnabled(int index, bool on, const QString& why)
{
    if (QAbstractButton* button = m_group.button(index)) {
        button->setEnabled(on);
        button->setToolTip(on ? QString() : why);
    }
}

OptionRow::OptionRow(QWidget* parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(8, 4, 8, 5);
    m_row->setSpacing(metrics::gap() * 2);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void OptionRow::add(QWidget* widget) { m_row->addWidget(widget); }

QComboBox* OptionRow::addChoice(const QString& label, const QStringList& choices, const char* objectName)
{
    auto* group = new QWidget;
    auto* row = new QHBoxLayout(group);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::gap());
    auto* name = new QLabel(label);
    auto* box = new QComboBox;
    box->addItems(choices);
    box->setObjectName(QLatin1String(objectName));
    box->setAccessibleName(label);
    name->setBuddy(box);
    row->addWidget(name);
    row->addWidget(box);
    m_row->addWidget(group);
    return box;
}

void OptionRow::addStretch() { m_row->addStretch(1); }

void OptionRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), currentTheme().window);
    painter.fillRect(QRect(0, height() - 1, width(), 1), currentTheme().line);
}

}  // namespace moescope
