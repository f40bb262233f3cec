// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/field_form.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QHBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "widgets/crisp.h"
#include "widgets/field_row.h"
#include "widgets/state_glyph.h"
#include "widgets/theme.h"

namespace moescope {

namespace {

constexpr int kGroupIndent = 6;
constexpr int kChangedRole = Qt::UserRole + 1, kErrorRole = Qt::UserRole + 2;

/// Group name with a dot when something in it was changed, a square when something is wrong.
class GroupDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QStyleOptionViewItem bold = option;
        bold.font.setWeight(option.state.testFlag(QStyle::State_Selected) ? QFont::DemiBold : QFont::Normal);
        bold.state &= ~QStyle::State_HasFocus;
        if (option.state.testFlag(QStyle::State_Selected))
            painter->fillRect(option.rect, currentTheme().selected);
        bold.rect.adjust(kGroupIndent, 0, 0, 0);
        QStyledItemDelegate::paint(painter, bold, index);
        if (option.state.testFlag(QStyle::State_HasFocus))
            crisp::frame(*painter, option.rect, currentTheme().accent);
        const QRectF mark(option.rect.right() - 18, option.rect.top(), 12, option.rect.height());
        const Theme& t = currentTheme();
        if (index.data(kErrorRole).toBool())
            paintState(*painter, mark, State::Alarm, t);
        else if (index.data(kChangedRole).toBool())
            paintMarker(*painter, mark.center(), 6, Marker::Disc, t.accent, t.base);
    }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width() + kGroupIndent + 24, metrics::control() + 2};
    }
};

bool sameShape(const FormField& a, const FormField& b)
{
    return a.key == b.key && a.group == b.group && a.label == b.label && a.type == b.type && a.unit == b.unit
        && a.choices == b.choices && a.minimum == b.minimum && a.maximum == b.maximum && a.fallback == b.fallback
        && a.advanced == b.advanced && a.help == b.help && a.readOnly == b.readOnly;
}

}  // namespace

FieldForm::FieldForm(QWidget* parent)
    : QWidget(parent)
    , m_groups(new QListWidget)
    , m_scroll(new QScrollArea)
{
    m_groups->setObjectName(QStringLiteral("fieldForm.groups"));
    m_groups->setAccessibleName(tr("Groups of fields"));
    m_groups->setItemDelegate(new GroupDelegate(m_groups));
    m_groups->setFrameShape(QFrame::NoFrame);
    m_groups->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setObjectName(QStringLiteral("fieldForm.scroll"));
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(0);
    line->addWidget(m_groups);
    line->addWidget(m_scroll, 1);
    connect(m_groups, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
        m_group = item ? item->text() : QString();
        applyFilter();
        m_scroll->verticalScrollBar()->setValue(0);
    });
}

void FieldForm::setFields(std::vector<FormField> fields)
{
    const bool same = std::equal(fields.begin(), fields.end(), m_fields.begin(), m_fields.end(), sameShape);
    m_fields = std::move(fields);
    if (!same)
        rebuild();
    for (const FormField& field : m_fields)
        m_rows[field.key]->setValue(field.value.isValid() ? field.value : field.fallback);
    updateGroups();
}

void FieldForm::rebuild()
{
    const QWidget* focus = m_scroll->isAncestorOf(QApplication::focusWidget()) ? QApplication::focusWidget() : nullptr;
    const QString focusKey = focus ? focus->objectName() : QString();
    const int place = m_scroll->verticalScrollBar()->value();
    auto* page = new QWidget;
    page->setBackgroundRole(QPalette::Base);
    page->setAutoFillBackground(true);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 4, 0, 4);
    column->setSpacing(0);
    qreal labelWidth = 60;
    for (const FormField& field : m_fields)
        labelWidth = std::max(labelWidth, crisp::textWidth(currentTheme().body, field.label));
    m_rows.clear();
    for (const FormField& field : m_fields) {
        auto* row = new FieldRow(field, int(std::ceil(labelWidth)) + 4);
        if (m_references.contains(field.key))
            row->setReference(m_references[field.key]);
        const QString key = field.key;
        connect(row, &FieldRow::edited, this, [this, key](const QVariant& value) {
            updateGroups();
            Q_EMIT valueChanged(key, value);
        });
        connect(row, &FieldRow::focused, this, [this, key] { Q_EMIT fieldFocused(key); });
        connect(row, &FieldRow::browseRequested, this, [this, key] { Q_EMIT browseRequested(key); });
        m_rows.insert(key, row);
        column->addWidget(row);
    }
    column->addStretch();
    m_scroll->setWidget(page);
    applyFilter();
    m_scroll->verticalScrollBar()->setValue(place);
    if (m_rows.contains(focusKey))
        m_rows[focusKey]->control()->setFocus();
}

