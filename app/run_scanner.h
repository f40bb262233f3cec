// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Finds runs: looks into the default place and the folders of the command line once a second, in a thread of its own.
#pragma once

#include <map>

#include <QObject>
#include <QStringList>
#include <QThread>
#include <QTimer>

#include "app/runs_model.h"

namespace moescope {

using RunRows = std::vector<RunRow>;

/// Lives in the scanner's thread. One scan reads what changed: run.json once, state.json each time. Of logs that nobody
/// follows the end is read at once, the rest a slice at a time, so that whoever opens a run does not wait for the list.
class ScanWorker : public QObject {
    Q_OBJECT

public:
    explicit ScanWorker(QStringList roots);

    void begin();  ///< in the worker's thread
    void addRoot(const QString& folder);
    void setWatched(const QStringList& folders);  ///< their logs are followed elsewhere
    void scan();

Q_SIGNALS:
    void scanned(const moescope::RunRows& rows);

private:
    struct Known {
        RunRow row;
        std::uint64_t digested = 0, read = 0;  ///< bytes of the log when its end, and all of it, were read
    };
    void readRow(const std::filesystem::path& folder, Known& known);
    void tell();
    void readLogs();
    bool digestOne();  ///< true when the end of a log was read
    /// A slice of the log whose curve is wanted next; true when there is more to read.
    bool readSlice();
    Known* wanted(const std::filesystem::path& folder);

    QStringList m_roots, m_watched;
    std::map<std::filesystem::path, Known> m_known;
    std::vector<std::filesystem::path> m_order;
    QTimer* m_timer = nullptr;
    QTimer* m_reader = nullptr;
    std::unique_ptr<RunStore> m_store;  ///< of m_storeFolder, read slice by slice
    std::filesystem::path m_storeFolder;
};

/// GUI thread: owns the thread and hands the rows to the model.
class RunScanner : public QObject {
    Q_OBJECT

public:
    RunScanner(const QStringList& roots, RunsModel& model, QObject* parent = nullptr);
    ~RunScanner() override;

    void addRoot(const QString& folder);
    void scanSoon();
    void setWatched(const QStringList& folders);

Q_SIGNALS:
    void scanned();

private:
    QThread m_thread;
    ScanWorker* m_worker;  ///< lives in m_thread, deleted there
};

}  // namespace moescope

Q_DECLARE_METATYPE(moescope::RunRows)
