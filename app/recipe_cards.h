// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The routing recipe as a row of cards, scorer to hooks: part, settings, formula, paper. Parts are exchanged in their
// card; losses and hooks are added and removed there. A click opens the fields.
#pragma once

#include <vector>

#include <QWidget>

#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

class QComboBox;
class QMenu;
class QPushButton;

namespace moescope {

struct RecipeCard {
    struct Line {
        QString name, value;
        QString key;  ///< dotted, of the field; of a named part: of the part
        bool changed = false;
    };
    Slot slot = Slot::Scorer;
    QString title, part, formula, source;
    QString key;              ///< dotted, of the slot
    QString about;            ///< summary, formula, source
    QStringList choices;      ///< parts that are registered for the slot
    bool named = false;       ///< any number of parts, by name
    bool changed = false;     ///< not as in the recipe
    std::vector<Line> lines;  ///< settings; of a named slot its parts
};

/// `base`: the recipe that the routing started from; null = nothing counts as changed.
std::vector<RecipeCard> recipeCards(const Catalog& catalog, const RoutingConfig& routing, const RecipeInfo* base);

/// One card. Its choice is a combo box, or a button with a menu where there may be many parts.
class RecipeCardView : public QWidget {
    Q_OBJECT

public:
    RecipeCardView(const RecipeCard& card, QWidget* parent = nullptr);
    void setCard(const RecipeCard& card);
    const RecipeCard& card() const { return m_card; }
    void setSelected(bool on);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void clicked(const QString& key);
    void partChosen(const QString& part);
    void partAdded(const QString& part);
    void partRemoved(const QString& name);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void fillMenu();
    int firstLine() const;
    int footerTop() const;
    void paintLines(QPainter& painter) const;

    RecipeCard m_card;
    bool m_selected = false;
    QComboBox* m_choice = nullptr;
    QPushButton* m_parts = nullptr;
    QMenu* m_menu = nullptr;
};

class RecipeCards : public QWidget {
    Q_OBJECT

public:
    explicit RecipeCards(QWidget* parent = nullptr);
    void setCards(const std::vector<RecipeCard>& cards);
    void setSelected(const QString& key);  ///< of a card, or of something in it

Q_SIGNALS:
    void cardClicked(const QString& key);
    void partChosen(const QString& slotKey, const QString& part);
    void partAdded(moescope::Slot slot, const QString& part);
    void partRemoved(moescope::Slot slot, const QString& name);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<RecipeCardView*> m_views;
    QString m_selected;
};

}  // namespace moescope
