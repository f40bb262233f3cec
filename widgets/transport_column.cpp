// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/transport_column.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

#include "widgets/crisp.h"
#include "widgets/elided_label.h"
#include "widgets/icon.h"
#include "widgets/state_glyph.h"
#include "widgets/step_field.h"

namespace moescope {

namespace {

/// Filled dot for A, ring for B, as on the lanes.
class CursorName : public QWidget {
public:
    CursorName(const QString& name, bool filled)
        : m_name(name)
        , m_filled(filled)
    {
        setFixedWidth(26);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        const Theme& t = currentTheme();
        const QPointF dot(4, height() / 2.0);
        paintMarker(painter, dot, 7, m_filled ? Marker::Disc : Marker::Ring, t.accent, t.window);
        QFont bold = t.body;
        bold.setWeight(QFont::DemiBold);
        crisp::text(
            painter, QRectF(12, 0, width() - 12, height()), Qt::AlignLeft | Qt::AlignVCenter, m_name, bold, t.text);
    }

private:
    QString m_name;
    bool m_filled;
};

}  // namespace

TransportColumn::TransportColumn(QWidget* parent)
    : QWidget(parent)
    , m_a(new StepField)
    , m_b(new StepField)
    , m_speed(new QComboBox)
    , m_probe(new ElidedLabel)
{
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(0);
    auto* first = button(QStringLiteral("first"), tr("First record"), QStringLiteral("timeline.first"));
    auto* back = button(QStringLiteral("back"), tr("One record back"), QStringLiteral("timeline.back"));
    m_play = button(QStringLiteral("play"), tr("Play"), QStringLiteral("timeline.play"));
    auto* forward = button(QStringLiteral("forward"), tr("One record forward"), QStringLiteral("timeline.forward"));
    auto* last = button(QStringLiteral("last"), tr("Last record"), QStringLiteral("timeline.last"));
    m_loop = button(QStringLiteral("loop"), tr("Repeat"), QStringLiteral("timeline.loop"));
    m_loop->setCheckable(true);
    m_play->setCheckable(true);
    for (QToolButton* b : {first, back, m_play, forward, last, m_loop})
        buttons->addWidget(b);
    buttons->addStretch();
    for (const int factor : {1, 2, 5, 10})
        m_speed->addItem(QStringLiteral("×%1").arg(factor), double(factor));
    m_speed->setObjectName(QStringLiteral("timeline.speed"));
    m_speed->setAccessibleName(tr("Speed of playing"));
    m_speed->setToolTip(tr("Speed of playing"));
    buttons->addWidget(m_speed);
    connect(first, &QToolButton::clicked, this, &TransportColumn::goToFirst);
    connect(back, &QToolButton::clicked, this, [this] { Q_EMIT recordsRequested(-1); });
    connect(m_play, &QToolButton::clicked, this, [this](bool on) { Q_EMIT playRequested(on); });
    connect(forward, &QToolButton::clicked, this, [this] { Q_EMIT recordsRequested(1); });
    connect(last, &QToolButton::clicked, this, &TransportColumn::goToLast);
    connect(m_a, &StepField::stepEntered, this, &TransportColumn::cursorMoved);
    connect(m_b, &StepField::stepEntered, this, &TransportColumn::secondCursorMoved);
    m_probe->setObjectName(QStringLiteral("timeline.probe"));
    m_probe->setFont(currentTheme().small);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 4, 8, 4);
    column->setSpacing(4);
    column->addLayout(buttons);
    column->addWidget(stepRow());
    column->addWidget(m_probe);
}

QToolButton* TransportColumn::button(const QString& iconName, const QString& name, const QString& objectName)
{
    auto* b = new QToolButton;
    b->setIcon(icon(iconName));
    b->setIconSize({16, 16});
    b->setAutoRaise(true);
    b->setObjectName(objectName);
    b->setAccessibleName(name);
    b->setToolTip(name);
    return b;
}

QWidget* TransportColumn::stepRow()
{
    auto* row = new QWidget;
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(2);
    const auto add = [line](StepField* field, const QString& name, bool filled, const QString& objectName) {
        line->addWidget(new CursorName(name, filled));
        line->addWidget(field, 1);
        field->setObjectName(objectName);
        field->setAccessibleName(TransportColumn::tr("Step of cursor %1").arg(name));
        field->setToolTip(TransportColumn::tr("Step of cursor %1").arg(name));
    };
    add(m_a, QStringLiteral("A"), true, QStringLiteral("timeline.stepA"));
    line->addSpacing(6);
    add(m_b, QStringLiteral("B"), false, QStringLiteral("timeline.stepB"));
    return row;
}

void TransportColumn::setSteps(std::optional<std::int64_t> a, std::optional<std::int64_t> b)
{
    m_a->setStep(a);
    m_b->setStep(b);
}

void TransportColumn::setLastStep(std::int64_t last)
{
    m_a->setMaximum(last);
    m_b->setMaximum(last);
}

void TransportColumn::setProbeText(const QString& text) { m_probe->setFullText(text); }

void TransportColumn::setPlaying(bool on)
{
    m_play->setChecked(on);
    m_play->setIcon(icon(on ? QStringLiteral("pause") : QStringLiteral("play")));
    m_play->setToolTip(on ? tr("Stop playing") : tr("Play"));
    m_play->setAccessibleName(m_play->toolTip());
}

double TransportColumn::speed() const { return m_speed->currentData().toDouble(); }

bool TransportColumn::looping() const { return m_loop->isChecked(); }

void TransportColumn::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), currentTheme().window);
    crisp::vertical(painter, width() - 1, 0, height(), currentTheme().line);
}

}  // namespace moescope
