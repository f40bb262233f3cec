// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace moescope {
namespace {

/// Why the file cannot be used; empty = it can, or it is not there.
QString whyUnusable(const QString& file)
{
    if (!QFileInfo::exists(file) || QFileInfo(file).size() == 0)
        return {};
    const QSettings settings(file, QSettings::IniFormat);
    bool number = false;
    const int version = settings.value(QStringLiteral("version")).toInt(&number);
    if (settings.status() != QSettings::NoError || !number || version < 1)
        return QCoreApplication::translate("Settings", "it is corrupt");
    if (version > Settings::kVersion)
        return QCoreApplication::translate("Settings", "a newer version (%1) wrote it").arg(version);
    return {};
}

}  // namespace

QString Settings::defaultFile()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation)
        + QStringLiteral("/moescope/moescope.ini");
}

Settings::Settings(const QString& file)
{
    const QString path = file.isEmpty() ? defaultFile() : file;
    QDir().mkpath(QFileInfo(path).path());
    if (const QString why = whyUnusable(path); !why.isEmpty()) {
        const QString wanted =
            path + QStringLiteral(".aside-") + QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
        QString aside = wanted;
        for (int n = 2; QFileInfo::exists(aside); ++n)
            aside = wanted + QLatin1Char('-') + QString::number(n);
        if (QFile::rename(path, aside))
            m_notice = QCoreApplication::translate(
                "Settings", "Settings start from their defaults: %1 was moved to %2, because %3.")
                           .arg(path, QFileInfo(aside).fileName(), why);
        else
            m_notice = QCoreApplication::translate(
                "Settings", "Settings are not kept: %1 cannot be used (%2) nor moved aside.")
                           .arg(path, why);
    }
    m_store = std::make_unique<QSettings>(path, QSettings::IniFormat);
    if (!m_store->contains(QStringLiteral("version")))
        m_store->setValue(QStringLiteral("version"), kVersion);
}

int Settings::runNumber(const QString& runId)
{
    const QString key = QStringLiteral("run_numbers/") + runId;
    if (const int known = m_store->value(key).toInt(); known > 0)
        return known;
    const int next = m_store->value(QStringLiteral("next_run_number"), 1).toInt();
    m_store->setValue(key, std::max(1, next));
    m_store->setValue(QStringLiteral("next_run_number"), std::max(1, next) + 1);
    return std::max(1, next);
}

}  // namespace moescope
