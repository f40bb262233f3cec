// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_digest.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/file_system.h"
#include "engine/base/input_file.h"
#include "engine/run/event_decoding.h"
#include "engine/run/event_framing.h"
#include "engine/run/event_log_files.h"
#include "engine/run/json_file.h"

namespace moescope {
namespace {

struct LastValues {
    double languageModel = NAN, total = NAN, bitsPerByte = NAN;

    bool complete() const { return !std::isnan(languageModel) && !std::isnan(bitsPerByte); }
    void take(const RawEvent& event)
    {
        for (const RawValue& value : event.values) {
            if (value.kind != RawValue::Kind::Scalar)
                continue;
            if (value.tag == "loss/language_model")
                languageModel = value.scalar;
            else if (value.tag == "loss/total")
                total = value.scalar;
            else if (value.tag == "eval/bits_per_byte")
                bitsPerByte = value.scalar;
        }
    }
};

/// All whole records of a piece of a log that may begin in the middle of one.
LastValues lastValues(std::span<const std::byte> bytes)
{
    LastValues values;
    RawEvent event;
    while (bytes.size() >= kFrameHead) {
        const Frame frame = checkFrame(bytes);
        if (frame.state != FrameState::Whole) {
            bytes = bytes.subspan(1);
            continue;
        }
        if (decodeEvent(bytes.subspan(kFrameHead, frame.length), event) == nullptr)
            values.take(event);
        bytes = bytes.subspan(frame.size());
    }
    return values;
}

LastValues readLastValues(const std::filesystem::path& run)
{
    const auto files = listEventFiles(run);
    if (!files || files->empty())
        return {};
    const auto file = InputFile::open(files->back());
    if (!file)
        return {};
    const std::uint64_t size = file->size().value_or(0);
    LastValues values;
    for (const std::uint64_t window : {std::uint64_t{64} << 10, std::uint64_t{1} << 20, std::uint64_t{8} << 20}) {
        std::vector<std::byte> bytes(std::min(window, size));
        const auto read = file->readAt(size - bytes.size(), bytes);
        values = lastValues(std::span(bytes).first(read.value_or(0)));
        if (values.complete() || window >= size)
            break;
    }
    return values;
}

std::int64_t stepsOf(const std::filesystem::path& run)
{
    const auto config = readJsonFile(run / "config.json");
    const JsonNode* training = config ? config->find("training") : nullptr;
    const JsonNode* steps = training != nullptr ? training->find("steps") : nullptr;
    return steps != nullptr && steps->kind == JsonKind::Integer ? steps->integer : 0;
}

}  // namespace

bool isActive(RunState state)
{
    return state == RunState::Loading || state == RunState::Training || state == RunState::Holding
        || state == RunState::Stopping;
}

RunDigest digestRun(const std::filesystem::path& path, DigestLoss loss)
{
    RunDigest digest;
    digest.path = path;
    const auto run = RunFolder::open(FileSystem::real(), path);
    if (!run) {
        digest.problem = run.error().text;
        return digest;
    }
    digest.identity = run->identity();
    // The lock before the state: a process writes its last state before it lets go.
    digest.alive = run->isLocked();
    if (auto status = run->status())
        digest.status = std::move(*status);
    else
        digest.problem = status.error().text;
    digest.lost = !digest.alive && isActive(digest.status.state) && !run->isLocked();
    digest.state = digest.lost ? RunState::Failed : digest.status.state;
    digest.steps = stepsOf(path);
    if (loss == DigestLoss::Skip)
        return digest;
    const LastValues values = readLastValues(path);
    digest.loss = std::isnan(values.languageModel) ? values.total : values.languageModel;
    digest.bitsPerByte = values.bitsPerByte;
    return digest;
}

}  // namespace moescope
