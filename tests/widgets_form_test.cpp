// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The form, the text view, the timeline, panels: what the user types is kept, what is wrong is said, nothing is cut
// off.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "tests/support/widget_samples.h"
#include "widgets/code_view.h"
#include "widgets/elided_label.h"
#include "widgets/icon.h"
#include "widgets/key_figure.h"
#include "widgets/panel.h"
#include "widgets/step_field.h"
#include "widgets/value_box.h"

using namespace moescope;

namespace {

std::unique_ptr<FieldForm> shownForm()
{
    auto form = std::make_unique<FieldForm>();
    form->setFields(samples::formFields());
    form->resize(420, 420);
    form->show();
    QApplication::processEvents();
    return form;
}

void type(QWidget* control, const QString& text)
{
    auto* edit = control->findChild<QLineEdit*>();
    ASSERT_NE(edit, nullptr);
    edit->selectAll();
    QTest::keyClicks(control, text);
}

}  // namespace

TEST(FieldForm, ControlsAreNamedByKeyAndLabel)
{
    const auto form = shownForm();
    for (const FormField& field : samples::formFields()) {
        const auto* control = form->findChild<QWidget*>(field.key);
        ASSERT_NE(control, nullptr) << field.key.toStdString();
        EXPECT_EQ(control->accessibleName(), field.label);
        EXPECT_FALSE(control->toolTip().isEmpty());
    }
}

TEST(FieldForm, KeepsWhatIsTypedAlsoWhenItIsWrong)
{
    const auto form = shownForm();
    QSignalSpy edits(form.get(), &FieldForm::valueChanged);
    type(form->findChild<QWidget*>(QStringLiteral("model.hidden_size")), QStringLiteral("12x"));
    EXPECT_EQ(form->value(QStringLiteral("model.hidden_size")), QVariant(QStringLiteral("12x")));
    EXPECT_EQ(edits.size(), 3) << "at every keystroke";
    form->setError(QStringLiteral("model.hidden_size"), QStringLiteral("12x is no whole number"));
    const auto* message = form->findChild<QLabel*>(QStringLiteral("model.hidden_size.message"));
    EXPECT_TRUE(message->isVisible());
    EXPECT_EQ(form->numErrors(), 1);
    form->clearErrors();
    EXPECT_FALSE(message->isVisible());
}

TEST(FieldForm, WholeNumbersOfSixtyFourBitsSurvive)
{
    const auto form = shownForm();
    const qint64 large = (qint64(1) << 53) + 1;
    form->setValue(QStringLiteral("model.context"), large);
    EXPECT_EQ(form->value(QStringLiteral("model.context")), QVariant(large));
}

TEST(FieldForm, ChangedFieldsCanGoBack)
{
    const auto form = shownForm();
    EXPECT_EQ(form->numChanged(), 0);
    form->setValue(QStringLiteral("model.dropout"), 0.1);
    EXPECT_TRUE(form->isChanged(QStringLiteral("model.dropout")));
    auto* reset = form->findChild<QToolButton*>(QStringLiteral("model.dropout.reset"));
    ASSERT_TRUE(reset->isVisible());
    QSignalSpy edits(form.get(), &FieldForm::valueChanged);
    QTest::mouseClick(reset, Qt::LeftButton);
    EXPECT_EQ(form->value(QStringLiteral("model.dropout")), QVariant(0.0));
    EXPECT_EQ(edits.size(), 1);
    form->setReference(QStringLiteral("model.dropout"), 0.2);
    EXPECT_TRUE(form->isChanged(QStringLiteral("model.dropout"))) << "measured against the run it comes from";
}

TEST(FieldForm, SettingValuesEmitsNothingAndUsersEditsDo)
{
    const auto form = shownForm();
    QSignalSpy edits(form.get(), &FieldForm::valueChanged);
    form->setValue(QStringLiteral("model.tied_head"), false);
    form->setValue(QStringLiteral("model.activation"), QStringLiteral("gelu"));
    EXPECT_EQ(edits.size(), 0);
    QTest::mouseClick(form->findChild<QCheckBox*>(QStringLiteral("model.tied_head")), Qt::LeftButton, {}, QPoint(6, 8));
    auto* choice = form->findChild<QComboBox*>(QStringLiteral("model.activation"));
    QTest::keyClick(choice, Qt::Key_Down);
    EXPECT_EQ(edits.size(), 2);
    EXPECT_EQ(form->value(QStringLiteral("model.activation")), QVariant(QStringLiteral("relu")));
}

TEST(FieldForm, FocusShowsTheGroupOfAField)
{
    const auto form = shownForm();
    auto* rate = form->findChild<QWidget*>(QStringLiteral("optimizer.learning_rate"));
    EXPECT_FALSE(rate->isVisible());
    QSignalSpy focused(form.get(), &FieldForm::fieldFocused);
    form->focusField(QStringLiteral("optimizer.learning_rate"));
    EXPECT_TRUE(rate->isVisible());
    form->setFilter(QStringLiteral("expert"));
    EXPECT_TRUE(form->findChild<QWidget*>(QStringLiteral("model.num_experts"))->isVisible());
    EXPECT_FALSE(rate->isVisible());
}