void FieldForm::updateGroups()
{
    QStringList names;
    for (const FormField& field : m_fields) {
        if (!names.contains(field.group) && (m_advanced || !field.advanced))
            names << field.group;
    }
    QStringList shown;
    for (int i = 0; i < m_groups->count(); ++i)
        shown << m_groups->item(i)->text();
    if (shown != names) {
        const QString wanted = names.contains(m_group) ? m_group : names.value(0);
        m_groups->clear();
        m_groups->addItems(names);
        m_groups->setFixedWidth(std::max(88, m_groups->sizeHintForColumn(0) + 8));
        m_groups->setCurrentRow(int(names.indexOf(wanted)));
    }
    for (int i = 0; i < m_groups->count(); ++i) {
        QListWidgetItem* item = m_groups->item(i);
        bool changed = false, wrong = false;
        for (const FormField& field : m_fields) {
            if (field.group != item->text())
                continue;
            changed = changed || m_rows[field.key]->isChanged();
            wrong = wrong || m_rows[field.key]->hasError();
        }
        item->setData(kChangedRole, changed);
        item->setData(kErrorRole, wrong);
        const QString state = wrong ? tr("has an error") : changed ? tr("changed") : QString();
        item->setData(Qt::AccessibleDescriptionRole, state);
    }
}

void FieldForm::applyFilter()
{
    for (const FormField& field : m_fields) {
        FieldRow* one = m_rows[field.key];
        const bool wanted = m_filter.isEmpty() ? field.group == m_group : one->matches(m_filter);
        one->setVisible(
            wanted && (m_advanced || !field.advanced || one->isChanged() || one->hasError() || !m_filter.isEmpty()));
    }
}

FieldRow* FieldForm::row(const QString& key) const { return m_rows.value(key); }

void FieldForm::setValue(const QString& key, const QVariant& value)
{
    if (FieldRow* one = row(key))
        one->setValue(value);
    updateGroups();
}

QVariant FieldForm::value(const QString& key) const
{
    const FieldRow* one = row(key);
    return one ? one->value() : QVariant();
}

void FieldForm::setReference(const QString& key, const QVariant& value)
{
    m_references[key] = value;
    if (FieldRow* one = row(key))
        one->setReference(value);
    updateGroups();
}

bool FieldForm::isChanged(const QString& key) const
{
    const FieldRow* one = row(key);
    return one && one->isChanged();
}

int FieldForm::numChanged() const
{
    return int(std::count_if(m_rows.begin(), m_rows.end(), [](const FieldRow* one) { return one->isChanged(); }));
}

void FieldForm::setError(const QString& key, const QString& text)
{
    if (FieldRow* one = row(key))
        one->setError(text);
    updateGroups();
    applyFilter();
}

void FieldForm::setNote(const QString& key, const QString& text)
{
    if (FieldRow* one = row(key))
        one->setNote(text);
}

void FieldForm::clearErrors()
{
    for (FieldRow* one : std::as_const(m_rows))
        one->setError({});
    updateGroups();
}

int FieldForm::numErrors() const
{
    return int(std::count_if(m_rows.begin(), m_rows.end(), [](const FieldRow* one) { return one->hasError(); }));
}

void FieldForm::setFilter(const QString& text)
{
    m_filter = text.trimmed();
    m_groups->setEnabled(m_filter.isEmpty());
    applyFilter();
}

void FieldForm::setAdvancedVisible(bool on)
{
    m_advanced = on;
    updateGroups();
    applyFilter();
}

void FieldForm::setGroup(const QString& group)
{
    for (int i = 0; i < m_groups->count(); ++i) {
        if (m_groups->item(i)->text() == group)
            m_groups->setCurrentRow(i);
    }
}

void FieldForm::focusField(const QString& key)
{
    FieldRow* one = row(key);
    if (!one)
        return;
    setGroup(one->field().group);
    one->show();
    m_scroll->widget()->layout()->activate();
    m_scroll->ensureWidgetVisible(one);
    one->control()->setFocus();
}

QSize FieldForm::minimumSizeHint() const { return {300, 160}; }

}  // namespace moescope
