// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Follows the logs of the shown runs in a thread of its own and makes what the pages draw from them.
#pragma once

#include <memory>
#include <optional>

#include <QHash>
#include <QObject>
#include <QThread>

#include "app/frame.h"
#include "app/run_view.h"

namespace moescope {

class WatchWorker;

/// GUI thread; the work is done in its own thread, at most 10 times a second, only new bytes.
/// A frame that is asked for while one is being made replaces the one that waits: views skip frames, never points.
class RunWatcher : public QObject {
    Q_OBJECT

public:
    explicit RunWatcher(QObject* parent = nullptr);
    ~RunWatcher() override;

    void watch(const QString& folder);
    void forget(const QString& folder);
    bool watches(const QString& folder) const { return m_views.contains(folder); }
    RunViewPtr view(const QString& folder) const { return m_views.value(folder); }  ///< null until the first reading

    void requestFrame(const FrameRequest& request);

Q_SIGNALS:
    void viewChanged(const moescope::RunViewPtr& view);
    void frameReady(const moescope::FramePtr& frame);

private:
    void takeView(const RunViewPtr& view);
    void takeFrame(const FramePtr& frame);

    QThread m_thread;
    WatchWorker* m_worker;  ///< lives in m_thread, deleted there
    QHash<QString, RunViewPtr> m_views;
    std::optional<FrameRequest> m_waiting;
    bool m_making = false;
};

}  // namespace moescope
