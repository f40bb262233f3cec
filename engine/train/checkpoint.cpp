// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/checkpoint.h"

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/base/utf8.h"
#include "engine/model/parameters.h"
#include "engine/train/flat_adamw.h"
#include "engine/train/trainer_state_json.h"

namespace moescope {

namespace {

constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kTrainerFile = "trainer.json";
constexpr std::uint64_t kMaxTrainerBytes = 1 << 20;
constexpr std::size_t kMaxDifferences = 20;

/// A tensor under the name that it has in the file.
struct NamedTensor {
    std::string name;
    at::Tensor value;
};

std::vector<NamedTensor> modelTensors(const ParameterStore& parameters)
{
    std::vector<NamedTensor> tensors;
    for (const ParameterStore::Entry& entry : parameters.parameters())
        tensors.push_back({entry.name, entry.value.detach()});
    for (const ParameterStore::Buffer& buffer : parameters.buffers())
        tensors.push_back({buffer.name, buffer.value.detach()});
    return tensors;
}

std::vector<std::string> frozenParameters(const ParameterStore& parameters)
{
    std::vector<std::string> names;
    for (const ParameterStore::Entry& entry : parameters.parameters())
        if (entry.frozen)
            names.push_back(entry.name);
    return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name)
{
    return std::ranges::find(names, name) != names.end();
}

std::vector<NamedTensor> optimizerTensors(
    const ParameterStore& parameters, const FlatAdamW& optimizer, const std::vector<std::string>& frozen)
{
    std::vector<NamedTensor> tensors;
    for (const ParameterStore::Entry& entry : parameters.parameters()) {
        if (!entry.traits.trained || contains(frozen, entry.name))
            continue;
        const auto part = [&](const at::Tensor& flat) {
            return flat.narrow(0, entry.offset, entry.value.numel()).view(entry.value.sizes());
        };
        tensors.push_back({entry.name + ".exp_avg", part(optimizer.firstMoment())});
        tensors.push_back({entry.name + ".exp_avg_sq", part(optimizer.secondMoment())});
    }
    return tensors;
}

std::span<std::byte> bytesOfTensor(const at::Tensor& tensor)
{
    return {static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

DType dtypeOfTensor(const at::Tensor& tensor) { return tensor.scalar_type() == at::kLong ? DType::I64 : DType::F32; }

std::string shapeText(std::string_view dtype, const std::vector<std::int64_t>& shape)
{
    std::string text{dtype};
    text += " [";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

Result<WrittenFile> writeTensors(
    FileSystem& files, const std::filesystem::path& file, const std::vector<NamedTensor>& tensors)
{
    std::vector<TensorBytes> bytes;
    for (const NamedTensor& tensor : tensors)
        bytes.push_back(
            {tensor.name, dtypeOfTensor(tensor.value), tensor.value.sizes().vec(), bytesOfTensor(tensor.value)});
    return writeSafetensors(files, file, bytes, {{"format", "pt"}});
}

/// One line for each tensor that the file lacks, has too much, or has in another shape; empty when all fits.
std::vector<std::string> differences(const SafetensorsFile& file, const std::vector<NamedTensor>& tensors)
{
    std::vector<std::string> lines;
    std::map<std::string, bool> known;
    for (const NamedTensor& tensor : tensors) {
        known[tensor.name] = true;
        const std::string wanted = shapeText(dtypeName(dtypeOfTensor(tensor.value)), tensor.value.sizes().vec());
        const TensorEntry* entry = file.find(tensor.name);
        const std::string found = entry == nullptr ? "missing" : shapeText(dtypeName(entry->type), entry->shape);
        if (found != wanted)
            lines.push_back("  " + tensor.name + ": checkpoint " + found + ", model " + wanted);
    }
    for (const TensorEntry& entry : file.header().tensors)
        if (!known.contains(entry.name))
            lines.push_back("  " + entry.name + ": checkpoint " + shapeText(dtypeName(entry.type), entry.shape)
                + ", model has none");
    return lines;
}

Result<SafetensorsFile> openMatching(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors)
{
    auto file = SafetensorsFile::open(path);
    if (!file)
        return file;
    const std::vector<std::string> lines = differences(*file, tensors);
    if (lines.empty())
        return file;
    std::string text = shownPath(path) + ": the checkpoint belongs to another model ("
        + formatCount(static_cast<std::int64_t>(lines.size()))
        + " differences); resume it with the configuration that it was made with.\n";
    for (std::size_t i = 0; i < std::min(lines.size(), kMaxDifferences); ++i)
        text += lines[i] + "\n";
    if (lines.size() > kMaxDifferences)
        text += "  … and " + std::to_string(lines.size() - kMaxDifferences) + " more\n";
    text.pop_back();
    return fail(ErrorKind::Data, text);
}

Result<void> readTensors(const SafetensorsFile& file, const std::vector<NamedTensor>& tensors)
{
    for (const NamedTensor& tensor : tensors)
        if (auto read = file.read(*file.find(tensor.name), bytesOfTensor(tensor.value)); !read)
            return read;
    return {};
}

Result<void> checkFrozen(
    const ParameterStore& parameters, const std::vector<std::string>& frozen, const std::filesystem::path& file)
{
    for (const std::string& name : frozen) {
        const auto trained = [&](const auto& entry) { return entry.name == name && entry.traits.trained; };
        if (std::ranges::none_of(parameters.parameters(), trained))
            return fail(ErrorKind::Data,
                shownPath(file) + ": the checkpoint belongs to another model, this one does not train the frozen "
                    + printable(name.substr(0, 100)) + "; resume it with the configuration that it was made with.");
    }
    return {};
}

/// All checks come before the first number is changed.
Result<TrainerState> loadCheckpoint(const CheckpointInfo& info, ParameterStore& parameters, FlatAdamW* optimizer)
{
    auto state = readTrainerState(info);
    if (!state)
        return state;
    if (auto known = checkFrozen(parameters, state->frozen, info.path / kTrainerFile); !known)
        return forward(known);
    const std::vector<NamedTensor> model = modelTensors(parameters);
    const auto modelFile = openMatching(info.path / kModelFile, model);
    if (!modelFile)
        return forward(modelFile);
    if (optimizer != nullptr) {
        const std::vector<NamedTensor> moments = optimizerTensors(parameters, *optimizer, state->frozen);
        const auto optimizerFile = openMatching(info.path / kOptimizerFile, moments);
        if (!optimizerFile)
            return forward(optimizerFile);
        if (auto read = readTensors(*optimizerFile, moments); !read)
            return forward(read);
        optimizer->setNumUpdates(state->step - state->numSkipped);
    }
    if (auto read = readTensors(*modelFile, model); !read)
        return forward(read);
    parameters.refreshCompute();
    for (const std::string& name : state->frozen)
        parameters.freeze(name);
    return state;
}

}  // namespace

Result<std::filesystem::path> saveCheckpoint(FileSystem& files, const std::filesystem::path& checkpoints,
    const ParameterStore& parameters, const FlatAdamW& optimizer, const TrainerState& state)
{
    using Written = std::map<std::string, WrittenFile>;
    return writeCheckpoint(files, checkpoints, state.step, [&](const std::filesystem::path& folder) -> Result<Written> {
        Written written;
        const auto model = writeTensors(files, folder / kModelFile, modelTensors(parameters));
        if (!model)
            return forward(model);
        written[kModelFile] = *model;
        TrainerState whole = state;
        whole.frozen = frozenParameters(parameters);
        const auto moments =
            writeTensors(files, folder / kOptimizerFile, optimizerTensors(parameters, optimizer, whole.frozen));
        if (!moments)
            return forward(moments);
        written[kOptimizerFile] = *moments;
        const std::string text = trainerStateJson(whole);
        if (auto done = writeNewFile(files, folder / kTrainerFile, text); !done)
            return forward(done);
        written[kTrainerFile] = {text.size(), sha256OfText(text)};
        return written;
    });
}

Result<TrainerState> readTrainerState(const CheckpointInfo& checkpoint)
{
    const std::filesystem::path file = checkpoint.path / kTrainerFile;
    const auto text = readFile(file, kMaxTrainerBytes);
    if (!text)
        return forward(text);
    auto state = parseTrainerState(*text, shownPath(file));
    if (state && state->step != checkpoint.step)
        return fail(ErrorKind::Data,
            shownPath(file) + ": step " + std::to_string(state->step) + " stands in a checkpoint of step "
                + std::to_string(checkpoint.step) + "; remove this checkpoint to go on from the one before.");
    return state;
}

Result<std::optional<LoadedCheckpoint>> loadNewestCheckpoint(const std::filesystem::path& checkpoints,
    const std::string& recorded, ParameterStore& parameters, FlatAdamW* optimizer)
{
    LoadedCheckpoint loaded;
    const std::vector<CheckpointInfo> all = listCheckpoints(checkpoints);
    for (const CheckpointInfo& info : all) {
        if (auto whole = verifyCheckpoint(info); !whole) {
            loaded.messages.push_back(whole.error().text + " The checkpoint before it is taken.");
            continue;
        }
        auto state = loadCheckpoint(info, parameters, optimizer);
        if (!state)
            return forward(state);
        loaded.state = std::move(*state);
        loaded.name = info.path.filename().string();
        return loaded;
    }
    if (all.empty() && recorded.empty())
        return std::nullopt;
    std::string text = shownPath(checkpoints) + ": a checkpoint was complete once ("
        + (all.empty() ? recorded : all.front().path.filename().string())
        + "), but none is whole now; put it back from a copy, or start a new run.";
    for (const std::string& message : loaded.messages)
        text += "\n  " + message;
    return fail(ErrorKind::Data, text);
}

}  // namespace moescope
