// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What stands where on the set-up page.
#include "app/pages/setup_page.h"

#include <algorithm>

#include <QBoxLayout>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

#include "app/presets.h"
#include "app/recipe_cards.h"
#include "app/runs_model.h"
#include "app/segment_bar.h"
#include "app/trait_chips.h"
#include "widgets/code_view.h"
#include "widgets/field_form.h"
#include "widgets/icon.h"
#include "widgets/panel.h"

namespace moescope {
namespace {

constexpr int kThreeColumns = 860;  ///< below, text and estimate share a column

QToolButton* titleButton(const QString& iconName, const char* objectName, const QString& tip)
{
    auto* button = new QToolButton;
    button->setObjectName(QLatin1String(objectName));
    button->setIcon(icon(iconName));
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setAutoRaise(true);
    return button;
}

/// Scrolls to the sides only, and is as high as what it holds.
class SidewaysArea : public QScrollArea {
public:
    QSize sizeHint() const override { return {400, widget()->sizeHint().height() + barHeight()}; }
    QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        QScrollArea::resizeEvent(event);
        updateGeometry();
    }
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }

private:
    int barHeight() const
    {
        return width() < widget()->minimumSizeHint().width() ? horizontalScrollBar()->sizeHint().height() : 0;
    }
};

}  // namespace

SetupPage::SetupPage(Selection& selection, RunsModel& runs, QWidget* parent)
    : Page(selection, parent)
{
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(makeOptions(runs));
    m_routingPanel = makePanel(tr("Routing"), "setupRoutingPanel", makeRouting());
    m_routingPanel->setExportable(false);
    page->addWidget(m_routingPanel, 0);
    m_fieldsPanel = makePanel(tr("Fields"), "setupFieldsPanel", makeFields());
    m_fieldsPanel->setExportable(false);
    m_fieldsPanel->setMinimumWidth(QFontMetrics(currentTheme().body).averageCharWidth() * 56);
    auto* filter = new QLineEdit;
    filter->setObjectName(QStringLiteral("fieldFilter"));
    filter->setPlaceholderText(tr("filter"));
    filter->setAccessibleName(tr("Filter fields"));
    filter->setFixedSize(QFontMetrics(currentTheme().body).averageCharWidth() * 14, metrics::title() - 3);
    auto* advanced = new QCheckBox(tr("Advanced"));
    advanced->setObjectName(QStringLiteral("advancedFields"));
    advanced->setToolTip(tr("Also the settings that most runs leave alone"));
    m_fieldsPanel->addTitleWidget(advanced);
    m_fieldsPanel->addTitleWidget(filter);
    m_form->setAdvancedVisible(false);
    connect(filter, &QLineEdit::textChanged, m_form, &FieldForm::setFilter);
    connect(advanced, &QCheckBox::toggled, m_form, &FieldForm::setAdvancedVisible);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(0);
    columns->addWidget(m_fieldsPanel, 10);
    columns->addWidget(makeSide(), 11);
    page->addLayout(columns, 1);
    showDraft();
}

QWidget* SetupPage::makeOptions(RunsModel& runs)
{
    auto* row = new OptionRow;
    auto* title = new QLabel(tr("New run"));
    title->setFont(currentTheme().title);
    row->add(title);
    m_preset = row->addChoice(tr("preset"), {}, "presetBox");
    for (const Preset& preset : presets())
        m_preset->addItem(preset.name);
    m_preset->setEnabled(m_preset->count() > 0);
    m_origin = row->addChoice(tr("or from run"), {}, "originBox");
    m_origin->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    const auto fill = [this, &runs] {
        const QString current = m_origin->currentData().toString();
        m_origin->clear();
        m_origin->addItem(tr("none"), QString());
        for (int i = 0; i < runs.rowCount(); ++i)
            m_origin->addItem(runs.index(i).data().toString(), runs.row(i).folder);
        m_origin->setCurrentIndex(std::max(0, m_origin->findData(current)));
        m_origin->setEnabled(runs.rowCount() > 0);
    };
    fill();
    connect(&runs, &QAbstractItemModel::modelReset, this, fill);
    row->addStretch();
    m_numChanged = new QLabel;
    m_numChanged->setObjectName(QStringLiteral("numChanged"));
    m_numChanged->setForegroundRole(QPalette::Link);
    row->add(m_numChanged);
    m_toQueue = new QPushButton(tr("Add to queue"));
    m_toQueue->setObjectName(QStringLiteral("addToQueueButton"));
    connect(m_toQueue, &QPushButton::clicked, this, &SetupPage::queueWanted);
    row->add(m_toQueue);
    m_sideKind = new SegmentBar({}, {tr("Estimate"), tr("Text")}, "setupSide");
    row->add(m_sideKind);
    connect(m_preset, &QComboBox::activated, this, [this] { loadPreset(m_preset->currentText()); });
    connect(m_origin, &QComboBox::activated, this, [this] {
        if (const QString folder = m_origin->currentData().toString(); !folder.isEmpty())
            Q_EMIT copyFromRunWanted(folder);
    });
    connect(m_sideKind, &SegmentBar::chosen, this, &SetupPage::placeSide);
    return row;
}

