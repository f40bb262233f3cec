// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The routing recipe as a row of cards, scorer to hooks: part, settings, formula. A click opens its fields.
#pragma once

#include <vector>

#include <QWidget>

#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

struct RecipeCard {
    QString slot, part, formula, key;  ///< key: dotted, of the part
    QString about;                     ///< summary, formula, source
    std::vector<std::pair<QString, QString>> settings;
};

std::vector<RecipeCard> recipeCards(const Catalog& catalog, const RoutingConfig& routing);

class RecipeCards : public QWidget {
    Q_OBJECT

public:
    explicit RecipeCards(QWidget* parent = nullptr);
    void setCards(std::vector<RecipeCard> cards);
    void setSelected(const QString& key);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cardClicked(const QString& key);

protected:
    bool event(QEvent* event) override;  ///< tooltips
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRect cardRect(std::size_t index) const;
    void paintCard(QPainter& painter, const QRect& rect, const RecipeCard& card, bool selected) const;

    std::vector<RecipeCard> m_cards;
    QString m_selected;
};

}  // namespace moescope
