// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Set-up: what will run, does it fit? Origin, routing recipe, fields by group, estimate and checks, the same as text.
#pragma once

#include <memory>

#include "app/estimate_view.h"
#include "app/inspector_content.h"
#include "app/pages/page.h"
#include "app/setup_draft.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace moescope {

class CodeView;
class FieldForm;
class RecipeCards;
class RunsModel;
class SegmentBar;
class TraitChips;

class SetupPage : public Page {
    Q_OBJECT

public:
    SetupPage(Selection& selection, RunsModel& runs, QWidget* parent = nullptr);
    std::vector<Panel*> panels() const override { return {}; }

    void setCatalog(Catalog catalog);  ///< the engine has described itself
    void setEngineFailed(const QString& cause);
    bool loadPreset(const QString& name);  ///< false when there is no such preset
    void loadText(const QString& json, const QString& originName);
    void loadFile(const QString& file);  ///< a configuration; what is wrong with the file stands over the text
    void setMeasuredSpeed(double flopsPerSecond);  ///< of runs on this machine

    const SetupDraft* draft() const { return m_draft.get(); }
    QString whyNotStart() const;  ///< empty = Start can act
    QString runName() const;
    void showInspected();  ///< tells the inspector again: the focused field, or the run as a whole

Q_SIGNALS:
    void changed();  ///< whyNotStart may have another answer
    void fieldShown(const moescope::Field& field, const QString& key, const QString& value);
    void setupShown(const moescope::InspectorContent& content);
    void copyFromRunWanted(const QString& folder);
    void queueWanted();

private:
    void refresh() override { }
    void askForFile();
    void showDraft();
    void showWaiting();
    void showForm();
    void showText();
    void showEstimate();
    void showRouting();
    void showField(const QString& key);
    std::vector<CheckLine> checks() const;
    QWidget* makeOptions(RunsModel& runs);
    QWidget* makeRouting();
    QWidget* makeRecipeRow();
    void connectCards();
    void askForRecipeName(bool on);
    void saveRecipe();
    QWidget* makeFields();
    QWidget* makeSide();
    void resizeEvent(QResizeEvent* event) override;
    void placeSide();

    std::unique_ptr<SetupDraft> m_draft;
    QString m_engineFailure, m_pendingText, m_pendingOrigin;
    double m_flopsPerSecond = 0;
    QString m_shownField;
    QString m_rowsKey;  ///< keys of the form's rows, to see when it must be rebuilt

    QComboBox *m_origin, *m_preset;
    QComboBox* m_recipe;
    QLineEdit* m_recipeName;
    QPushButton *m_saveRecipe, *m_keepRecipe, *m_toQueue;
    QLabel *m_numChanged, *m_composed;
    TraitChips* m_traits;
    RecipeCards* m_cards;
    FieldForm* m_form;
    EstimateView* m_estimate;
    CodeView* m_code;
    SegmentBar *m_textKind, *m_sideKind;
    Panel *m_routingPanel, *m_fieldsPanel, *m_estimatePanel, *m_textPanel;
};

}  // namespace moescope
