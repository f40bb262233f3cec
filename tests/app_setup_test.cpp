// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Set-up: the draft alone, and the page with clicks and keys.
#include <gmock/gmock.h>

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>

#include "app/pages/setup_page.h"
#include "app/setup_draft.h"
#include "app/trait_chips.h"
#include "engine/config/catalog_json.h"
#include "engine/config/recipe_reader.h"
#include "engine/config/routing_slots.h"
#include "tests/support/small_catalog.h"
#include "tests/support/window_fixture.h"
#include "widgets/code_view.h"
#include "widgets/field_form.h"

using namespace moescope;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

namespace {

SetupDraft draftOf(const char* json)
{
    SetupDraft draft(smallCatalog());
    draft.load(QString::fromUtf8(json), QStringLiteral("preset"));
    return draft;
}

std::vector<std::string> wrongKeys(const SetupDraft& draft)
{
    std::vector<std::string> keys;
    for (const Issue& issue : draft.reading().errors)
        keys.push_back(issue.key);
    return keys;
}

}  // namespace

TEST(SetupDraft, FormToTextToFormLosesNothing)
{
    SetupDraft draft = draftOf(R"({"seed": 7, "model": {"num_experts": 16}})");
    draft.setField(QStringLiteral("model.hidden_size"), QVariant(qint64(256)));
    draft.setField(QStringLiteral("routing.selector.k"), QVariant(qint64(4)));
    draft.setField(QStringLiteral("optimizer.learning_rate"), QVariant(1.5e-3));
    ASSERT_TRUE(draft.ok());
    SetupDraft again(smallCatalog());
    again.load(draft.text(), {});
    EXPECT_EQ(again.resolvedText(), draft.resolvedText());
    EXPECT_EQ(again.value(QStringLiteral("model.hidden_size")), QVariant(qint64(256)));
    EXPECT_EQ(again.value(QStringLiteral("routing.selector.k")), QVariant(qint64(4)));
    EXPECT_EQ(again.value(QStringLiteral("seed")), QVariant(qint64(7)));
}

TEST(SetupDraft, KeepsDefaultsThatFollowOtherFields)
{
    SetupDraft draft = draftOf(R"({"model": {"num_heads": 4}})");
    draft.setField(QStringLiteral("model.num_heads"), QVariant(qint64(8)));
    EXPECT_EQ(draft.value(QStringLiteral("model.num_kv_heads")), QVariant(qint64(8)));
}

TEST(SetupDraft, AFieldThatGoesBackLeavesTheText)
{
    SetupDraft draft = draftOf("{}");
    const QVariant before = draft.value(QStringLiteral("model.hidden_size"));
    draft.setField(QStringLiteral("model.hidden_size"), QVariant(qint64(256)));
    EXPECT_TRUE(draft.text().contains(QStringLiteral("hidden_size")));
    draft.setField(QStringLiteral("model.hidden_size"), before);
    EXPECT_FALSE(draft.text().contains(QStringLiteral("hidden_size")));
}

TEST(SetupDraft, AFollowingFieldCanGoBackAlone)
{
    SetupDraft draft = draftOf(R"({"model": {"num_heads": 4}})");
    draft.setField(QStringLiteral("model.num_heads"), QVariant(qint64(8)));
    draft.setField(QStringLiteral("model.num_kv_heads"), QVariant(qint64(4)));
    EXPECT_EQ(draft.value(QStringLiteral("model.num_kv_heads")), QVariant(qint64(4)));
    EXPECT_EQ(draft.value(QStringLiteral("model.num_heads")), QVariant(qint64(8)));
}

TEST(SetupDraft, AnotherRecipeDropsTheSettingsOfTheOneBeforeAndSaysSo)
{
    SetupDraft draft = draftOf(R"({"routing": {"recipe": "smoe", "selector": {"k": 4}}})");
    draft.setField(QStringLiteral("routing.recipe"), QStringLiteral("switch"));
    EXPECT_TRUE(draft.ok());
    EXPECT_EQ(draft.value(QStringLiteral("routing.selector.k")), QVariant(qint64(1)));
    EXPECT_EQ(draft.notice(), QStringLiteral("1 setting of the recipe before went with it"));
}