TEST(FieldForm, SameFieldsAgainKeepTheControls)
{
    const auto form = shownForm();
    const auto* before = form->findChild<QWidget*>(QStringLiteral("model.num_heads"));
    auto fields = samples::formFields();
    fields[1].value = qint64(8);
    form->setFields(fields);
    EXPECT_EQ(form->findChild<QWidget*>(QStringLiteral("model.num_heads")), before);
    EXPECT_EQ(form->value(QStringLiteral("model.num_heads")), QVariant(qint64(8)));
}

TEST(ValueBox, StepsByWhatSuitsTheNumber)
{
    ValueBox box(false, 0.0, 1.0);
    box.setValue(0.0003);
    box.stepBy(1);
    EXPECT_EQ(settingText(box.value()), QStringLiteral("0.0004"));
    box.setValue(0.1);
    box.stepBy(-1);
    EXPECT_EQ(settingText(box.value()), QStringLiteral("0"));
    box.setValue(0.95);
    box.stepBy(1);
    EXPECT_EQ(box.value(), QVariant(1.0)) << "the range ends steps, not typing";
}

TEST(StepField, TakesStepsWithAndWithoutCommas)
{
    StepField field;
    field.setMaximum(6180);
    field.setStep(100);
    field.show();
    QSignalSpy entered(&field, &StepField::stepEntered);
    auto* edit = field.findChild<QLineEdit*>();
    edit->selectAll();
    QTest::keyClicks(&field, QStringLiteral("4,000"));
    QTest::keyClick(&field, Qt::Key_Return);
    ASSERT_EQ(entered.size(), 1);
    EXPECT_EQ(entered.at(0).at(0).toLongLong(), 4000);
    edit->selectAll();
    QTest::keyClicks(&field, QStringLiteral("99999"));
    QTest::keyClick(&field, Qt::Key_Return);
    ASSERT_EQ(entered.size(), 2);
    EXPECT_EQ(entered.at(1).at(0).toLongLong(), 6180) << "the last record there is";
}

TEST(Timeline, ClickMovesAShiftClickMovesB)
{
    Timeline timeline;
    timeline.setData(samples::timeline());
    timeline.setCursors(6180, 4000);
    timeline.resize(1200, timeline.sizeHint().height());
    timeline.show();
    auto* lanes = timeline.findChild<QWidget*>(QStringLiteral("timeline.lanes"));
    QSignalSpy a(&timeline, &Timeline::cursorMoved), b(&timeline, &Timeline::secondCursorMoved),
        brush(&timeline, &Timeline::brushed);
    const QPoint at(lanes->width() / 3, lanes->height() / 2 - 14);
    QTest::mouseClick(lanes, Qt::LeftButton, {}, at);
    QTest::mouseClick(lanes, Qt::LeftButton, Qt::ShiftModifier, at);
    ASSERT_EQ(a.size(), 1);
    ASSERT_EQ(b.size(), 1);
    EXPECT_EQ(a[0][0], b[0][0]);
    EXPECT_GT(a[0][0].toLongLong(), 0);
    QTest::mousePress(lanes, Qt::RightButton, {}, at);
    QTest::mouseRelease(lanes, Qt::RightButton, {}, at + QPoint(80, 0));
    EXPECT_EQ(brush.size(), 1);
    QTest::mouseClick(lanes, Qt::LeftButton, {}, QPoint(lanes->width() - 20, at.y()));
    EXPECT_EQ(a.size(), 1) << "a place after the last record is the last record, where A already is";
}

TEST(Timeline, KeysAndButtonsAskForRecords)
{
    Timeline timeline;
    timeline.setData(samples::timeline());
    timeline.show();
    QSignalSpy records(&timeline, &Timeline::recordsRequested), play(&timeline, &Timeline::playRequested);
    auto* lanes = timeline.findChild<QWidget*>(QStringLiteral("timeline.lanes"));
    QTest::keyClick(lanes, Qt::Key_Left);
    QTest::keyClick(lanes, Qt::Key_Right, Qt::ShiftModifier);
    QTest::mouseClick(timeline.findChild<QToolButton*>(QStringLiteral("timeline.forward")), Qt::LeftButton);
    EXPECT_EQ(records.at(0).at(0).toInt(), -1);
    EXPECT_EQ(records.at(1).at(0).toInt(), 10);
    EXPECT_EQ(records.at(2).at(0).toInt(), 1);
    QTest::mouseClick(timeline.findChild<QToolButton*>(QStringLiteral("timeline.play")), Qt::LeftButton);
    EXPECT_EQ(play.at(0).at(0).toBool(), true);
}

