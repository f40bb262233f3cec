// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's view of the queue: what waits, what runs; adds, moves and removes. A process of its own works on it.
#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include <QObject>
#include <QThread>
#include <QTimer>

#include "engine/control/run_queue.h"

namespace moescope {

struct QueueState {
    std::vector<QueueEntry> running, waiting;
    bool workedOn = false;

    friend bool operator==(const QueueState&, const QueueState&) = default;
};

/// Lives in the link's thread: all that touches the disk.
class QueueWatch : public QObject {
    Q_OBJECT

public:
    explicit QueueWatch(std::filesystem::path folder);
    void begin();  ///< in its thread
    void refresh();
    /// `run`: the folder that the run should have; another entry's gets a number.
    void add(const QString& name, const QString& configJson, const QString& run);
    void move(const QString& id, int index);
    void remove(const QString& id);

Q_SIGNALS:
    void changed(const moescope::QueueState& state);
    void added(const QString& name);
    void failed(const QString& cause);
    void runFailed(const QString& name, const QString& cause);  ///< ended since we look

private:
    void lookAtDone(const RunQueue& queue);

    std::filesystem::path m_folder;
    QTimer* m_timer = nullptr;
    QueueState m_told;
    std::set<std::string> m_done;
    bool m_first = true;
};

/// GUI thread; answers come as signals.
class QueueLink : public QObject {
    Q_OBJECT

public:
    explicit QueueLink(std::filesystem::path folder, QObject* parent = nullptr);
    ~QueueLink() override;
    const QueueState& state() const { return m_state; }
    const std::filesystem::path& folder() const { return m_folder; }

    void add(const QString& name, const QString& configJson, const QString& run);
    void move(const QString& id, int index);
    void remove(const QString& id);

Q_SIGNALS:
    void changed();
    void added(const QString& name);
    void failed(const QString& cause);
    void runFailed(const QString& name, const QString& cause);

private:
    std::filesystem::path m_folder;
    QueueState m_state;
    QThread m_thread;
    QueueWatch* m_watch;  ///< lives in m_thread, deleted there
};

}  // namespace moescope

Q_DECLARE_METATYPE(moescope::QueueState)