TEST(SetupDraft, ShowsWhatIsWrongAndKeepsTheLastValidEstimate)
{
    SetupDraft draft = draftOf("{}");
    const std::int64_t parameters = draft.estimate().parameters.total;
    draft.setField(QStringLiteral("model.hidden_size"), QStringLiteral("wide"));
    EXPECT_FALSE(draft.ok());
    EXPECT_THAT(wrongKeys(draft), Contains("model.hidden_size"));
    EXPECT_EQ(draft.value(QStringLiteral("model.hidden_size")), QVariant(QStringLiteral("wide")));
    EXPECT_EQ(draft.estimate().parameters.total, parameters);
    draft.setField(QStringLiteral("model.hidden_size"), QVariant(qint64(64)));
    EXPECT_TRUE(draft.ok());
    EXPECT_LT(draft.estimate().parameters.total, parameters);
}

TEST(SetupDraft, ChecksAcrossFields)
{
    SetupDraft draft = draftOf("{}");
    draft.setField(QStringLiteral("routing.selector.k"), QVariant(qint64(63)));
    EXPECT_FALSE(draft.ok());
}

TEST(SetupDraft, SurvivesAnyText)
{
    SetupDraft draft = draftOf("{}");
    for (const QString& text : {QString(), QStringLiteral("{"), QStringLiteral("[1]"), QStringLiteral("{\"model\": 3}"),
             QString(200'000, QLatin1Char('[')), QStringLiteral("{\"a\": ").repeated(5000),
             QStringLiteral("{\"seed\": 1e400}")}) {
        draft.setText(text);
        EXPECT_FALSE(draft.ok()) << text.left(40).toStdString();
        EXPECT_FALSE(draft.fields().empty());
    }
    draft.setText(QStringLiteral("{\"seed\": 3} // a remark"));
    EXPECT_TRUE(draft.ok());
    EXPECT_EQ(draft.value(QStringLiteral("seed")), QVariant(qint64(3)));
}

TEST(SetupDraft, APartNamedInShortCanGetASetting)
{
    SetupDraft draft = draftOf(R"({"routing": {"selector": "top-k"}})");
    draft.setField(QStringLiteral("routing.selector.k"), QVariant(qint64(3)));
    EXPECT_TRUE(draft.ok()) << draft.text().toStdString();
    EXPECT_EQ(draft.value(QStringLiteral("routing.selector.k")), QVariant(qint64(3)));
}

namespace {

/// A window with an engine that says what it can do; starting it writes down its arguments.
class SetupWindow : public WindowTest {
protected:
    void SetUp() override
    {
        writeBytes(m_folder / "describe.json", writeDescription(smallCatalog(), "0.1.0"));
        writeBytes(m_folder / "engine",
            "#!/bin/sh\nif [ \"$1\" = describe ]; then cat '" + (m_folder / "describe.json").string()
                + "'; else echo \"$@\" > '" + (m_folder / "called").string() + "'; cp \"$2\" '"
                + (m_folder / "config.json").string() + "'; fi\n");
        std::filesystem::permissions(m_folder / "engine", std::filesystem::perms::owner_all);
        WindowOptions options;
        options.engine = m_folder / "engine";
        m_window = openWindow({1440, 900}, options);
        ASSERT_TRUE(waitFor([&] { return m_window->setupPage()->draft() != nullptr; }));
        m_window->setupPage()->loadText(QStringLiteral("{\"name\": \"mine\"}"), QStringLiteral("test"));
        m_window->showTab(MainWindow::SetupTab);
    }

    void type(const char* field, const QString& text)
    {
        auto* form = find<FieldForm>(*m_window, "setupForm");
        form->focusField(QLatin1String(field));
        auto* control = find<QWidget>(*m_window, field);
        auto* edit = qobject_cast<QLineEdit*>(control);
        if (!edit)
            edit = control->findChild<QLineEdit*>();
        ASSERT_NE(edit, nullptr);
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
    }

    std::unique_ptr<MainWindow> m_window;
};

}  // namespace

TEST_F(SetupWindow, TypingChangesEstimateAndTextWithinATenthOfASecond)
{
    const std::int64_t before = m_window->setupPage()->draft()->estimate().parameters.total;
    QElapsedTimer clock;
    clock.start();
    type("model.hidden_size", QStringLiteral("256"));
    const qint64 forThreeKeys = clock.elapsed();
    EXPECT_GT(m_window->setupPage()->draft()->estimate().parameters.total, before);
    EXPECT_TRUE(find<CodeView>(*m_window, "setupText")->text().contains(QStringLiteral("\"hidden_size\": 256")));
    EXPECT_LT(forThreeKeys, 300);
    QStringList changed;
    const auto* form = find<FieldForm>(*m_window, "setupForm");
    for (const FormField& field : form->fields())
        if (form->isChanged(field.key))
            changed << field.key;
    // Two defaults follow the width.
    EXPECT_EQ(changed.join(QLatin1Char(' ')).toStdString(), "model.hidden_size model.expert_size model.dense_size");
    EXPECT_EQ(find<QLabel>(*m_window, "numChanged")->text().toStdString(), "3 fields changed");
}

TEST_F(SetupWindow, AWrongValueGreysStartWithItsReason)
{
    const QAction* start = find<QAction>(*m_window, "startRun");
    EXPECT_TRUE(start->isEnabled());
    type("model.hidden_size", QStringLiteral("0"));
    EXPECT_FALSE(start->isEnabled());
    EXPECT_THAT(start->toolTip().toStdString(), HasSubstr("setting"));
    EXPECT_EQ(find<FieldForm>(*m_window, "setupForm")->numErrors(), 1);
    type("model.hidden_size", QStringLiteral("128"));
    EXPECT_TRUE(start->isEnabled());
}

TEST_F(SetupWindow, TextChangesTheForm)
{
    auto* text = find<CodeView>(*m_window, "setupText");
    text->setFocus();
    text->selectAll();
    QTest::keyClicks(text, QStringLiteral("{\"seed\": 42}"));
    EXPECT_EQ(find<FieldForm>(*m_window, "setupForm")->value(QStringLiteral("seed")), QVariant(qint64(42)));
}

TEST_F(SetupWindow, CtrlEnterStartsTheEngineWithWhatIsShown)
{
    type("seed", QStringLiteral("5"));
    QTest::keyClick(m_window.get(), Qt::Key_Return, Qt::ControlModifier);
    ASSERT_TRUE(waitFor([&] { return std::filesystem::exists(m_folder / "config.json"); }));
    ASSERT_TRUE(waitFor([&] { return !readBytes(m_folder / "config.json").empty(); }));
    EXPECT_THAT(readBytes(m_folder / "called"), HasSubstr("train "));
    EXPECT_THAT(readBytes(m_folder / "called"), HasSubstr("--run " + (runsFolder() / "mine-").string()));
    EXPECT_THAT(readBytes(m_folder / "config.json"), HasSubstr("\"seed\": 5"));
}

TEST_F(SetupWindow, HelpOfAFieldStandsInTheInspector)
{
    type("model.hidden_size", QStringLiteral("64"));
    EXPECT_THAT(find<QWidget>(*m_window, "inspectorView")->accessibleDescription().toStdString(),
        HasSubstr("model.hidden_size"));
}

TEST_F(SetupWindow, TheNextWindowAsksThisBuildOfTheEngineNothing)
{
    m_window.reset();
    // What it says now would not be believed: it was asked before.
    std::filesystem::remove(m_folder / "describe.json");
    WindowOptions options;
    options.engine = m_folder / "engine";
    m_window = openWindow({1440, 900}, options);
    EXPECT_NE(m_window->setupPage()->draft(), nullptr);
}

TEST_F(SetupWindow, ARunsConfigurationBecomesTheDraft)
{
    MadeRunOptions options;
    options.seed = 77;
    const MadeRun run(runsFolder() / "earlier", options);
    ASSERT_TRUE(waitFor([&] { return m_window->runs().rowCount() == 1; }));
    m_window->selection().setRun(QString::fromStdString(run.path().string()));
    ASSERT_TRUE(waitFor([&] { return hasFrame(*m_window); }));
    find<QAction>(*m_window, "newRun")->trigger();
    EXPECT_EQ(m_window->setupPage()->draft()->value(QStringLiteral("seed")), QVariant(qint64(77)));
    EXPECT_TRUE(m_window->setupPage()->draft()->ok());
}

namespace {

/// Presses a button that opens a menu, and there the entry with this text.
void chooseInMenu(QPushButton* button, const QString& entry)
{
    bool found = false;
    QTimer::singleShot(0, button, [&] {
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        ASSERT_NE(menu, nullptr);
        for (QAction* action : menu->actions())
            if (action->text() == entry) {
                found = true;
                QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
                return;
            }
        menu->close();
    });
    QTest::mouseClick(button, Qt::LeftButton);
    EXPECT_TRUE(found) << entry.toStdString();
}

std::string chipsOf(const MainWindow& window)
{
    return window.findChild<QWidget*>(QStringLiteral("traitChips"))->accessibleDescription().toStdString();
}

}  // namespace

TEST_F(SetupWindow, ACardExchangesItsPartAndSaysWhatThatDoes)
{
    EXPECT_THAT(chipsOf(*m_window), HasSubstr("causal"));
    auto* selector = find<QComboBox>(*m_window, "card.selector.part");
    EXPECT_EQ(selector->currentText(), QStringLiteral("top-k"));
    selector->setFocus();
    QTest::keyClicks(selector, QStringLiteral("expert"));
    const SetupDraft& draft = *m_window->setupPage()->draft();
    EXPECT_EQ(draft.value(QStringLiteral("routing.selector.part")), QVariant(QStringLiteral("expert-choice")));
    EXPECT_EQ(draft.config().routing.selector.part, "expert-choice");
    EXPECT_THAT(chipsOf(*m_window), HasSubstr("leaks the future in training, couples the batch"));
    EXPECT_THAT(chipsOf(*m_window), Not(HasSubstr("causal")));
    EXPECT_THAT(find<QLabel>(*m_window, "composedFrom")->text().toStdString(), "smoe with another selector");
}

TEST_F(SetupWindow, ALossIsAddedAndTakenAwayInItsCard)
{
    auto* losses = find<QPushButton>(*m_window, "card.losses.parts");
    chooseInMenu(losses, QStringLiteral("Add z"));
    const SetupDraft& draft = *m_window->setupPage()->draft();
    ASSERT_TRUE(draft.ok());
    EXPECT_EQ(draft.config().routing.losses.size(), 2U);
    EXPECT_EQ(losses->text(), QStringLiteral("2 parts"));
    chooseInMenu(losses, QStringLiteral("Remove balance"));
    EXPECT_EQ(draft.config().routing.losses.size(), 1U);
    EXPECT_TRUE(draft.text().contains(QStringLiteral("\"balance\": null"))) << draft.text().toStdString();
    EXPECT_THAT(chipsOf(*m_window), Not(HasSubstr("global scope")));
    chooseInMenu(losses, QStringLiteral("Add balance"));
    EXPECT_THAT(chipsOf(*m_window), HasSubstr("global scope"));
    chooseInMenu(find<QPushButton>(*m_window, "card.hooks.parts"), QStringLiteral("Add k-schedule"));
    EXPECT_THAT(chipsOf(*m_window), HasSubstr("k varies"));
    EXPECT_EQ(find<FieldForm>(*m_window, "setupForm")->value(QStringLiteral("routing.hooks.k-schedule.start")),
        QVariant(0.5));
}

TEST(TraitChips, EveryTraitHasItsWords)
{
    for (const Trait trait : kTraits) {
        Catalog catalog = smallCatalog();
        for (PartInfo& part : catalog.parts)
            part.traits.clear();
        RoutingConfig routing;
        for (const Slot slot : kSingleSlots)
            singleChoice(routing, slot) = singleChoice(*catalog.recipe("smoe"), slot);
        catalog.parts.front().traits = {trait};
        std::size_t words = 0;
        for (const TraitChip& chip : traitChips(catalog, routing, {}))
            words += chip.state != State::Ok && !chip.text.isEmpty() ? 1 : 0;
        EXPECT_EQ(words, 1U) << traitName(trait);
    }
}

TEST_F(SetupWindow, ARenormalisedSingleExpertIsRefusedAtOnceAndTheCardsStay)
{
    type("routing.selector.k", QStringLiteral("1"));
    EXPECT_THAT(chipsOf(*m_window), HasSubstr("gives a constant weight"));
    EXPECT_FALSE(find<QAction>(*m_window, "startRun")->isEnabled());
    EXPECT_EQ(find<QComboBox>(*m_window, "card.weigher.part")->currentText(), QStringLiteral("renormalise"));
    auto* weigher = find<QComboBox>(*m_window, "card.weigher.part");
    weigher->setFocus();
    QTest::keyClicks(weigher, QStringLiteral("as"));
    EXPECT_THAT(chipsOf(*m_window), Not(HasSubstr("constant weight")));
    EXPECT_TRUE(find<QAction>(*m_window, "startRun")->isEnabled());
}

TEST_F(SetupWindow, AClickOnACardOpensItsFields)
{
    auto* card = find<QWidget>(*m_window, "card.selector");
    ASSERT_TRUE(waitFor([&] { return card->visibleRegion().boundingRect() == card->rect(); }, 1000));
    QTest::mouseClick(card, Qt::LeftButton, {}, QPoint(card->width() / 2, card->height() - 6));
    EXPECT_TRUE(find<QWidget>(*m_window, "routing.selector.part")->isVisible());
}

TEST_F(SetupWindow, ACompositionIsKeptAsARecipeOfOnesOwn)
{
    auto* selector = find<QComboBox>(*m_window, "card.selector.part");
    selector->setFocus();
    QTest::keyClicks(selector, QStringLiteral("expert"));
    const RoutingConfig composed = m_window->setupPage()->draft()->config().routing;
    QTest::mouseClick(find<QPushButton>(*m_window, "saveRecipe"), Qt::LeftButton);
    auto* name = find<QLineEdit>(*m_window, "recipeName");
    ASSERT_TRUE(name->isVisible());
    QTest::keyClicks(name, QStringLiteral("Experts choose, twice"));
    QTest::mouseClick(find<QPushButton>(*m_window, "keepRecipe"), Qt::LeftButton);
    const std::filesystem::path file = m_folder / "data" / "moescope" / "methods" / "experts-choose-twice.json";
    ASSERT_TRUE(std::filesystem::exists(file));
    EXPECT_EQ(find<QComboBox>(*m_window, "recipeBox")->currentText(), QStringLiteral("experts-choose-twice"));
    EXPECT_FALSE(name->isVisible());
    const RoutingConfig kept = m_window->setupPage()->draft()->config().routing;
    EXPECT_EQ(kept.recipe, "experts-choose-twice");
    EXPECT_EQ(kept.selector, composed.selector);
    EXPECT_EQ(kept.losses, composed.losses);
    const RecipeReading read = readRecipe(readBytes(file), "own.json", "experts-choose-twice", smallCatalog().parts);
    EXPECT_TRUE(read.errors.empty());
    EXPECT_EQ(read.recipe.summary, "Composed from smoe, with another selector.");

    // The same name again is refused, with the reason over the cards.
    QTest::mouseClick(find<QPushButton>(*m_window, "saveRecipe"), Qt::LeftButton);
    QTest::keyClicks(name, QStringLiteral("smoe"));
    QTest::keyClick(name, Qt::Key_Return);
    EXPECT_EQ(m_window->setupPage()->draft()->config().routing.recipe, "experts-choose-twice");
    EXPECT_TRUE(name->isVisible());
}
