// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The event-log reader over any bytes. The first byte chooses: the rest is a file as it lies on disk, or payloads (each
// with its length in two bytes) that get their checksums here, so that the fuzzer comes past them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/run/event_framing.h"
#include "engine/run/snapshot.h"
#include "tests/fuzz/scratch_folder.h"

using namespace moescope;

namespace {

std::string framed(std::string_view payloads)
{
    std::string file;
    while (payloads.size() >= 2) {
        const std::size_t length = static_cast<std::uint8_t>(payloads[0]) | static_cast<std::uint8_t>(payloads[1]) << 8;
        const std::string_view payload = payloads.substr(2, length);
        payloads.remove_prefix(2 + payload.size());
        std::string record;
        beginFrame(record);
        record += payload;
        endFrame(record);
        file += record;
    }
    return file;
}

void require(bool holds)
{
    if (!holds)
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    static const ScratchFolder folder("event-log");
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string bytes = (data[0] & 1) != 0 ? framed(rest) : std::string(rest);
    // A file that ends early is followed by one that goes on.
    folder.write("events.out.tfevents.0000000001.h.1.0", bytes);
    folder.write("events.out.tfevents.0000000002.h.1.1", std::string_view(bytes).substr(bytes.size() / 2));
    RunStore store(folder.path());
    while (store.poll(7).value_or(false)) { }
    const auto snapshot = store.snapshot();
    for (const auto& [tag, series] : snapshot->scalars) {
        std::size_t count = 0;
        for (const SeriesColumn& column : series.columns(0, 1e19, 13, XAxis::Step))
            count += column.count;
        require(count == series.size());
    }
    for (const auto& [tag, track] : snapshot->tensors) {
        require(track->values(track->size() - 1).has_value());
        (void)track->sum(0, track->step(track->size() - 1));
    }
    EventLogReader reader(folder.path());
    (void)reader.poll();
    return 0;
}