QWidget* SetupPage::makeRouting()
{
    auto* content = new QWidget;
    content->setAutoFillBackground(true);
    content->setBackgroundRole(QPalette::Base);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 4, 0, 6);
    column->setSpacing(2);
    m_cards = new RecipeCards;
    auto* sideways = new SidewaysArea;
    sideways->setObjectName(QStringLiteral("cardsArea"));
    sideways->setFrameShape(QFrame::NoFrame);
    sideways->setWidgetResizable(true);
    sideways->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    sideways->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    sideways->setWidget(m_cards);
    m_traits = new TraitChips;
    column->addWidget(makeRecipeRow());
    column->addWidget(sideways);
    column->addWidget(m_traits);
    connectCards();
    return content;
}

QWidget* SetupPage::makeRecipeRow()
{
    auto* row = new QWidget;
    auto* line = new QHBoxLayout(row);
    line->setContentsMargins(metrics::edge(), 2, metrics::edge(), 4);
    line->setSpacing(metrics::gap());
    auto* label = new QLabel(tr("Recipe"));
    m_recipe = new QComboBox;
    m_recipe->setObjectName(QStringLiteral("recipeBox"));
    m_recipe->setAccessibleName(tr("Routing recipe"));
    m_recipe->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    label->setBuddy(m_recipe);
    m_saveRecipe = new QPushButton(tr("Save as …"));
    m_saveRecipe->setObjectName(QStringLiteral("saveRecipe"));
    m_saveRecipe->setToolTip(tr("Keep these parts as a recipe of your own"));
    m_recipeName = new QLineEdit;
    m_recipeName->setObjectName(QStringLiteral("recipeName"));
    m_recipeName->setPlaceholderText(tr("name of your recipe"));
    m_recipeName->setAccessibleName(tr("Name of your recipe"));
    m_recipeName->setMaximumWidth(220);
    m_recipeName->hide();
    m_keepRecipe = new QPushButton(tr("Save"));
    m_keepRecipe->setObjectName(QStringLiteral("keepRecipe"));
    m_keepRecipe->hide();
    m_composed = new QLabel;
    m_composed->setObjectName(QStringLiteral("composedFrom"));
    m_composed->setFont(currentTheme().small);
    m_composed->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget* widget :
        {static_cast<QWidget*>(label), static_cast<QWidget*>(m_recipe), static_cast<QWidget*>(m_saveRecipe),
            static_cast<QWidget*>(m_recipeName), static_cast<QWidget*>(m_keepRecipe)})
        line->addWidget(widget);
    line->addStretch(1);
    line->addWidget(m_composed);
    connect(m_recipe, &QComboBox::activated, this, [this] {
        m_draft->setField(QStringLiteral("routing.recipe"), m_recipe->currentText());
        showDraft();
    });
    connect(m_saveRecipe, &QPushButton::clicked, this, [this] { askForRecipeName(true); });
    connect(m_recipeName, &QLineEdit::returnPressed, this, &SetupPage::saveRecipe);
    connect(m_keepRecipe, &QPushButton::clicked, this, &SetupPage::saveRecipe);
    return row;
}

