// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/record_merging.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

namespace moescope {

namespace {

std::string textOf(const nlohmann::json& json)
{
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool addUp(TensorValue& sum, const TensorValue& value)
{
    if (sum.shape != value.shape || sum.data.index() != value.data.index())
        return false;
    std::visit(
        [&](auto& into) {
            const auto& from = std::get<std::remove_reference_t<decltype(into)>>(value.data);
            std::transform(into.begin(), into.end(), from.begin(), into.begin(), std::plus<>());
        },
        sum.data);
    return true;
}

}  // namespace

void mergeInto(Record& merged, Record next, const std::set<std::string>& sums)
{
    merged.step = next.step;
    merged.wallTime = next.wallTime;
    for (ScalarValue& scalar : next.scalars) {
        const auto same = std::ranges::find(merged.scalars, scalar.tag, &ScalarValue::tag);
        if (same == merged.scalars.end())
            merged.scalars.push_back(std::move(scalar));
        else
            same->value = scalar.value;
    }
    for (TensorValue& tensor : next.tensors) {
        const auto same = std::ranges::find(merged.tensors, tensor.tag, &TensorValue::tag);
        if (same == merged.tensors.end())
            merged.tensors.push_back(std::move(tensor));
        else if (!sums.contains(tensor.tag) || !addUp(*same, tensor))
            *same = std::move(tensor);
    }
    std::ranges::move(next.events, std::back_inserter(merged.events));
}

std::size_t sizeOf(const Record& record)
{
    std::size_t bytes = sizeof(Record);
    for (const ScalarValue& scalar : record.scalars)
        bytes += sizeof(ScalarValue) + scalar.tag.capacity();
    for (const TensorValue& tensor : record.tensors)
        bytes += sizeof(TensorValue) + tensor.tag.capacity()
            + std::visit([](const auto& data) { return data.size() * sizeof(data[0]); }, tensor.data);
    for (const EventText& event : record.events)
        bytes += sizeof(EventText) + event.json.capacity();
    return bytes;
}

EventText gapEvent(double time, std::int64_t from, std::int64_t to, std::int64_t records, const std::string& reason)
{
    return {textOf(
        {{"kind", "gap"}, {"time", time}, {"from", from}, {"to", to}, {"records", records}, {"reason", reason}})};
}

EventText noticeEvent(double time, const std::string& text)
{
    return {textOf({{"kind", "notice"}, {"time", time}, {"text", text}})};
}

}  // namespace moescope
