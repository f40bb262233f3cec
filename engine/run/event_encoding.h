// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Records as TensorBoard Event messages. Knows which tags the file has introduced already.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/run/record.h"

namespace moescope {

/// The first record of every file.
void encodeFileVersion(double wallTime, std::string& out);

/// SessionLog START at `step`: TensorBoard drops what it has from that step on, and so does our reader.
void encodeSessionStart(double wallTime, std::int64_t step, std::string& out);

/// For one file. Not safe for two threads.
class EventEncoder {
public:
    void describe(TensorMeaning meaning);

    /// Appends the message. Tags that are new to the file get their metadata; they stay new until commit().
    void encode(const Record& record, std::string& out);

    /// What encode() wrote last is in the file.
    void commit();

private:
    std::string meaningJson(const std::string& tag) const;

    std::map<std::string, TensorMeaning, std::less<>> m_meanings;
    std::set<std::string, std::less<>> m_introduced;
    std::vector<std::string> m_pending;
};

}  // namespace moescope
