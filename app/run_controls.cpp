// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_controls.h"

#include <cmath>

#include <QComboBox>
#include <QPainter>
#include <QToolButton>

#include "app/actions.h"
#include "app/key_figures.h"
#include "app/run_state.h"
#include "app/selection.h"
#include "widgets/number_text.h"
#include "widgets/state_glyph.h"

namespace moescope {
namespace {

constexpr double kSilent = 10;  ///< seconds without a record before the state stops saying "Training"
constexpr int kSmoothing[] = {0, 10, 100, 1000};

void addVerb(QToolBar* bar, QAction* action)
{
    bar->addAction(action);
    auto* button = qobject_cast<QToolButton*>(bar->widgetForAction(action));
    button->setObjectName(action->objectName() + QStringLiteral("Button"));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setAutoRaise(false);
    button->setFocusPolicy(Qt::TabFocus);
}

}  // namespace

RunStateView::RunStateView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("runState"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RunStateView::setRun(const NamedRun& run, double secondsSilent)
{
    m_word.clear();
    m_details.clear();
    m_state = State::None;
    m_progress = -1;
    if (run.view && run.view->error.isEmpty()) {
        const RunView& view = *run.view;
        m_word = stateWord(view.status, view.locked);
        m_state = stateOf(view.status, view.locked);
        const bool silent = view.active() && view.status.state == RunState::Training && secondsSilent > kSilent;
        if (silent) {
            m_state = State::Watch;
            m_word = tr("No record for %1").arg(numberText::duration(std::floor(secondsSilent)));
        }
        QStringList parts{run.title};
        if (view.facts.numSteps > 0) {
            parts << tr("step %1 of %2")
                         .arg(numberText::count(view.snapshot->lastStep), numberText::count(view.facts.numSteps));
            m_progress =
                std::min(1.0, static_cast<double>(view.snapshot->lastStep) / static_cast<double>(view.facts.numSteps));
        }
        if (const double left = secondsLeft(view); left > 0 && view.status.state == RunState::Training && !silent)
            parts << tr("%1 left").arg(numberText::duration(left));
        m_details = parts.join(QStringLiteral(" · "));
    } else if (run.view) {
        m_word = tr("Unreadable");
        m_state = State::Failed;
        m_details = run.title;
    }
    setAccessibleName(text());
    setToolTip(text());
    update();
}

QString RunStateView::text() const { return m_details.isEmpty() ? m_word : m_word + QStringLiteral(", ") + m_details; }

QSize RunStateView::sizeHint() const { return {330, metrics::control() + 4}; }

QSize RunStateView::minimumSizeHint() const { return {150, metrics::control() + 4}; }

void RunStateView::paintEvent(QPaintEvent*)
{
    if (m_word.isEmpty())
        return;
    const Theme& theme = currentTheme();
    QPainter painter(this);
    const int textHeight = QFontMetrics(theme.body).height();
    const int top = (height() - textHeight - 7) / 2;
    paintState(painter, QRectF(8, top + (textHeight - 14) / 2.0, 14, 14), m_state, theme);
    QFont bold = theme.body;
    bold.setWeight(QFont::DemiBold);
    int x = 28;
    painter.setFont(bold);
    painter.setPen(m_state == State::Watch ? theme.watchText : m_state == State::Failed ? theme.alarm : theme.text);
    painter.drawText(QRect(x, top, width() - x, textHeight), Qt::AlignLeft | Qt::AlignVCenter, m_word);
    x += QFontMetrics(bold).horizontalAdvance(m_word) + 8;
    painter.setFont(theme.table);
    painter.setPen(theme.text2);
    const int room = width() - x - 8;
    painter.drawText(QRect(x, top, room, textHeight), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(theme.table).elidedText(m_details, Qt::ElideRight, room));
    if (m_progress < 0)
        return;
    const QRect track(8, top + textHeight + 3, width() - 16, 4);
    painter.fillRect(track, theme.line);
    const QColor fill = m_state == State::Training || m_state == State::Finished ? theme.ok
        : m_state == State::Watch                                                ? theme.watchFill
        : m_state == State::Failed                                               ? theme.alarm
                                                                                 : theme.paused;
    painter.fillRect(
        QRect(track.topLeft(), QSize(static_cast<int>(std::lround(track.width() * m_progress)), track.height())), fill);
}

RunControls::RunControls(Actions& actions, Selection& selection, QWidget* parent)
    : QToolBar(tr("Run control"), parent)
    , m_state(new RunStateView)
{
    setObjectName(QStringLiteral("runControls"));
    setMovable(false);
    setFloatable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    setIconSize({16, 16});
    for (QAction* action :
        {actions.start, actions.resume, actions.hold, actions.pause, actions.stop, actions.checkpoint})
        addVerb(this, action);
    addSeparator();
    addWidget(m_state);
    addSeparator();
    addOptions(actions, selection);
}

void RunControls::addOptions(Actions& actions, Selection& selection)
{
    addAction(actions.logarithmic);
    m_log = qobject_cast<QToolButton*>(widgetForAction(actions.logarithmic));
    m_log->setText(tr("log"));
    m_log->setAutoRaise(false);
    m_log->setObjectName(QStringLiteral("logButton"));
    m_axis = new QComboBox;
    m_axis->addItems({tr("x: step"), tr("x: tokens"), tr("x: time")});
    m_axis->setObjectName(QStringLiteral("axisBox"));
    m_axis->setAccessibleName(tr("x-axis of all charts"));
    m_axis->setToolTip(tr("x-axis of all charts"));
    m_smoothing = new QComboBox;
    for (const int steps : kSmoothing)
        m_smoothing->addItem(steps == 0 ? tr("Smooth: off") : tr("Smooth: %1").arg(numberText::count(steps)), steps);
    m_smoothing->setObjectName(QStringLiteral("smoothingBox"));
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setToolTip(tr("Mean of the finite values of the last steps; the raw line stays behind it"));
    addWidget(m_axis);
    addWidget(m_smoothing);
    m_live = new LiveButton(actions.live);
    addWidget(m_live);
    connect(m_axis, &QComboBox::activated, this, [&selection](int index) {
        ChartOptions options = selection.chartOptions();
        options.axis = static_cast<XAxis>(index);
        selection.setChartOptions(options);
    });
    connect(m_smoothing, &QComboBox::activated, this, [this, &selection](int index) {
        ChartOptions options = selection.chartOptions();
        options.smoothing = m_smoothing->itemData(index).toInt();
        selection.setChartOptions(options);
    });
    connect(&selection, &Selection::chartOptionsChanged, this, [this, &selection] {
        m_axis->setCurrentIndex(static_cast<int>(selection.chartOptions().axis));
        m_smoothing->setCurrentIndex(std::max(0, m_smoothing->findData(selection.chartOptions().smoothing)));
    });
}

void RunControls::setEnded(bool ended) { m_live->setEnded(ended); }

LiveButton::LiveButton(QAction* live, QWidget* parent)
    : QToolButton(parent)
{
    setObjectName(QStringLiteral("liveButton"));
    setDefaultAction(live);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("Live: follow the newest record"));
}

void LiveButton::setEnded(bool ended)
{
    m_ended = ended;
    update();
}

QSize LiveButton::sizeHint() const
{
    const QFontMetrics body(currentTheme().body);
    return {std::max(body.horizontalAdvance(tr("Live")), body.horizontalAdvance(tr("Ended"))) + 34, metrics::control()};
}

void LiveButton::paintEvent(QPaintEvent*)
{
    const Theme& theme = currentTheme();
    const bool following = isChecked() && !m_ended;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hasFocus() ? theme.accent : following ? theme.ok : theme.strongLine);
    painter.setBrush(following ? theme.added : underMouse() ? theme.alternate : theme.base);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    const QRectF dot(9, (height() - 8) / 2.0, 8, 8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(following ? theme.ok : theme.text3);
    painter.drawEllipse(dot);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setFont(theme.body);
    painter.setPen(m_ended ? theme.text2 : theme.text);
    painter.drawText(
        rect().adjusted(23, 0, -4, 0), Qt::AlignLeft | Qt::AlignVCenter, m_ended ? tr("Ended") : tr("Live"));
}

void updateVerbs(Actions& actions, const RunViewPtr& view, const QString& setupReason, const QString& engineMissing)
{
    const auto say = [](const char* words) { return Actions::tr(words); };
    const bool readable = view && view->error.isEmpty();
    const bool active = readable && view->active();
    const RunState state = readable ? view->status.state : RunState::Created;
    const QString idle = !view ? say("no run is selected")
        : !readable            ? say("the run cannot be read")
                               : say("no process trains this run");
    const QString stopping = say("the run is stopping already");
    const QString whyNot = !active ? idle : state == RunState::Stopping ? stopping : QString();
    Actions::setReason(actions.start, !engineMissing.isEmpty() ? engineMissing : setupReason);
    Actions::setReason(actions.addToQueue, !engineMissing.isEmpty() ? engineMissing : setupReason);
    Actions::setReason(actions.hold,
        !whyNot.isEmpty()                                              ? whyNot
            : state == RunState::Loading || state == RunState::Created ? say("the engine is loading")
                                                                       : QString());
    actions.hold->setText(state == RunState::Holding && active ? say("&Continue") : say("&Hold"));
    Actions::setReason(actions.pause, whyNot);
    Actions::setReason(actions.stop, whyNot);
    Actions::setReason(actions.checkpoint, whyNot);
    QString noResume;
    if (!engineMissing.isEmpty())
        noResume = engineMissing;
    else if (!readable)
        noResume = idle;
    else if (view->locked)
        noResume = say("a process trains this run");
    else if (state == RunState::Finished)
        noResume = say("the run has reached its last step");
    Actions::setReason(actions.resume, noResume);
    Actions::setReason(actions.newRun, readable ? QString() : say("no readable run is selected"));
    Actions::setReason(actions.revealFolder, view ? QString() : say("no run is selected"));
}

}  // namespace moescope
