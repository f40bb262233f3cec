// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/setup_page.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "app/counted.h"
#include "app/own_recipe.h"
#include "app/presets.h"
#include "app/recipe_cards.h"
#include "app/segment_bar.h"
#include "app/setting_value.h"
#include "app/trait_chips.h"
#include "app/visible_text.h"
#include "engine/base/file_system.h"
#include "engine/base/system_memory.h"
#include "engine/config/routed_experts.h"
#include "engine/run/run_folder.h"
#include "widgets/code_view.h"
#include "widgets/field_form.h"
#include "widgets/number_text.h"
#include "widgets/panel.h"

namespace moescope {
namespace {

constexpr std::uint64_t kConfigBytes = 1 << 20;

double diskFree()
{
    std::filesystem::path place = RunFolder::defaultRoot();
    std::error_code error;
    while (!place.empty() && place != place.root_path() && !std::filesystem::exists(place, error))
        place = place.parent_path();
    const std::filesystem::space_info space = std::filesystem::space(place, error);
    return error ? 0 : static_cast<double>(space.available);
}

}  // namespace

void SetupPage::setCatalog(Catalog catalog)
{
    m_engineFailure.clear();
    m_fieldsPanel->setError({});
    const QString text = m_draft ? m_draft->text() : m_pendingText;
    const QString origin = m_draft ? m_draft->originName() : m_pendingOrigin;
    m_draft = std::make_unique<SetupDraft>(std::move(catalog));
    if (!text.isEmpty())
        m_draft->load(text, origin);
    showDraft();
}

void SetupPage::setEngineFailed(const QString& cause)
{
    m_engineFailure = cause;
    showWaiting();
    m_fieldsPanel->setError(tr("Without the engine there are no settings to show: %1").arg(cause));
    Q_EMIT changed();
}

bool SetupPage::loadPreset(const QString& name)
{
    for (const Preset& preset : presets())
        if (preset.name == name) {
            m_preset->setCurrentText(name);
            m_origin->setCurrentIndex(0);
            loadText(presetText(preset), tr("preset %1").arg(name));
            return true;
        }
    return false;
}

void SetupPage::loadText(const QString& json, const QString& originName)
{
    m_pendingText = json;
    m_pendingOrigin = originName;
    if (m_draft)
        m_draft->load(json, originName);
    m_textKind->setCurrent(0);
    showDraft();
}

void SetupPage::askForFile()
{
    auto* dialog = new QFileDialog(this, tr("Load a configuration"), {}, tr("Configuration (*.json)"));
    dialog->setObjectName(QStringLiteral("configDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &SetupPage::loadFile);
    dialog->open();
}

void SetupPage::loadFile(const QString& file)
{
    const Result<std::string> text = readFile(file.toStdString(), kConfigBytes);
    m_textPanel->setError(text ? QString() : QString::fromStdString(text.error().text));
    if (text)
        loadText(QString::fromStdString(*text), QFileInfo(file).fileName());
}

void SetupPage::setMeasuredSpeed(double flopsPerSecond)
{
    if (flopsPerSecond == m_flopsPerSecond)
        return;
    m_flopsPerSecond = flopsPerSecond;
    if (m_draft)
        showEstimate();
}

QString SetupPage::whyNotStart() const
{
    if (!m_engineFailure.isEmpty())
        return m_engineFailure;
    if (!m_draft)
        return tr("the engine is being asked what it can do");
    if (!m_draft->ok())
        return counted(static_cast<std::int64_t>(m_draft->reading().errors.size()), tr("%1 setting is invalid"),
            tr("%1 settings are invalid"));
    return {};
}

QString SetupPage::runName() const
{
    if (!m_draft)
        return {};
    const std::string& name = m_draft->config().name;
    return QString::fromStdString(name.empty() ? m_draft->config().routing.recipe : name);
}

void SetupPage::showDraft()
{
    showWaiting();
    if (m_draft) {
        showForm();
        showText();
        showEstimate();
        showRouting();
    }
    m_toQueue->setEnabled(whyNotStart().isEmpty());
    m_toQueue->setToolTip(whyNotStart().isEmpty() ? tr("Train it when those before it have ended (Ctrl+Shift+Enter)")
                                                  : tr("Add to queue: %1").arg(whyNotStart()));
    if (isVisible())
        showInspected();
    Q_EMIT changed();
}

void SetupPage::showWaiting()
{
    const QString asked = tr("The engine is being asked what it can do");
    for (Panel* panel : {m_routingPanel, m_fieldsPanel, m_estimatePanel}) {
        if (m_draft || !m_engineFailure.isEmpty())
            panel->showContent();
        else
            panel->showWaiting(panel == m_fieldsPanel ? asked : QString());
    }
    if (!m_draft)
        m_code->setText(m_pendingText);
}

void SetupPage::showInspected()
{
    if (m_draft && !m_shownField.isEmpty() && m_draft->field(m_shownField)) {
        showField(m_shownField);
        return;
    }
    const QString recipe = m_draft ? QString::fromStdString(m_draft->config().routing.recipe) : QString();
    Q_EMIT setupShown(setupContent(runName(), recipe, m_draft ? m_draft->originName() : QString(), whyNotStart()));
}

void SetupPage::showForm()
{
    const std::vector<FormField> rows = m_draft->fields();
    QString keys;
    for (const FormField& row : rows)
        keys += row.key + QLatin1Char('=') + row.choices.join(QLatin1Char(',')) + QLatin1Char('\n');
    const bool rebuilt = keys != m_rowsKey;
    if (rebuilt)
        m_form->setFields(rows);
    if (m_rowsKey.isEmpty())
        m_form->setGroup(tr("Model"));
    m_rowsKey = keys;
    for (const FormField& row : rows) {
        if (!rebuilt && m_form->value(row.key) != row.value)
            m_form->setValue(row.key, row.value);
        if (const QVariant reference = m_draft->originValue(row.key); reference.isValid())
            m_form->setReference(row.key, reference);
    }
    m_form->clearErrors();
    for (const Issue& issue : m_draft->reading().errors)
        m_form->setError(QString::fromStdString(issue.key), QString::fromStdString(issue.reason));
    for (const Issue& issue : m_draft->reading().notices)
        m_form->setNote(QString::fromStdString(issue.key), QString::fromStdString(issue.reason));
    const int changed = m_form->numChanged();
    m_numChanged->setText(changed == 0 ? QString() : counted(changed, tr("%1 field changed"), tr("%1 fields changed")));
    m_fieldsPanel->setSubtitle(m_draft->originName().isEmpty() ? QString() : tr("from %1").arg(m_draft->originName()));
}

void SetupPage::showText()
{
    if (!m_draft)
        return;
    m_textPanel->setBadge(m_draft->originName().isEmpty() ? QString() : tr("against %1").arg(m_draft->originName()));
    if (m_textKind->current() == 1) {
        m_code->setReadOnly(true);
        m_code->setText(m_draft->resolvedText());
        return;
    }
    if (m_textKind->current() == 2) {
        m_code->setDiff(
            m_draft->originText().split(QLatin1Char('\n')), m_draft->resolvedText().split(QLatin1Char('\n')), true);
        return;
    }
    m_code->setReadOnly(false);
    if (m_code->text() != m_draft->text())
        m_code->setText(m_draft->text());
    const std::vector<Issue>& errors = m_draft->reading().errors;
    const auto placed = std::find_if(errors.begin(), errors.end(), [](const Issue& issue) { return issue.line > 0; });
    if (placed == errors.end())
        m_code->setErrorLine(0);
    else
        m_code->setErrorLine(placed->line, QString::fromStdString(toText(*placed)));
}

std::vector<CheckLine> SetupPage::checks() const
{
    std::vector<CheckLine> lines;
    for (const Issue& issue : m_draft->reading().errors) {
        const QString key = QString::fromStdString(issue.key);
        QString text = (key.isEmpty() ? QString() : key + QStringLiteral(": ")) + QString::fromStdString(issue.reason);
        if (!issue.remedy.empty())
            text += QStringLiteral("; ") + QString::fromStdString(issue.remedy);
        lines.push_back({State::Alarm, text, key});
    }
    for (const Issue& issue : m_draft->reading().notices)
        lines.push_back({State::Watch, QString::fromStdString(issue.reason), QString::fromStdString(issue.key)});
    if (!m_draft->notice().isEmpty())
        lines.push_back({State::Watch, m_draft->notice(), {}});
    if (!m_draft->ok())
        return lines;
    const RunConfig& config = m_draft->config();
    const Estimate& estimate = m_draft->estimate();
    lines.push_back(
        {State::Ok, tr("%1 heads divide width %2").arg(config.model.numHeads).arg(config.model.hiddenSize), {}});
    if (const auto k = config.routing.selector.settings.find("k"); k != config.routing.selector.settings.end())
        lines.push_back({State::Ok,
            tr("k = %1 of %2 experts").arg(settingText(k->second)).arg(numRoutedExperts(config.model)), {}});
    if (const double memory = availableMemory(); memory > 0) {
        const double wanted = estimate.memory.total() * static_cast<double>(config.parallel.ranks);
        lines.push_back({wanted > memory ? State::Watch : State::Ok,
            wanted > memory
                ? tr("needs %1, only %2 of memory are free").arg(numberText::bytes(wanted), numberText::bytes(memory))
                : tr("memory free %1").arg(numberText::bytes(memory)),
            {}});
    }
    if (const double disk = diskFree(); disk > 0)
        lines.push_back({estimate.diskBytes > disk ? State::Watch : State::Ok,
            estimate.diskBytes > disk ? tr("needs %1, only %2 of disk are free")
                                            .arg(numberText::bytes(estimate.diskBytes), numberText::bytes(disk))
                                      : tr("disk free %1").arg(numberText::bytes(disk)),
            {}});
    return lines;
}

void SetupPage::showEstimate()
{
    const Estimate& estimate = m_draft->estimate();
    const double speed =
        m_flopsPerSecond > 0 && estimate.flopsPerToken > 0 ? m_flopsPerSecond / estimate.flopsPerToken : 0;
    m_estimate->setEstimate(estimate, speed, availableMemory());
    m_estimate->setChecks(checks());
    m_estimatePanel->setSubtitle(counted(m_draft->config().parallel.ranks, tr("%1 rank, CPU"), tr("%1 ranks, CPU")));
    m_estimatePanel->setBadge(
        m_draft->ok() ? QString() : tr("of the last valid state"), m_draft->ok() ? State::None : State::Watch);
}

void SetupPage::showRouting()
{
    const Catalog& catalog = m_draft->catalog();
    const RoutingConfig& routing = m_draft->routing();
    const RecipeInfo* recipe = catalog.recipe(routing.recipe);
    m_cards->setCards(recipeCards(catalog, routing, recipe));
    m_traits->setChips(traitChips(catalog, routing, m_draft->reading().errors));
    if (m_recipe->count() != static_cast<int>(catalog.recipes.size())) {
        m_recipe->clear();
        for (const RecipeInfo& known : catalog.recipes)
            m_recipe->addItem(QString::fromStdString(known.id));
    }
    m_recipe->setCurrentIndex(m_recipe->findText(QString::fromStdString(routing.recipe)));
    if (!recipe)
        return;
    m_recipe->setToolTip(QString::fromStdString(recipe->summary));
    m_routingPanel->setSubtitle(
        tr("recipe %1: %2").arg(QString::fromStdString(recipe->id), QString::fromStdString(recipe->title)));
    m_routingPanel->setBadge(visibleLine(recipe->paper, 52));
    const QStringList changed = changedSlots(*recipe, routing, catalog);
    m_composed->setText(changed.isEmpty()
            ? tr("as %1 has it").arg(QString::fromStdString(recipe->id))
            : tr("%1 with another %2").arg(QString::fromStdString(recipe->id), changed.join(QStringLiteral(", "))));
}

void SetupPage::askForRecipeName(bool on)
{
    m_saveRecipe->setVisible(!on);
    m_recipeName->setVisible(on);
    m_keepRecipe->setVisible(on);
    if (on)
        m_recipeName->setFocus();
    m_routingPanel->setError({});
}

void SetupPage::saveRecipe()
{
    if (!m_draft)
        return;
    const Result<RecipeInfo> saved = saveOwnRecipe(m_recipeName->text(), m_draft->routing(), m_draft->catalog());
    if (!saved) {
        m_routingPanel->setError(QString::fromStdString(saved.error().text));
        return;
    }
    m_recipeName->clear();
    askForRecipeName(false);
    m_draft->adoptRecipe(*saved);
    showDraft();
}

void SetupPage::showField(const QString& key)
{
    if (!m_draft)
        return;
    m_shownField = key;
    m_cards->setSelected(key);
    if (const std::optional<Field> field = m_draft->field(key)) {
        const QVariant value = m_draft->value(key);
        Q_EMIT fieldShown(*field, key,
            value.typeId() == QMetaType::Bool ? (value.toBool() ? tr("yes") : tr("no")) : value.toString());
    }
}

}  // namespace moescope
