// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/figure.h"

#include <algorithm>
#include <cmath>

#include <QLocale>

namespace moescope {

namespace {

QString quoted(const QString& cell)
{
    static const QString special = QStringLiteral(",\"\n\r");
    const bool plain = std::none_of(cell.begin(), cell.end(), [](QChar c) { return special.contains(c); });
    if (plain)
        return cell;
    QString inside = cell;
    return QLatin1Char('"') + inside.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

QString flattened(QString cell)
{
    return cell.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

}  // namespace

TableWriter::TableWriter(TableFormat format, const QStringList& header)
    : m_format(format)
{
    row(header);
    if (format == TableFormat::Markdown)
        m_text += QLatin1Char('|') + QStringLiteral("---|").repeated(header.size()) + QLatin1Char('\n');
}

void TableWriter::row(const QStringList& cells)
{
    if (m_format == TableFormat::Markdown)
        m_text += QLatin1Char('|');
    for (qsizetype i = 0; i < cells.size(); ++i) {
        switch (m_format) {
        case TableFormat::Csv:
            m_text += (i > 0 ? QStringLiteral(",") : QString()) + quoted(cells[i]);
            break;
        case TableFormat::Tabs:
            m_text += (i > 0 ? QStringLiteral("\t") : QString()) + flattened(cells[i]);
            break;
        case TableFormat::Markdown:
            m_text += QLatin1Char(' ') + flattened(cells[i]).replace(QLatin1Char('|'), QStringLiteral("\\|"))
                + QStringLiteral(" |");
            break;
        }
    }
    m_text += QLatin1Char('\n');
}

QString TableWriter::number(double value)
{
    if (std::isnan(value))
        return QStringLiteral("nan");
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("inf") : QStringLiteral("-inf");
    return QString::number(value, 'g', QLocale::FloatingPointShortest);
}

}  // namespace moescope
