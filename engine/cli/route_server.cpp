// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/route_server.h"

#include <chrono>
#include <cmath>
#include <istream>
#include <new>
#include <optional>
#include <vector>

#include <ATen/ops/tensor.h>
#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include "engine/base/utf8.h"
#include "engine/cli/output.h"
#include "engine/routing/single_decision.h"

namespace moescope {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxRank = 4;

// ---------------------------------------------------------------------------------------------------- JSON to tensors

struct Numbers {
    std::vector<double> values;
    std::vector<std::int64_t> shape;
    bool whole = true, flags = true;
};

/// Fills `numbers` with the leaves of an array of arrays; false when it is ragged, too deep, or holds anything else.
bool flatten(const Json& json, std::size_t depth, Numbers& numbers)
{
    if (!json.is_array()) {
        const bool leaf = depth == numbers.shape.size() && (json.is_number() || json.is_boolean());
        if (!leaf)
            return false;
        numbers.flags = numbers.flags && json.is_boolean();
        numbers.whole = numbers.whole && (json.is_number_integer() || json.is_boolean());
        numbers.values.push_back(json.is_boolean() ? (json.get<bool>() ? 1 : 0) : json.get<double>());
        return true;
    }
    if (depth >= numbers.shape.size() || static_cast<std::int64_t>(json.size()) != numbers.shape[depth])
        return false;
    for (const Json& item : json)
        if (!flatten(item, depth + 1, numbers))
            return false;
    return true;
}

Result<at::Tensor> tensorOfJson(const std::string& name, const Json& json)
{
    Numbers numbers;
    for (const Json* level = &json; level->is_array() && numbers.shape.size() < kMaxRank; level = &level->front()) {
        numbers.shape.push_back(static_cast<std::int64_t>(level->size()));
        if (level->empty())
            break;
    }
    if (!flatten(json, 0, numbers) || numbers.values.empty())
        return fail(ErrorKind::Data, printable(name.substr(0, 60)) + ": give numbers in nested lists of equal length.");
    const at::Tensor tensor = at::tensor(numbers.values, at::TensorOptions(at::kDouble)).view(numbers.shape);
    if (numbers.flags)
        return tensor.to(at::kBool);
    const bool ids = name == "token_ids" || name == "positions" || name == "sequence_ids";
    if (!ids)
        return tensor.to(at::kFloat);
    for (const double value : numbers.values)
        if (!numbers.whole || std::abs(value) > 0x1p53)
            return fail(ErrorKind::Data, name + " must hold whole numbers.");
    return tensor.to(at::kLong);
}

/// A list of "key=value", or an object {"key": value}.
Result<std::vector<std::string>> settingsOfJson(const Json& json)
{
    std::vector<std::string> settings;
    for (const auto& [key, value] : json.items()) {
        if (json.is_array() && value.is_string())
            settings.push_back(value.get<std::string>());
        else if (json.is_object() && value.is_string())
            settings.push_back(key + "=" + value.get<std::string>());
        else if (json.is_object() && value.is_primitive())
            settings.push_back(key + "=" + value.dump());
        else
            return fail(ErrorKind::User, "settings: give texts \"key=value\", or an object of texts and numbers.");
    }
    return settings;
}

Result<DecisionRequest> requestOfJson(const Json& json)
{
    DecisionRequest request;
    for (const auto& [key, value] : json.items()) {
        if (key == "recipe" && value.is_string()) {
            request.recipe = value.get<std::string>();
        } else if (key == "settings" && value.is_structured()) {
            auto settings = settingsOfJson(value);
            if (!settings)
                return forward(settings);
            request.settings = std::move(*settings);
        } else if (key == "tensors" && value.is_object()) {
            for (const auto& [name, numbers] : value.items()) {
                auto tensor = tensorOfJson(name, numbers);
                if (!tensor)
                    return forward(tensor);
                request.tensors[name] = std::move(*tensor);
            }
        } else if (key != "id" && !(key == "weights" && value.is_boolean())) {
            return fail(ErrorKind::User,
                "\"" + printable(key.substr(0, 60))
                    + "\" is unknown or of a wrong kind; a request has id, recipe, settings, tensors and weights.");
        }
    }
    if (request.recipe.empty())
        return fail(
            ErrorKind::User, "a request names its recipe: {\"recipe\": \"smoe\", \"tensors\": {\"hidden\": …}}.");
    return request;
}

// ---------------------------------------------------------------------------------------------------- tensors to JSON

template <class Number> Json jsonOfNumbers(const Number*& next, c10::IntArrayRef shape)
{
    if (shape.empty())
        return *next++;
    Json list = Json::array();
    for (std::int64_t i = 0; i < shape.front(); ++i)
        list.push_back(jsonOfNumbers(next, shape.slice(1)));
    return list;
}

Json jsonOfTensor(const at::Tensor& tensor)
{
    const at::Tensor whole = tensor.contiguous();
    switch (whole.scalar_type()) {
    case at::kLong: {
        const auto* next = whole.const_data_ptr<std::int64_t>();
        return jsonOfNumbers(next, whole.sizes());
    }
    case at::kBool: {
        const auto* next = whole.const_data_ptr<bool>();
        return jsonOfNumbers(next, whole.sizes());
    }
    default: {
        const at::Tensor wide = whole.to(at::kDouble);
        const auto* next = wide.const_data_ptr<double>();
        return jsonOfNumbers(next, wide.sizes());
    }
    }
}

Json jsonOfTensors(const NamedTensors& tensors)
{
    Json json = Json::object();
    for (const auto& [name, tensor] : tensors)
        json[name] = jsonOfTensor(tensor);
    return json;
}

Json jsonOfError(const Error& error) { return {{"code", exitCode(error.kind)}, {"text", error.text}}; }

Json answerOf(const Json& json, const Catalog& catalog)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto request = requestOfJson(json);
    if (!request)
        return {{"error", jsonOfError(request.error())}};
    const auto decision = decideOnce(*request, catalog);
    if (!decision)
        return {{"error", jsonOfError(decision.error())}};
    Json answer{{"recipe", request->recipe}, {"step", decision->step}, {"training", decision->training}};
    answer["tensors"] = jsonOfTensors(decision->plan);
    answer["losses"] = Json::object();
    for (const DecisionLoss& loss : decision->losses)
        answer["losses"][loss.name] = {{"value", loss.value}, {"coefficient", loss.coefficient}};
    if (json.value("weights", false))
        answer["weights"] = jsonOfTensors(decision->weights);
    answer["milliseconds"] =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return answer;
}

