// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/setting_value.h"

#include <cmath>

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include "widgets/number_text.h"

namespace moescope {
namespace {

template <class... Cases> struct Visit : Cases... {
    using Cases::operator()...;
};
template <class... Cases> Visit(Cases...) -> Visit<Cases...>;

}  // namespace

QString settingText(const Value& value)
{
    return std::visit(
        Visit{[](bool on) {
                  return on ? QCoreApplication::translate("Settings", "yes")
                            : QCoreApplication::translate("Settings", "no");
              },
            [](std::int64_t number) { return QString::number(number); },
            [](double number) { return QString::number(number, 'g', QLocale::FloatingPointShortest); },
            [](const std::string& text) { return text.empty() ? numberText::missing() : QString::fromStdString(text); },
            [](const std::vector<std::int64_t>& list) {
                QStringList texts;
                for (const std::int64_t number : list)
                    texts << QString::number(number);
                return texts.isEmpty() ? numberText::missing() : texts.join(QStringLiteral(", "));
            }},
        value);
}

QString boundText(double bound)
{
    if (!std::isfinite(bound))
        return QString();
    if (bound == std::floor(bound) && std::fabs(bound) < 1e15)
        return numberText::count(static_cast<std::int64_t>(bound));
    return QString::number(bound, 'g', 6);
}

QVariant settingVariant(const Value& value)
{
    return std::visit(Visit{[](bool on) { return QVariant(on); },
                          [](std::int64_t number) { return QVariant(static_cast<qint64>(number)); },
                          [](double number) { return QVariant(number); },
                          [](const std::string& text) { return QVariant(QString::fromStdString(text)); },
                          [](const std::vector<std::int64_t>& list) {
                              QVariantList all;
                              for (const std::int64_t number : list)
                                  all << static_cast<qint64>(number);
                              return QVariant(all);
                          }},
        value);
}

FormField formField(const Field& field, const QString& key, const QString& group, const Value& value)
{
    FormField row;
    row.key = key;
    row.group = group;
    row.label = QString::fromStdString(field.label);
    row.type = static_cast<FormType>(field.type);
    row.unit = QString::fromStdString(field.unit);
    if (std::isfinite(field.minimum))
        row.minimum = field.minimum;
    if (std::isfinite(field.maximum))
        row.maximum = field.maximum;
    row.fallback = settingVariant(field.fallback);
    row.value = settingVariant(value);
    for (const std::string& choice : field.choices)
        row.choices << QString::fromStdString(choice);
    row.help = QString::fromStdString(field.help);
    row.advanced = field.advanced;
    return row;
}

static_assert(static_cast<int>(FieldType::Switch) == static_cast<int>(FormType::Switch));
static_assert(static_cast<int>(FieldType::IntegerList) == static_cast<int>(FormType::IntegerList));

}  // namespace moescope
