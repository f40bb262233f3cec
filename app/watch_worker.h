// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The watcher's half that may block: reads run folders and makes frames. Lives in the watcher's thread.
#pragma once

#include <map>
#include <memory>

#include <QObject>
#include <QTimer>

#include "app/frame.h"
#include "app/run_view.h"

namespace moescope {

/// One run as the worker follows it.
struct WatchedRun {
    std::optional<RunFolder> folder;
    std::unique_ptr<RunStore> store;
    std::shared_ptr<RunView> last;  ///< what was told
    std::string configJson;
    RunFacts facts;
};

/// Opens a run for reading: identity, facts, store. The error names folder, cause and remedy.
Result<WatchedRun> openRun(const QString& folder);

/// Takes in what is new, all of it or at most `maxRecords`. Null when nothing changed.
RunViewPtr refresh(WatchedRun& run, const QString& folder, std::size_t maxRecords);

class WatchWorker : public QObject {
    Q_OBJECT

public:
    WatchWorker();

    void begin();  ///< in the worker's thread
    void watch(const QString& folder);
    void forget(const QString& folder);
    void make(const FrameRequest& request);

Q_SIGNALS:
    void viewRead(const moescope::RunViewPtr& view);
    void frameMade(const moescope::FramePtr& frame);

private:
    void poll();

    QTimer* m_timer = nullptr;
    std::map<QString, WatchedRun> m_runs;
    FrameMaker m_maker;
};

}  // namespace moescope
