// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/decision_inputs.h"

#include <string>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/isfinite.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/model/parameters.h"

namespace moescope {

namespace {

using Sizes = std::vector<std::int64_t>;

std::string sizesText(const Sizes& sizes)
{
    std::string text = "[";
    for (std::size_t i = 0; i < sizes.size(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(sizes[i]);
    return text + "]";
}

bool isWhole(const at::Tensor& tensor) { return at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false); }

Result<void> needShape(const std::string& name, const at::Tensor& tensor, const Sizes& sizes, std::string_view what)
{
    if (tensor.sizes().vec() == sizes)
        return {};
    return fail(ErrorKind::Data,
        name + " is " + tensorText(tensor) + ", but must be " + std::string(what) + " = " + sizesText(sizes) + ".");
}

Result<void> needFinite(const std::string& name, const at::Tensor& tensor)
{
    if (!tensor.is_floating_point())
        return fail(ErrorKind::Data, name + " is " + tensorText(tensor) + ", but must hold a float type.");
    const at::Tensor finite = at::isfinite(tensor);
    if (finite.all().item<bool>())
        return {};
    const at::Tensor place = (~finite).nonzero()[0];
    std::string at;
    for (std::int64_t i = 0; i < place.numel(); ++i)
        at += (i > 0 ? ", " : "") + std::to_string(place[i].item<std::int64_t>());
    return fail(ErrorKind::Data, name + " holds a number that is not finite, at [" + at + "].");
}

Result<void> needIds(const std::string& name, const at::Tensor& tensor, std::int64_t numTokens, std::int64_t end)
{
    if (!isWhole(tensor))
        return fail(ErrorKind::Data, name + " is " + tensorText(tensor) + ", but must hold whole numbers (I64).");
    if (auto shape = needShape(name, tensor, {numTokens}, "one for each"); !shape)
        return shape;
    const at::Tensor ids = tensor.to(at::kLong);
    const auto least = ids.min().item<std::int64_t>(), most = ids.max().item<std::int64_t>();
    if (least < 0 || most >= end)
        return fail(ErrorKind::Data,
            name + " holds " + std::to_string(least < 0 ? least : most) + "; it must lie from 0 to "
                + std::to_string(end - 1) + ".");
    return {};
}

Result<void> checkInput(const std::string& name, const at::Tensor& tensor, const ModelConfig& model, std::int64_t T)
{
    constexpr std::int64_t kAnyId = std::int64_t{1} << 40;
    if (name == "token_ids")
        return needIds(name, tensor, T, model.vocabulary);
    if (name == "positions" || name == "sequence_ids")
        return needIds(name, tensor, T, kAnyId);
    if (name == "valid") {
        if (tensor.scalar_type() != at::kBool)
            return fail(ErrorKind::Data, "valid is " + tensorText(tensor) + ", but must be BOOL.");
        if (auto shape = needShape(name, tensor, {T}, "[T]"); !shape)
            return shape;
        if (!tensor.any().item<bool>())
            return fail(ErrorKind::Data, "valid is false for all tokens; at least one must count.");
        return {};
    }
    if (auto finite = needFinite(name, tensor); !finite)
        return finite;
    if (name == "expert_outputs")
        return needShape(name, tensor, {model.numExperts, T, model.hiddenSize}, "[E, T, d]");
    if (name == "carry" && (tensor.dim() < 1 || tensor.size(0) != T))
        return fail(ErrorKind::Data, "carry is " + tensorText(tensor) + ", but must have a row for each token.");
    return {};
}

/// A whole number for each word of the vocabulary is an expert.
Result<void> checkTables(const NamedTensors& tensors, const RouterInterface& router, const ModelConfig& model)
{
    for (const RouterWeight& weight : router.weights) {
        const auto given = tensors.find(weight.name);
        const bool table = weight.type == "I64" && weight.shape == std::vector<RouterSize>{{0, 0, 1, 0}};
        if (table && given != tensors.end())
            if (auto ids = needIds(weight.name, given->second, model.vocabulary, model.numExperts); !ids)
                return ids;
    }
    return {};
}

/// Tokens of a sequence: the run length of equal ids, which must be the same for all.
Result<std::int64_t> lengthOf(const at::Tensor& sequences_T)
{
    const std::int64_t T = sequences_T.numel();
    const auto* id = sequences_T.const_data_ptr<std::int64_t>();
    std::int64_t length = 1;
    while (length < T && id[length] == id[0])
        ++length;
    bool even = T % length == 0;
    for (std::int64_t t = length; even && t < T; ++t)
        even = t % length == 0 ? id[t] != id[t - 1] : id[t] == id[t - 1];
    if (!even)
        return fail(ErrorKind::Data,
            "sequence_ids: the tokens of a sequence must stand side by side, and all sequences must be of one length; "
            "pad "
            "the short ones and mark that in `valid`.");
    return length;
}

Result<void> takeWeight(const std::string& name, const at::Tensor& given, const at::Tensor& into)
{
    if (auto shape = needShape(name, given, into.sizes().vec(), "as this recipe has it"); !shape)
        return shape;
    if (!isWhole(given))
        if (auto finite = needFinite(name, given); !finite)
            return finite;
    const bool counts = into.scalar_type() == at::kLong;
    if (counts && !isWhole(given) && !given.eq(given.floor()).all().item<bool>())
        return fail(ErrorKind::Data, name + " is " + tensorText(given) + ", but must hold whole numbers (I64).");
    into.copy_(given);
    return {};
}

}  // namespace

Result<at::Tensor> hiddenOf(const NamedTensors& tensors)
{
    const auto found = tensors.find("hidden");
    if (found == tensors.end())
        return fail(ErrorKind::Data, "there is no tensor `hidden` [T, d]; it holds what the router sees.");
    const at::Tensor& hidden_TD = found->second;
    if (hidden_TD.dim() != 2 || hidden_TD.numel() == 0)
        return fail(
            ErrorKind::Data, "hidden is " + tensorText(hidden_TD) + ", but must be [T, d] with T and d from 1 on.");
    if (auto finite = needFinite("hidden", hidden_TD); !finite)
        return forward(finite);
    return hidden_TD;
}

Result<void> checkInputs(
    const NamedTensors& tensors, const RouterInterface& router, const ModelConfig& model, bool initialExperts)
{
    const at::Tensor& hidden_TD = tensors.at("hidden");
    if (hidden_TD.size(1) != model.hiddenSize)
        return fail(ErrorKind::Data,
            "hidden is " + tensorText(hidden_TD) + ", but model.hidden_size is " + std::to_string(model.hiddenSize)
                + "; leave that setting out.");
    for (const RouterInput& input : router.inputs) {
        const auto found = tensors.find(input.name);
        const bool answered = input.name == "expert_outputs" && initialExperts;
        if (found == tensors.end() && input.required && !answered)
            return fail(ErrorKind::Data,
                "this recipe needs a tensor `" + input.name + "` " + input.shape + ": " + input.help
                    + (input.name == "expert_outputs" ? " Or give experts=initial." : ""));
        if (found == tensors.end())
            continue;
        if (auto checked = checkInput(input.name, found->second, model, hidden_TD.size(0)); !checked)
            return checked;
    }
    return checkTables(tensors, router, model);
}

Result<void> takeWeights(const NamedTensors& tensors, ParameterStore& store)
{
    const c10::NoGradGuard noGrad;
    const auto take = [&](const std::string& name, const at::Tensor& into) -> Result<void> {
        const auto given = tensors.find(name);
        return given == tensors.end() ? Result<void>() : takeWeight(name, given->second, into);
    };
    for (const ParameterStore::Entry& entry : store.parameters())
        if (auto taken = take(entry.name, entry.value); !taken)
            return taken;
    for (const ParameterStore::Buffer& buffer : store.buffers())
        if (auto taken = take(buffer.name, buffer.value); !taken)
            return taken;
    store.refreshCompute();
    return {};
}

Result<void> takeInputs(const NamedTensors& tensors, std::int64_t sequenceLength, RouteContext& context)
{
    const auto ids = [&](const std::string& name) {
        const auto found = tensors.find(name);
        return found == tensors.end() ? at::Tensor() : found->second.to(at::kLong).contiguous();
    };
    context.hidden_TD = tensors.at("hidden").contiguous();
    const std::int64_t T = context.hidden_TD.size(0);
    context.tokens_T = ids("token_ids");
    context.sequences_T = ids("sequence_ids");
    context.sequenceLength = sequenceLength > 0 ? sequenceLength : T;
    if (context.sequences_T.defined()) {
        const auto length = lengthOf(context.sequences_T);
        if (!length)
            return forward(length);
        if (sequenceLength > 0 && *length != sequenceLength)
            return fail(ErrorKind::User,
                "sequence_length=" + std::to_string(sequenceLength) + ", but sequence_ids have "
                    + std::to_string(*length) + " tokens for each sequence.");
        context.sequenceLength = *length;
    } else if (T % context.sequenceLength != 0) {
        return fail(ErrorKind::User,
            "sequence_length=" + std::to_string(sequenceLength) + " does not divide " + std::to_string(T) + " tokens.");
    } else {
        context.sequences_T = at::arange(T, at::kLong).floor_divide(context.sequenceLength);
    }
    context.positions_T = ids("positions");
    if (!context.positions_T.defined())
        context.positions_T = at::arange(T, at::kLong).remainder(context.sequenceLength);
    if (const auto valid = tensors.find("valid"); valid != tensors.end())
        context.valid_T = valid->second;
    if (const auto carry = tensors.find("carry"); carry != tensors.end())
        context.carry = carry->second;
    return {};
}

}  // namespace moescope
