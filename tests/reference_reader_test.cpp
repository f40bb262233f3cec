// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Other people's readers on our files: TensorBoard's own package and Python's safetensors and NumPy.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/event_log.h"
#include "engine/run/export.h"
#include "engine/run/run_folder.h"
#include "engine/run/safetensors.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;

namespace {

constexpr const char* kTensorBoardScript = R"(
import json, sys, math
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator as PluginAccumulator
folder, expected = sys.argv[1], json.load(open(sys.argv[2]))
events = EventAccumulator(folder, size_guidance={'scalars': 0, 'tensors': 0})
events.Reload()
assert sorted(events.Tags()['scalars']) == sorted(expected), events.Tags()['scalars']
for tag, points in expected.items():
    found = [(e.step, e.value) for e in events.Scalars(tag)]
    wanted = [(s, float(v)) for s, v in points]
    assert len(found) == len(wanted), (tag, len(found), len(wanted))
    for f, w in zip(found, wanted):
        assert f[0] == w[0] and (f[1] == w[1] or (math.isnan(f[1]) and math.isnan(w[1]))), (tag, f, w)
plugins = PluginAccumulator(folder, size_guidance={'tensors': 0})
plugins.Reload()
from tensorboard.util import tensor_util
load = plugins.Tensors('load/assigned')
assert [e.step for e in load] == list(range(1, 51)), [e.step for e in load]
assert tensor_util.make_ndarray(load[4].tensor_proto).tolist() == [[5, 1], [0, 2]]
meta = plugins.SummaryMetadata('load/assigned')
assert json.loads(meta.plugin_data.content) == {'name': 'load/assigned', 'dimensions': ['layer', 'expert'], 'units': 'assignments'}
assert plugins.PluginTagToContent('text').keys() == {'run/event'}
assert json.loads(plugins.Tensors('run/event')[0].tensor_proto.string_val[0])['kind'] == 'state'
)";

constexpr const char* kSafetensorsScript = R"(
import sys, numpy
from safetensors import safe_open
with safe_open(sys.argv[1], framework='numpy') as f:
    assert f.metadata() == {'format': 'pt'}, f.metadata()
    assert sorted(f.keys()) == ['a', 'b', 'empty'], f.keys()
    assert f.get_tensor('a').tolist() == [[1.5, 2.5, 3.5]] and f.get_tensor('a').dtype == numpy.float32
    assert f.get_tensor('b').tolist() == [-7, 9] and f.get_tensor('b').dtype == numpy.int64
    assert f.get_tensor('empty').shape == (0, 4)
)";

constexpr const char* kNumpyScript = R"(
import sys, numpy
loss = numpy.load(sys.argv[1] + '/loss-total.npy')
assert loss.shape == (50, 2) and loss[49, 0] == 50, loss.shape
load = numpy.load(sys.argv[1] + '/load-assigned.npy')
assert load.shape == (50, 2, 2) and load[4].tolist() == [[5, 1], [0, 2]]
assert numpy.load(sys.argv[1] + '/load-assigned-steps.npy').tolist() == list(range(1, 51))
)";

class ReferenceReader : public testing::Test {
protected:
    void SetUp() override
    {
        const char* python = std::getenv("MOESCOPE_REFERENCE_PYTHON");
        if (python == nullptr || python[0] == '\0')
            GTEST_SKIP() << "SKIPPED: set MOESCOPE_REFERENCE_PYTHON to a Python with tensorboard and safetensors";
        m_python = python;
    }

    /// Exit status 0 of the script with these arguments; its output stands in the test's log.
    bool passes(const std::string& script, const std::vector<std::filesystem::path>& arguments)
    {
        writeBytes(m_folder / "script.py", script);
        std::string command = "'" + m_python + "' '" + (m_folder / "script.py").string() + "'";
        for (const auto& argument : arguments)
            command += " '" + argument.string() + "'";
        return std::system(command.c_str()) == 0;
    }

    TemporaryFolder m_folder;
    std::string m_python;
};

float lossOf(std::int64_t step, std::int64_t firstStep)
{
    return step == 7 ? NAN : 1.0f / static_cast<float>(step + firstStep);
}

/// 60 steps, killed, resumed at 31, ended at 50.
void writeRun(const std::filesystem::path& path)
{
    RunIdentity identity;
    identity.id = identity.name = "demo";
    ASSERT_TRUE(RunFolder::create(FileSystem::real(), path, identity, "{}"));
    for (const auto& [first, last] : {std::pair<std::int64_t, std::int64_t>(1, 60), {31, 50}}) {
        auto writer = EventLogWriter::create(FileSystem::real(), path, first).value();
        writer.describe({"load/assigned", {"layer", "expert"}, "assignments"});
        for (std::int64_t step = first; step <= last; ++step) {
            Record record;
            record.step = step;
            record.wallTime = 1.7e9 + static_cast<double>(first + step);
            record.scalars = {{"loss/total", lossOf(step, first)}};
            if (step % 10 == 0)
                record.scalars.push_back({"eval/loss", 2.0f + static_cast<float>(first)});
            record.tensors = {{"load/assigned", {2, 2}, std::vector<std::int64_t>{step, 1, 0, 2}}};
            if (step == first)
                record.events = {{R"({"kind":"state","time":1,"state":"training"})"}};
            ASSERT_TRUE(writer.append(record));
        }
    }
}

}  // namespace

TEST_F(ReferenceReader, TensorBoardLoadsAllScalarsAndAllStepsOfAResumedRun)
{
    writeRun(m_folder / "run");
    std::ofstream expected(m_folder / "expected.json");
    const auto list = [&](const char* tag, std::int64_t stride, auto value) {
        expected << '"' << tag << "\": [";
        for (std::int64_t step = stride; step <= 50; step += stride) {
            std::array<char, 40> text;
            std::snprintf(text.data(), text.size(), "%.17g", static_cast<double>(value(step, step <= 30 ? 1 : 31)));
            expected << (step > stride ? ", [" : "[") << step << ", \"" << text.data() << "\"]";
        }
        expected << ']';
    };
    expected << '{';
    list("loss/total", 1, lossOf);
    expected << ", ";
    list("eval/loss", 10, [](std::int64_t, std::int64_t first) { return 2.0f + static_cast<float>(first); });
    expected << '}';
    expected.close();
    EXPECT_TRUE(passes(kTensorBoardScript, {m_folder / "run", m_folder / "expected.json"}));
}

TEST_F(ReferenceReader, PythonSafetensorsLoadsWhatWeWrite)
{
    const std::vector<float> a = {1.5f, 2.5f, 3.5f};
    const std::vector<std::int64_t> b = {-7, 9};
    ASSERT_TRUE(writeSafetensors(FileSystem::real(), m_folder / "m.safetensors",
        {{"a", DType::F32, {1, 3}, std::as_bytes(std::span(a))}, {"b", DType::I64, {2}, std::as_bytes(std::span(b))},
            {"empty", DType::F32, {0, 4}, {}}},
        {{"format", "pt"}}));
    EXPECT_TRUE(passes(kSafetensorsScript, {m_folder / "m.safetensors"}));
}

TEST_F(ReferenceReader, NumPyLoadsWhatExportWrites)
{
    writeRun(m_folder / "run");
    ASSERT_TRUE(exportRun(m_folder / "run", m_folder / "out", ExportFormat::Npy));
    EXPECT_TRUE(passes(kNumpyScript, {m_folder / "out"}));
}
