// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QLocale>

namespace moescope::numberText {

namespace {

QString withRealMinus(QString text)
{
    text.replace(QLatin1Char('-'), QChar(0x2212));
    return text;
}

QString grouped(double value, int decimals)
{
    return withRealMinus(QLocale(QLocale::English, QLocale::UnitedStates).toString(value, 'f', decimals));
}

int decimalsFor(double magnitude, int digits)
{
    if (magnitude == 0)
        return 0;
    const int before = int(std::floor(std::log10(magnitude))) + 1;
    return std::clamp(digits - before, 0, 9);
}

/// 999.96 with three digits reads 1,000: the unit must rise with it.
double rounded(double value, int digits)
{
    if (value == 0)
        return 0;
    const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) + 1 - digits);
    return std::round(value / unit) * unit;
}

template <std::size_t N> QString scaled(double value, int digits, const std::array<const char*, N>& units)
{
    double magnitude = std::abs(rounded(value, digits));
    double divisor = 1;
    std::size_t unit = 0;
    while (magnitude / divisor >= 1000 && unit + 1 < N) {
        divisor *= 1000;
        ++unit;
    }
    const int decimals = unit == 0 && value == std::round(value) ? 0 : decimalsFor(magnitude / divisor, digits);
    QString text = grouped(value / divisor, decimals);
    if (units[unit][0] != 0)
        text += QChar(0x00a0) + QString::fromUtf8(units[unit]);
    return text;
}

QString two(qint64 large, const char* largeUnit, qint64 small, const char* smallUnit)
{
    QString text = count(large) + QChar(0x00a0) + QLatin1String(largeUnit);
    if (small > 0)
        text += QLatin1Char(' ') + count(small) + QChar(0x00a0) + QLatin1String(smallUnit);
    return text;
}

}  // namespace

QString missing() { return QStringLiteral("–"); }

QString count(std::int64_t value)
{
    return withRealMinus(QLocale(QLocale::English, QLocale::UnitedStates).toString(qlonglong(value)));
}

QString fixed(double value, int decimals)
{
    if (!std::isfinite(value))
        return missing();
    const double unit = std::pow(10.0, -decimals);
    return grouped(std::abs(value) < unit / 2 ? 0.0 : value, decimals);
}

QString signedFixed(double value, int decimals)
{
    const QString text = fixed(value, decimals);
    const bool positive = std::isfinite(value) && value >= std::pow(10.0, -decimals) / 2;
    return positive ? QLatin1Char('+') + text : text;
}

QString significant(double value, int digits)
{
    if (!std::isfinite(value))
        return missing();
    const double magnitude = std::abs(value);
    if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e7)) {
        const int exponent = int(std::floor(std::log10(std::abs(rounded(value, digits)))));
        const QString mantissa = grouped(value / std::pow(10.0, exponent), digits - 1);
        static constexpr std::array<char16_t, 10> raised{u'⁰', u'¹', u'²', u'³', u'⁴', u'⁵', u'⁶', u'⁷', u'⁸', u'⁹'};
        QString power = exponent < 0 ? QStringLiteral("⁻") : QString();
        const QString digitsText = QString::number(std::abs(exponent));
        for (const QChar digit : digitsText)
            power += QChar(raised[std::size_t(digit.digitValue())]);
        return mantissa + QStringLiteral(" × 10") + power;
    }
    return grouped(value, decimalsFor(std::abs(rounded(value, digits)), digits));
}

QString si(double value, int digits)
{
    if (!std::isfinite(value))
        return missing();
    return scaled(value, digits, std::array{"", "k", "M", "G", "T", "P"});
}

QString bytes(double value)
{
    if (!std::isfinite(value))
        return missing();
    return scaled(value, 3, std::array{"B", "kB", "MB", "GB", "TB", "PB"});
}

QString percent(double share, int decimals)
{
    const QString text = fixed(share * 100, decimals);
    return text == missing() ? text : text + QChar(0x00a0) + QLatin1Char('%');
}

QString duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return missing();
    if (seconds < 0.9995)
        return significant(seconds * 1000, 3) + QChar(0x00a0) + QLatin1String("ms");
    const auto whole = qint64(std::llround(seconds));
    if (seconds < 9.95 && seconds != std::round(seconds))
        return fixed(seconds, 1) + QChar(0x00a0) + QLatin1Char('s');
    if (whole < 60)
        return count(whole) + QChar(0x00a0) + QLatin1Char('s');
    if (whole < 600)
        return two(whole / 60, "min", whole % 60, "s");
    const qint64 minutes = (whole + 30) / 60;
    if (minutes < 60)
        return two(minutes, "min", 0, "");
    if (minutes < 24 * 60)
        return two(minutes / 60, "h", minutes % 60, "min");
    const qint64 hours = (minutes + 30) / 60;
    return two(hours / 24, "d", hours % 24, "h");
}

QString cell(double value)
{
    QString text = fixed(value, 2);
    if (text.startsWith(QStringLiteral("0.")))
        text.remove(0, 1);
    else if (text.startsWith(QStringLiteral("−0.")))
        text.remove(1, 1);
    return text == QStringLiteral(".00") ? QStringLiteral("0") : text;
}

}  // namespace moescope::numberText
