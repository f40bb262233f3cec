// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's only way to the engine: what it can do, starting and resuming runs, commands to them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>

#include "app/engine_process.h"
#include "app/run_view.h"
#include "engine/base/result.h"
#include "engine/control/command.h"

namespace moescope {

/// GUI thread. Nothing here waits: processes are asked by timer, files of commands are written by the thread pool.
class EngineLink : public QObject {
    Q_OBJECT

public:
    /// `engine` is the program; empty = `moescope-engine` beside this program.
    explicit EngineLink(std::filesystem::path engine = {}, QObject* parent = nullptr);
    ~EngineLink() override;

    static std::filesystem::path besideUs();
    const std::filesystem::path& engine() const { return m_engine; }
    QString missing() const;  ///< why no engine can be started; empty = it can

    /// Asks what the engine can do: `described` or `describeFailed` follows, at once when this build of the engine was
    /// asked before.
    void describe();

    /// Starts a run in a new folder. `configJson` is stored beside the log of the start, so that a failed start can be
    /// read later.
    Result<void> start(const QString& folder, const std::string& configJson);
    Result<void> resume(const QString& folder);
    /// A process of its own that trains what waits in a queue; it ends at once when there is one.
    Result<void> startQueue(const std::filesystem::path& queue);

    /// Puts a command into the run's inbox; `commandFailed` follows when that is impossible.
    void post(const RunView& run, Verb verb);

    static std::filesystem::path stateFolder();        ///< $XDG_STATE_HOME/moescope
    static QString newRunFolder(const QString& name);  ///< defaultRoot()/NAME-TIME, not there yet

Q_SIGNALS:
    void described(const QByteArray& json);
    void describeFailed(const QString& cause, const QString& tail);
    void started(const QString& folder, int pid);
    void ended(const QString& folder, int code, const QString& cause, const QString& tail);  ///< code 0: cause is empty
    void commandPosted(const QString& folder, const QString& verb);
    void commandFailed(const QString& folder, const QString& cause);

private:
    void describeFinished(int exitCode, QProcess::ExitStatus status);
    void askChildren();
    QString describeCache() const;
    Result<void> spawn(
        const QString& folder, const std::vector<std::string>& arguments, const std::filesystem::path& log);

    struct Child {
        QString folder;
        std::filesystem::path log;
    };
    std::filesystem::path m_engine;
    std::unique_ptr<QProcess> m_describe;
    QTimer m_describeLimit, m_children;
    std::map<int, Child> m_byPid;
};

}  // namespace moescope
