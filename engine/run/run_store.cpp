// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/base/json_text.h"
#include "engine/base/utf8.h"
#include "engine/run/event_decoding.h"
#include "engine/run/event_format.h"
#include "engine/run/event_log_follower.h"
#include "engine/run/snapshot.h"
#include "engine/run/tensor_track.h"

namespace moescope {
namespace {

constexpr std::size_t kMaxTags = 100'000;
constexpr std::size_t kMaxEvents = 100'000;
constexpr std::size_t kMaxEventBytes = 64u << 10;
constexpr std::string_view kTokensTag = "progress/tokens";

struct ScalarTrack {
    Series live, rolledBack;
};

/// The one number of `progress/tokens`, or NaN.
double tokensOf(const RawEvent& event)
{
    for (const RawValue& value : event.values) {
        if (value.kind != RawValue::Kind::Tensor || !value.isCount || value.tag != kTokensTag)
            continue;
        std::int64_t tokens = 0;
        if (value.content.size() != sizeof tokens)
            continue;
        std::memcpy(&tokens, value.content.data(), sizeof tokens);
        return static_cast<double>(tokens);
    }
    return std::numeric_limits<double>::quiet_NaN();
}

bool hasNumbers(const RawEvent& event)
{
    return std::ranges::any_of(event.values,
        [](const RawValue& v) { return v.kind == RawValue::Kind::Scalar || v.kind == RawValue::Kind::Tensor; });
}

}  // namespace

struct RunStore::Impl {
    EventLogFollower follower;
    RawEvent event;
    std::map<std::string, ScalarTrack, std::less<>> scalars;
    std::map<std::string, TensorTrackBuilder, std::less<>> tensors;
    /// The track of the i-th value of the record before: the next one mostly brings the same tags in the same order.
    struct Expected {
        const std::string* tag = nullptr;
        ScalarTrack* scalar = nullptr;
        TensorTrackBuilder* tensor = nullptr;
    };
    std::vector<Expected> expected;
    std::shared_ptr<SeriesAxes> axes;
    std::vector<RunEvent> events;
    std::vector<Segment> segments;
    EventFiles files = std::make_shared<std::vector<std::filesystem::path>>();
    std::size_t currentFile = std::numeric_limits<std::size_t>::max();
    bool segmentBegun = false;  ///< the current file has its segment
    bool segmentHasNumbers = false;
    std::int64_t lastStep = 0;
    double lastWallTime = 0, tokens = std::numeric_limits<double>::quiet_NaN();
    mutable std::shared_ptr<const RunSnapshot> cached;

    explicit Impl(std::filesystem::path run)
        : follower(std::move(run))
    {
    }

    const char* take(std::span<const std::byte> payload, EventLogFollower::Place place);
    void beginSegment();
    void placeInSegment();
    void rollBack(std::int64_t fromStep);
    const char* takeScalar(std::size_t position, const RawValue& value);
    const char* takeTensor(std::size_t position, const RawValue& value, TensorPlace place);
    const char* takeEvent(const RawValue& value);
    const char* refuseTag(std::string_view tag) const;
};

const char* RunStore::Impl::take(std::span<const std::byte> payload, EventLogFollower::Place place)
{
    if (files->size() != follower.files().size())
        files = std::make_shared<std::vector<std::filesystem::path>>(follower.files());
    if (place.file != currentFile) {
        currentFile = place.file;
        segmentBegun = false;
    }
    if (const char* wrong = decodeEvent(payload, event))
        return wrong;
    if (const auto warning = versionWarning(event.fileVersion))
        follower.report(place.file, place.offset, *warning);
    if (!event.fileVersion.empty())
        return nullptr;
    if (!axes)
        axes = std::make_shared<SeriesAxes>(event.wallTime);
    if (event.sessionStart) {
        beginSegment();
        return nullptr;
    }
    placeInSegment();
    if (const double seen = tokensOf(event); !std::isnan(seen))
        tokens = seen;
    if (expected.size() < event.values.size())
        expected.resize(event.values.size());
    const auto offsetOf = [&](const RawValue& value) {
        const char* begin = reinterpret_cast<const char*>(payload.data());
        return place.offset + (value.content.empty() ? 0 : static_cast<std::uint64_t>(value.content.data() - begin));
    };
    const char* wrong = nullptr;
    for (std::size_t i = 0; i < event.values.size(); ++i) {
        const RawValue& value = event.values[i];
        const char* problem = nullptr;
        if (value.kind == RawValue::Kind::Scalar)
            problem = takeScalar(i, value);
        else if (value.kind == RawValue::Kind::Tensor)
            problem = takeTensor(i, value, {place.file, offsetOf(value)});
        else if (value.kind == RawValue::Kind::Event)
            problem = takeEvent(value);
        wrong = wrong != nullptr ? wrong : problem;
    }
    lastWallTime = event.wallTime;
    return wrong;
}

void RunStore::Impl::beginSegment()
{
    segmentBegun = true;
    segmentHasNumbers = false;
    const std::int64_t first = std::max<std::int64_t>(event.step, 1);
    segments.push_back({first, first - 1, event.wallTime, 0});
}

/// A file without a session's start begins its segment with its first record. The first numbers of a segment replace
/// what earlier ones have from its first step on: a process that dies before has rolled nothing back.
void RunStore::Impl::placeInSegment()
{
    if (!segmentBegun)
        beginSegment();
    if (!hasNumbers(event))
        return;
    Segment& segment = segments.back();
    if (!segmentHasNumbers) {
        segmentHasNumbers = true;
        segment.firstStep = std::min(segment.firstStep, event.step);
        if (segment.firstStep <= lastStep)
            rollBack(segment.firstStep);
    }
    segment.lastStep = std::max(segment.lastStep, event.step);
    lastStep = std::max(lastStep, event.step);
}

void RunStore::Impl::rollBack(std::int64_t fromStep)
{
    for (auto& [tag, track] : scalars)
        track.live.rollBack(fromStep, &track.rolledBack);
    for (auto& [tag, track] : tensors)
        track.rollBack(fromStep, files);
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        Segment& earlier = segments[i];
        if (earlier.lastStep >= fromStep && (earlier.rolledBackFrom == 0 || earlier.rolledBackFrom > fromStep))
            earlier.rolledBackFrom = fromStep;
    }
    lastStep = fromStep - 1;
    tokens = std::numeric_limits<double>::quiet_NaN();
}