void SetupPage::connectCards()
{
    connect(m_cards, &RecipeCards::cardClicked, this, [this](const QString& key) {
        m_cards->setSelected(key);
        for (const FormField& field : m_form->fields())
            if (field.key == key || field.key.startsWith(key + QLatin1Char('.'))) {
                m_form->focusField(field.key);
                return;
            }
        m_form->setGroup(tr("Routing"));
    });
    connect(m_cards, &RecipeCards::partChosen, this, [this](const QString& key, const QString& part) {
        m_draft->setField(key + QStringLiteral(".part"), part);
        showDraft();
    });
    connect(m_cards, &RecipeCards::partAdded, this, [this](Slot slot, const QString& part) {
        m_draft->addPart(slot, part);
        showDraft();
    });
    connect(m_cards, &RecipeCards::partRemoved, this, [this](Slot slot, const QString& name) {
        m_draft->removePart(slot, name);
        showDraft();
    });
}

QWidget* SetupPage::makeFields()
{
    m_form = new FieldForm;
    m_form->setObjectName(QStringLiteral("setupForm"));
    connect(m_form, &FieldForm::valueChanged, this, [this](const QString& key, const QVariant& value) {
        if (!m_draft)
            return;
        m_draft->setField(key, value);
        showDraft();
    });
    connect(m_form, &FieldForm::fieldFocused, this, &SetupPage::showField);
    connect(m_form, &FieldForm::browseRequested, this, [this](const QString& key) {
        auto* dialog = new QFileDialog(this, tr("File or folder with text"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::AnyFile);
        connect(dialog, &QFileDialog::fileSelected, this, [this, key](const QString& file) {
            m_draft->setField(key, file);
            showDraft();
        });
        dialog->open();
    });
    return m_form;
}

QWidget* SetupPage::makeSide()
{
    m_estimate = new EstimateView;
    auto* scroll = new QScrollArea;
    scroll->setObjectName(QStringLiteral("estimateArea"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_estimate);
    m_estimatePanel = makePanel(tr("Estimate"), "setupEstimatePanel", scroll);
    m_estimatePanel->setExportable(false);
    connect(m_estimate, &EstimateView::fieldClicked, this, [this](const QString& key) { m_form->focusField(key); });

    auto* text = new QWidget;
    text->setAutoFillBackground(true);
    text->setBackgroundRole(QPalette::Base);
    auto* column = new QVBoxLayout(text);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* kinds = new QHBoxLayout;
    kinds->setContentsMargins(8, 6, 8, 6);
    m_textKind = new SegmentBar({}, {tr("Text"), tr("Resolved"), tr("Changes")}, "textKind");
    kinds->addWidget(m_textKind);
    kinds->addStretch(1);
    m_code = new CodeView;
    m_code->setObjectName(QStringLiteral("setupText"));
    m_code->setAccessibleName(tr("Configuration as JSON"));
    m_code->setFrameShape(QFrame::NoFrame);
    column->addLayout(kinds);
    column->addWidget(m_code, 1);
    m_textPanel = makePanel(tr("Text"), "setupTextPanel", text);
    m_textPanel->setExportable(false);
    auto* load = titleButton(QStringLiteral("folder"), "loadConfig", tr("Load a configuration from a file"));
    auto* copy = titleButton(QStringLiteral("copy"), "copyConfig", tr("Copy what is shown"));
    m_textPanel->addTitleWidget(load);
    m_textPanel->addTitleWidget(copy);
    connect(load, &QToolButton::clicked, this, &SetupPage::askForFile);
    connect(copy, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_code->text()); });
    connect(m_textKind, &SegmentBar::chosen, this, &SetupPage::showText);
    connect(m_code, &CodeView::edited, this, [this](const QString& edited) {
        if (!m_draft || m_textKind->current() != 0)
            return;
        m_draft->setText(edited);
        showDraft();
    });

    auto* side = new QWidget;
    auto* row = new QHBoxLayout(side);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_estimatePanel, 4);
    row->addWidget(m_textPanel, 5);
    return side;
}

void SetupPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    placeSide();
}

void SetupPage::placeSide()
{
    const bool wide = width() >= kThreeColumns;
    m_sideKind->setVisible(!wide);
    m_estimatePanel->setVisible(wide || m_sideKind->current() == 0);
    m_textPanel->setVisible(wide || m_sideKind->current() == 1);
}

}  // namespace moescope