/// The next line without its newline; "" with `tooLong` for one past the limit, which is read to its end. Nothing at
/// the end of the input.
std::optional<std::string> nextLine(std::istream& input, bool& tooLong)
{
    std::string line;
    tooLong = false;
    std::streambuf* buffer = input.rdbuf();
    for (int c = buffer->sbumpc();; c = buffer->sbumpc()) {
        if (c == std::char_traits<char>::eof())
            return line.empty() && !tooLong ? std::nullopt : std::optional(line);
        if (c == '\n')
            return line;
        if (line.size() == kMaxRequestBytes) {
            line.clear();
            tooLong = true;
        }
        if (!tooLong)
            line.push_back(static_cast<char>(c));
    }
}

}  // namespace

std::string answerRequest(std::string_view request, const Catalog& catalog)
{
    const Json json = Json::parse(request, nullptr, /*allow_exceptions=*/false);
    Json answer;
    if (json.is_object() && json.contains("id") && json["id"].is_primitive())
        answer["id"] = json["id"];
    try {
        if (json.is_object())
            answer.update(answerOf(json, catalog));
        else
            answer["error"] = jsonOfError({ErrorKind::User, "a request is one JSON object on one line."});
    } catch (const std::bad_alloc&) {
        answer["error"] = jsonOfError({ErrorKind::Resources, "out of memory; give fewer tokens or experts."});
    } catch (const std::exception& error) {
        answer["error"] = jsonOfError({ErrorKind::Bug, std::string("this is a bug of Moescope: ") + error.what()});
    }
    return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int serveDecisions(std::istream& input, const Catalog& catalog)
{
    at::set_num_threads(1);
    bool tooLong = false;
    while (const std::optional<std::string> line = nextLine(input, tooLong)) {
        const std::string answer = tooLong
            ? Json{{"error", jsonOfError({ErrorKind::User, "a request has at most 16 MiB."})}}.dump()
            : answerRequest(*line, catalog);
        if (!printResult(answer + "\n"))
            return report({ErrorKind::Resources, "Standard output takes no more."});
    }
    return 0;
}

}  // namespace moescope
