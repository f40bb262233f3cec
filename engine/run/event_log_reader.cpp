// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "engine/run/event_decoding.h"
#include "engine/run/event_format.h"
#include "engine/run/event_log.h"
#include "engine/run/event_log_follower.h"

namespace moescope {
namespace {

template <class Number> std::vector<Number> numbersOf(std::string_view content)
{
    std::vector<Number> numbers(content.size() / sizeof(Number));
    if (!numbers.empty())
        std::memcpy(numbers.data(), content.data(), content.size());
    return numbers;
}

Record toRecord(const RawEvent& event)
{
    Record record;
    record.wallTime = event.wallTime;
    record.step = event.step;
    record.sessionStart = event.sessionStart;
    for (const RawValue& value : event.values) {
        if (value.kind == RawValue::Kind::Scalar)
            record.scalars.push_back({std::string(value.tag), value.scalar});
        if (value.kind == RawValue::Kind::Event)
            record.events.push_back({std::string(value.content)});
        if (value.kind != RawValue::Kind::Tensor)
            continue;
        TensorValue& tensor = record.tensors.emplace_back();
        tensor.tag = value.tag;
        tensor.shape.assign(value.sizes().begin(), value.sizes().end());
        if (value.isCount)
            tensor.data = numbersOf<std::int64_t>(value.content);
        else
            tensor.data = numbersOf<float>(value.content);
        if (value.meaning.empty())
            continue;
        if (auto meaning = parseMeaning(value.tag, value.meaning))
            record.meanings.push_back(std::move(*meaning));
    }
    return record;
}

}  // namespace

struct EventLogReader::Impl {
    EventLogFollower follower;
    RawEvent event;

    explicit Impl(std::filesystem::path run)
        : follower(std::move(run))
    {
    }
};

EventLogReader::EventLogReader(std::filesystem::path run)
    : m_impl(std::make_unique<Impl>(std::move(run)))
{
}

EventLogReader::EventLogReader(EventLogReader&&) noexcept = default;
EventLogReader& EventLogReader::operator=(EventLogReader&&) noexcept = default;
EventLogReader::~EventLogReader() = default;

Result<std::vector<Record>> EventLogReader::poll(std::size_t limit)
{
    std::vector<Record> records;
    const auto take = [&](std::span<const std::byte> payload, EventLogFollower::Place place) -> const char* {
        if (const char* wrong = decodeEvent(payload, m_impl->event))
            return wrong;
        if (const auto warning = versionWarning(m_impl->event.fileVersion))
            m_impl->follower.report(place.file, place.offset, *warning);
        if (m_impl->event.fileVersion.empty())
            records.push_back(toRecord(m_impl->event));
        return nullptr;
    };
    if (auto taken = m_impl->follower.poll(limit, take); !taken)
        return forward(taken);
    return records;
}

const std::vector<LogDamage>& EventLogReader::damages() const { return m_impl->follower.damages(); }
std::uint64_t EventLogReader::bytesRead() const { return m_impl->follower.bytesRead(); }
std::uint64_t EventLogReader::bytesKnown() const { return m_impl->follower.bytesKnown(); }

}  // namespace moescope