const char* RunStore::Impl::refuseTag(std::string_view tag) const
{
    if (scalars.size() + tensors.size() >= kMaxTags)
        return "more than 100,000 tags; the rest is left out";
    return printable(tag) == tag ? nullptr : "a tag holds control characters or is no UTF-8";
}

const char* RunStore::Impl::takeScalar(std::size_t position, const RawValue& value)
{
    Expected& known = expected[position];
    if (known.scalar == nullptr || *known.tag != value.tag) {
        auto found = scalars.find(value.tag);
        if (found == scalars.end()) {
            if (const char* wrong = refuseTag(value.tag))
                return wrong;
            found = scalars.emplace(std::string(value.tag), ScalarTrack{Series(axes), Series(axes)}).first;
        }
        known = {&found->first, &found->second, nullptr};
    }
    known.scalar->live.append(event.step, value.scalar, event.wallTime, tokens, &known.scalar->rolledBack);
    return nullptr;
}

const char* RunStore::Impl::takeTensor(std::size_t position, const RawValue& value, TensorPlace place)
{
    std::optional<TensorMeaning> meaning;
    if (!value.meaning.empty())
        meaning = parseMeaning(value.tag, value.meaning);
    Expected& known = expected[position];
    if (known.tensor == nullptr || *known.tag != value.tag) {
        auto found = tensors.find(value.tag);
        if (found == tensors.end()) {
            if (const char* wrong = refuseTag(value.tag))
                return wrong;
            const TensorMeaning bare = {std::string(value.tag), {}, {}};
            found = tensors.emplace(std::string(value.tag), TensorTrackBuilder(meaning.value_or(bare), value)).first;
        }
        known = {&found->first, nullptr, &found->second};
    }
    if (meaning)
        known.tensor->setMeaning(std::move(*meaning));
    return known.tensor->append(event.step, value, place, files);
}

const char* RunStore::Impl::takeEvent(const RawValue& value)
{
    if (value.content.size() > kMaxEventBytes)
        return "the text of an event is longer than 64 KiB";
    if (events.size() >= kMaxEvents)
        return "more than 100,000 events; the rest is left out";
    const JsonReading reading = readJsonText(value.content);
    const JsonNode* kind = reading.root.find("kind");
    if (!reading.complete || kind == nullptr || kind->kind != JsonKind::Text)
        return "the text of an event is no JSON object with a kind";
    events.push_back(
        {event.step, event.wallTime, printable(kind->text), std::string(value.content), segments.size() - 1});
    return nullptr;
}

RunStore::RunStore(std::filesystem::path run)
    : m_impl(std::make_unique<Impl>(std::move(run)))
{
}
RunStore::~RunStore() = default;
RunStore::RunStore(RunStore&&) noexcept = default;
RunStore& RunStore::operator=(RunStore&&) noexcept = default;

Result<bool> RunStore::poll(std::size_t maxRecords)
{
    const std::size_t numDamages = m_impl->follower.damages().size();
    const auto taken =
        m_impl->follower.poll(maxRecords, [this](std::span<const std::byte> payload, EventLogFollower::Place place) {
            return m_impl->take(payload, place);
        });
    const bool isNew = (taken && *taken > 0) || m_impl->follower.damages().size() != numDamages;
    if (isNew || (m_impl->cached && m_impl->cached->bytesKnown != m_impl->follower.bytesKnown()))
        m_impl->cached = nullptr;
    if (!taken)
        return forward(taken);
    return isNew;
}

std::shared_ptr<const RunSnapshot> RunStore::snapshot() const
{
    if (m_impl->cached)
        return m_impl->cached;
    auto snapshot = std::make_shared<RunSnapshot>();
    for (const auto& [tag, track] : m_impl->scalars) {
        if (!track.live.empty())
            snapshot->scalars.emplace_hint(snapshot->scalars.end(), tag, track.live);
        if (!track.rolledBack.empty())
            snapshot->rolledBack.emplace_hint(snapshot->rolledBack.end(), tag, track.rolledBack);
    }
    for (auto& [tag, track] : m_impl->tensors) {
        if (track.size() > 0)
            snapshot->tensors.emplace_hint(snapshot->tensors.end(), tag, track.view(m_impl->files));
    }
    snapshot->events = m_impl->events;
    snapshot->segments = m_impl->segments;
    snapshot->damages = m_impl->follower.damages();
    snapshot->lastStep = m_impl->lastStep;
    snapshot->lastWallTime = m_impl->lastWallTime;
    snapshot->bytesRead = m_impl->follower.bytesRead();
    snapshot->bytesKnown = m_impl->follower.bytesKnown();
    m_impl->cached = snapshot;
    return snapshot;
}

const Series* RunSnapshot::scalar(std::string_view tag) const
{
    const auto found = scalars.find(tag);
    return found == scalars.end() ? nullptr : &found->second;
}

const TensorTrack* RunSnapshot::tensor(std::string_view tag) const
{
    const auto found = tensors.find(tag);
    return found == tensors.end() ? nullptr : found->second.get();
}

}  // namespace moescope