TEST(CodeView, EditsAreSaidAndSettingIsNot)
{
    CodeView view;
    QSignalSpy edits(&view, &CodeView::edited);
    view.setText(QStringLiteral("{\n}"));
    view.setDiff({QStringLiteral("a")}, {QStringLiteral("b")}, false);
    EXPECT_EQ(edits.size(), 0);
    EXPECT_TRUE(view.isReadOnly());
    EXPECT_EQ(view.toPlainText(), QStringLiteral("a\nb"));
    view.setText(QStringLiteral("{}"));
    EXPECT_FALSE(view.isReadOnly());
    QTest::keyClicks(&view, QStringLiteral("x"));
    EXPECT_EQ(edits.size(), 1);
}

TEST(Panel, ShowsErrorBesideItsContent)
{
    Panel panel(QStringLiteral("Loss"));
    auto* map = new Heatmap;
    map->setData(samples::load());
    panel.setContent(map);
    panel.setError(QStringLiteral("events.out.tfevents.1: damaged"));
    panel.resize(500, 260);
    panel.show();
    EXPECT_TRUE(panel.findChild<QLabel*>(QStringLiteral("panel.error"))->isVisible());
    EXPECT_TRUE(map->isVisible());
    panel.setError({});
    EXPECT_FALSE(panel.findChild<QLabel*>(QStringLiteral("panel.error"))->isVisible());
}

TEST(Panel, NameAndBadgeAreNeverCutOnlyTheSubtitleGivesWay)
{
    Panel panel(QStringLiteral("Load, layer × expert"));
    panel.setSubtitle(
        QStringLiteral("units of fair share, at A = step 6,180, window 100 steps, and much more than fits"));
    panel.setBadge(QStringLiteral("assigned = tokens × 2 in all layers ✓"));
    panel.resize(520, 100);
    panel.show();
    QApplication::processEvents();
    for (const QLabel* label : panel.findChildren<QLabel*>()) {
        if (qobject_cast<const ElidedLabel*>(label) || !label->isVisible())
            continue;
        EXPECT_GE(label->width(), label->sizeHint().width()) << label->text().toStdString();
    }
    const auto* subtitle = panel.findChild<ElidedLabel*>();
    EXPECT_TRUE(subtitle->isElided());
    EXPECT_EQ(subtitle->toolTip(), subtitle->fullText());
}

TEST(Panel, EmptyOffersItsButtons)
{
    Panel panel(QStringLiteral("Loss"));
    panel.showEmpty(QStringLiteral("No run is open."), QStringLiteral("Start the demo, or open a folder."),
        {QStringLiteral("Start the demo")});
    panel.resize(300, 200);
    panel.show();
    QSignalSpy clicks(&panel, &Panel::emptyButtonClicked);
    QTest::mouseClick(panel.findChild<QWidget*>(QStringLiteral("panel.empty.0")), Qt::LeftButton);
    EXPECT_EQ(clicks.at(0).at(0).toInt(), 0);
    panel.showContent();
    EXPECT_EQ(panel.findChild<QWidget*>(QStringLiteral("panel.empty")), nullptr);
}

TEST(Icons, AreAllDrawnInOneColour)
{
    EXPECT_GE(iconNames().size(), 50);
    const QColor ink = Theme::light().text2;
    for (const QString& name : iconNames()) {
        const QImage image = iconPixmap(name, 16, 2, ink).toImage();
        int painted = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const QColor pixel = image.pixelColor(x, y);
                painted += pixel.alpha() > 200;
                if (pixel.alpha() > 200) {
                    EXPECT_NEAR(pixel.blue(), ink.blue(), 4) << name.toStdString();
                }
            }
        }
        EXPECT_GT(painted, 20) << name.toStdString();
    }
}

TEST(KeyFigure, SpeaksNumberUnitAndState)
{
    KeyFigure figure(QStringLiteral("Distinct experts"));
    figure.setValue(QStringLiteral("0.36"), QStringLiteral("worst D/E, layer 3"), QStringLiteral("0.95 at step 4,000"));
    figure.setState(State::Alarm);
    EXPECT_EQ(figure.accessibleName(), QStringLiteral("Distinct experts"));
    EXPECT_EQ(figure.accessibleDescription(), QStringLiteral("0.36 worst D/E, layer 3 0.95 at step 4,000 alarm"));
    EXPECT_GE(figure.minimumSizeHint().width(), 120) << "key figures are never cut";
}

TEST(ThemeChange, RepaintsOpenWidgets)
{
    const auto form = shownForm();
    Heatmap map;
    map.setData(samples::load());
    map.resize(400, 200);
    map.show();
    applyTheme(*qApp, Theme::dark());
    QApplication::processEvents();
    const QImage dark = map.grab().toImage();
    EXPECT_EQ(QColor(dark.pixel(0, dark.height() - 1)), Theme::dark().base);
    applyTheme(*qApp, Theme::light());
    QApplication::processEvents();
}
