// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the routing does to training and evaluation, as a row of small labels: "leaks the future", "couples the batch",
// and what is wrong with it.
#pragma once

#include <vector>

#include <QWidget>

#include "engine/config/catalog.h"
#include "engine/config/read_config.h"
#include "engine/config/run_config.h"
#include "widgets/theme.h"

namespace moescope {

struct TraitChip {
    QString text;
    State state = State::None;
    QString about;
};

/// Traits of what is composed, and the errors about it first.
std::vector<TraitChip> traitChips(
    const Catalog& catalog, const RoutingConfig& routing, const std::vector<Issue>& errors);

class TraitChips : public QWidget {
    Q_OBJECT

public:
    explicit TraitChips(QWidget* parent = nullptr);
    void setChips(std::vector<TraitChip> chips);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;  ///< tooltips

private:
    std::vector<QRect> places(int width) const;

    std::vector<TraitChip> m_chips;
};

}  // namespace moescope
