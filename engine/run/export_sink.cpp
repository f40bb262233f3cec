// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/export_sink.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace moescope {
namespace {

constexpr std::size_t kFlushBytes = 1 << 20;
constexpr std::size_t kMaxNameBytes = 200;

}  // namespace

ExportSink::ExportSink(FileSystem& files, std::filesystem::path folder)
    : m_files(files)
    , m_folder(std::move(folder))
{
}

ExportSink::~ExportSink()
{
    if (m_file)
        (void)m_files.remove(m_temporary);  // an export that failed leaves no half file
}

Result<void> ExportSink::begin(std::string_view tag, std::string_view ending)
{
    const std::string plain = fileNameOf(tag);
    std::string name = plain + std::string(ending);
    for (int n = 2; !m_names.insert(name).second; ++n)
        name = plain + "-" + std::to_string(n) + std::string(ending);
    m_target = m_folder / name;
    m_temporary = m_folder / temporaryName();
    m_result = {};
    auto file = m_files.create(m_temporary);
    if (!file)
        return forward(file);
    m_file = std::move(*file);
    return {};
}

void ExportSink::put(std::string_view text)
{
    m_buffer += text;
    if (m_buffer.size() >= kFlushBytes)
        flush();
}

void ExportSink::put(std::span<const std::byte> bytes)
{
    put(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void ExportSink::flush()
{
    if (m_result)
        m_result = m_file->write(std::as_bytes(std::span(m_buffer)));
    m_buffer.clear();
}

Result<void> ExportSink::end(std::size_t numRecords)
{
    flush();
    if (m_result)
        m_result = m_file->close();
    if (m_result)
        m_result = m_files.rename(m_temporary, m_target);
    if (!m_result)
        return m_result;
    m_file.reset();
    m_done.push_back({m_target, numRecords});
    return {};
}

std::string exportNumber(double value)
{
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value < 0 ? "-inf" : "inf";
    std::array<char, 64> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 17);
    return std::string(text.data(), end.ptr);
}

std::string csvCell(std::string_view text)
{
    std::string cell;
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
        cell += '\'';
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos)
        return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        quoted += c;
        if (c == '"')
            quoted += '"';
    }
    return quoted + '"';
}

std::string fileNameOf(std::string_view tag)
{
    std::string name(tag.substr(0, kMaxNameBytes));
    for (char& c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
            || c == '-' || c == '_';
        if (!plain)
            c = c == '/' ? '-' : '_';
    }
    if (name.empty() || name.front() == '.')
        name.insert(name.begin(), '_');
    return name;
}

ScalarRows::ScalarRows(const RunSnapshot& run)
{
    for (const auto& [tag, series] : run.scalars) {
        m_tags.push_back(tag);
        m_series.push_back(&series);
    }
    m_at.resize(m_tags.size());
    m_numbers.resize(m_tags.size());
    m_values.resize(m_tags.size());
}

bool ScalarRows::next()
{
    bool found = false;
    std::int64_t step = std::numeric_limits<std::int64_t>::max();
    for (std::size_t t = 0; t < m_series.size(); ++t) {
        if (m_at[t] == m_series[t]->size())
            continue;
        found = true;
        step = std::min(step, m_series[t]->step(m_at[t]));
    }
    m_step = step;
    m_wallTime = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t t = 0; t < m_series.size(); ++t) {
        const bool here = m_at[t] < m_series[t]->size() && m_series[t]->step(m_at[t]) == step;
        m_values[t] = here ? &m_numbers[t] : nullptr;
        if (!here)
            continue;
        m_numbers[t] = m_series[t]->value(m_at[t]);
        m_wallTime = std::isnan(m_wallTime) ? m_series[t]->wallTime(m_at[t]) : m_wallTime;
        ++m_at[t];
    }
    return found;
}

}  // namespace moescope
