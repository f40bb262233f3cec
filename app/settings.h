// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the window remembers between two starts. A file that is corrupt or from a newer version is moved aside, with a
// notice.
#pragma once

#include <memory>

#include <QSettings>
#include <QString>

namespace moescope {

class Settings {
public:
    static constexpr int kVersion = 1;

    /// `file` empty = $XDG_CONFIG_HOME/moescope/moescope.ini
    explicit Settings(const QString& file = {});

    QSettings& store() { return *m_store; }
    QString notice() const { return m_notice; }  ///< what was moved aside and why; empty = nothing

    static QString defaultFile();

    /// A number from 1 on that stays with a run: its place in lists and its colour.
    int runNumber(const QString& runId);

private:
    QString m_notice;
    std::unique_ptr<QSettings> m_store;
};

}  // namespace moescope
