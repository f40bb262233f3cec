// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/Parallel.h>

#include "engine/base/check.h"
#include "engine/model/graph_node.h"

namespace moescope {

namespace {

constexpr std::int64_t kRowsPerTask = 512;

template <class Row> void forRows(std::int64_t rows, const Row& row)
{
    at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r)
            row(r);
    });
}

/// Writes the softmax of one row and returns its entropy: ln S - sum p (z - max), S the sum of the exponentials.
template <class F> F softmaxRow(const F* z, F* p, std::int64_t columns, F scale)
{
    F largest = -std::numeric_limits<F>::infinity();
    for (std::int64_t c = 0; c < columns; ++c)
        largest = std::max(largest, scale * z[c]);
    F sum = 0, mean = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
        const F shifted = scale * z[c] - largest;
        p[c] = std::exp(shifted);
        sum += p[c];
        mean += p[c] > 0 ? p[c] * shifted : 0;
    }
    const F inverse = 1 / sum;
    for (std::int64_t c = 0; c < columns; ++c)
        p[c] *= inverse;
    return std::log(sum) - mean * inverse;
}

template <class F> F logSumExpRow(const F* z, std::int64_t columns)
{
    const F largest = *std::max_element(z, z + columns);
    F sum = 0;
    for (std::int64_t c = 0; c < columns; ++c)
        sum += std::exp(z[c] - largest);
    return largest + std::log(sum);
}

/// The K best columns of a row by insertion; a later equal one stays behind.
template <class F> void topKRow(const F* scores, std::int64_t* best, std::int64_t columns, std::int64_t choices)
{
    const auto order = [](F x) { return std::isnan(x) ? -std::numeric_limits<F>::infinity() : x; };
    std::int64_t found = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
        const F score = order(scores[c]);
        if (found == choices && !(score > order(scores[best[choices - 1]])))
            continue;
        std::int64_t at = std::min(found, choices - 1);
        for (; at > 0 && score > order(scores[best[at - 1]]); --at)
            best[at] = best[at - 1];
        best[at] = c;
        found = std::min(found + 1, choices);
    }
}

at::Tensor softmaxBackward(const at::Tensor& probs_TE, const at::Tensor& gradient_TE, double scale)
{
    at::Tensor result_TE = at::empty_like(probs_TE);
    const std::int64_t columns = probs_TE.size(1);
    AT_DISPATCH_FLOATING_TYPES(probs_TE.scalar_type(), "softmaxBackward", [&] {
        const scalar_t* probs = probs_TE.const_data_ptr<scalar_t>();
        const scalar_t* gradient = gradient_TE.const_data_ptr<scalar_t>();
        scalar_t* result = result_TE.mutable_data_ptr<scalar_t>();
        forRows(probs_TE.size(0), [&](std::int64_t row) {
            const std::int64_t first = row * columns;
            scalar_t dot = 0;
            for (std::int64_t i = first; i < first + columns; ++i)
                dot += probs[i] * gradient[i];
            for (std::int64_t i = first; i < first + columns; ++i)
                result[i] = static_cast<scalar_t>(scale) * probs[i] * (gradient[i] - dot);
        });
    });
    return result_TE;
}

at::Tensor logSumExpBackward(const at::Tensor& logits_TE, const at::Tensor& sums_T, const at::Tensor& gradient_T)
{
    at::Tensor result_TE = at::empty_like(logits_TE);
    const std::int64_t columns = logits_TE.size(1);
    AT_DISPATCH_FLOATING_TYPES(logits_TE.scalar_type(), "logSumExpBackward", [&] {
        const scalar_t* logits = logits_TE.const_data_ptr<scalar_t>();
        const scalar_t* sums = sums_T.const_data_ptr<scalar_t>();
        const scalar_t* gradient = gradient_T.const_data_ptr<scalar_t>();
        scalar_t* result = result_TE.mutable_data_ptr<scalar_t>();
        forRows(logits_TE.size(0), [&](std::int64_t row) {
            for (std::int64_t i = row * columns; i < (row + 1) * columns; ++i)
                result[i] = gradient[row] * std::exp(logits[i] - sums[row]);
        });
    });
    return result_TE;
}

at::Tensor spreadPairs(
    const at::Tensor& gradient_M, const at::Tensor& token_M, const at::Tensor& expert_M, at::IntArrayRef shape)
{
    at::Tensor result_TE = at::zeros(shape, gradient_M.options());
    AT_DISPATCH_FLOATING_TYPES(gradient_M.scalar_type(), "spreadPairs", [&] {
        const scalar_t* gradient = gradient_M.const_data_ptr<scalar_t>();
        const std::int64_t* token = token_M.const_data_ptr<std::int64_t>();
        const std::int64_t* expert = expert_M.const_data_ptr<std::int64_t>();
        scalar_t* result = result_TE.mutable_data_ptr<scalar_t>();
        for (std::int64_t i = 0; i < gradient_M.numel(); ++i)
            result[token[i] * shape[1] + expert[i]] += gradient[i];
    });
    return result_TE;
}

}  // namespace

at::Tensor softmaxRows(const at::Tensor& logits_TE, double scale, at::Tensor* entropy_T)
{
    MOESCOPE_CHECK(logits_TE.is_cpu() && logits_TE.dim() == 2, "rows on the CPU");
    const at::Tensor input_TE = logits_TE.detach().contiguous();
    const std::int64_t rows = input_TE.size(0), columns = input_TE.size(1);
    at::Tensor probs_TE = at::empty_like(input_TE);
    const at::Tensor entropies = at::empty({rows}, input_TE.options());
    AT_DISPATCH_FLOATING_TYPES(input_TE.scalar_type(), "softmaxRows", [&] {
        const scalar_t* logits = input_TE.const_data_ptr<scalar_t>();
        scalar_t* probs = probs_TE.mutable_data_ptr<scalar_t>();
        scalar_t* entropy = entropies.mutable_data_ptr<scalar_t>();
        forRows(rows, [&](std::int64_t row) {
            entropy[row] =
                softmaxRow(logits + row * columns, probs + row * columns, columns, static_cast<scalar_t>(scale));
        });
    });
    if (entropy_T != nullptr)
        *entropy_T = entropies;
    if (needsGraph({logits_TE}))
        attachBackward(probs_TE, {logits_TE}, [probs = probs_TE.detach(), scale](const at::Tensor& gradient) {
            return std::vector<at::Tensor>{softmaxBackward(probs, gradient, scale)};
        });
    return probs_TE;
}

at::Tensor logSumExpRows(const at::Tensor& logits_TE)
{
    MOESCOPE_CHECK(logits_TE.is_cpu() && logits_TE.dim() == 2, "rows on the CPU");
    const at::Tensor input_TE = logits_TE.detach().contiguous();
    const std::int64_t rows = input_TE.size(0), columns = input_TE.size(1);
    at::Tensor sums_T = at::empty({rows}, input_TE.options());
    AT_DISPATCH_FLOATING_TYPES(input_TE.scalar_type(), "logSumExpRows", [&] {
        const scalar_t* logits = input_TE.const_data_ptr<scalar_t>();
        scalar_t* sums = sums_T.mutable_data_ptr<scalar_t>();
        forRows(rows, [&](std::int64_t row) { sums[row] = logSumExpRow(logits + row * columns, columns); });
    });
    if (needsGraph({logits_TE}))
        attachBackward(sums_T, {logits_TE}, [input_TE, sums = sums_T.detach()](const at::Tensor& gradient) {
            return std::vector<at::Tensor>{logSumExpBackward(input_TE, sums, gradient)};
        });
    return sums_T;
}

at::Tensor entropyRows(const at::Tensor& probs_TE)
{
    const at::Tensor input_TE = probs_TE.detach().contiguous();
    const std::int64_t rows = input_TE.size(0), columns = input_TE.size(1);
    at::Tensor entropy_T = at::zeros({rows}, input_TE.options());
    AT_DISPATCH_FLOATING_TYPES(input_TE.scalar_type(), "entropyRows", [&] {
        const scalar_t* probs = input_TE.const_data_ptr<scalar_t>();
        scalar_t* entropy = entropy_T.mutable_data_ptr<scalar_t>();
        forRows(rows, [&](std::int64_t row) {
            for (std::int64_t i = row * columns; i < (row + 1) * columns; ++i)
                entropy[row] -= probs[i] > 0 ? probs[i] * std::log(probs[i]) : 0;
        });
    });
    return entropy_T;
}

at::Tensor topKRows(const at::Tensor& scores_TE, std::int64_t choices)
{
    const at::Tensor input_TE = scores_TE.detach().contiguous();
    const std::int64_t rows = input_TE.size(0), columns = input_TE.size(1);
    MOESCOPE_CHECK(choices >= 1 && choices <= columns, "a token chooses 1 to E experts");
    at::Tensor expert_M = at::empty({rows * choices}, at::kLong);
    std::int64_t* expert = expert_M.mutable_data_ptr<std::int64_t>();
    AT_DISPATCH_FLOATING_TYPES(input_TE.scalar_type(), "topKRows", [&] {
        const scalar_t* scores = input_TE.const_data_ptr<scalar_t>();
        forRows(
            rows, [&](std::int64_t row) { topKRow(scores + row * columns, expert + row * choices, columns, choices); });
    });
    return expert_M;
}

at::Tensor pickPairs(const at::Tensor& values_TE, const at::Tensor& token_M, const at::Tensor& expert_M)
{
    const at::Tensor input_TE = values_TE.detach().contiguous();
    const std::int64_t pairs = token_M.numel(), columns = input_TE.size(1);
    at::Tensor picked_M = at::empty({pairs}, input_TE.options());
    const std::int64_t* token = token_M.const_data_ptr<std::int64_t>();
    const std::int64_t* expert = expert_M.const_data_ptr<std::int64_t>();
    AT_DISPATCH_FLOATING_TYPES(input_TE.scalar_type(), "pickPairs", [&] {
        const scalar_t* values = input_TE.const_data_ptr<scalar_t>();
        scalar_t* picked = picked_M.mutable_data_ptr<scalar_t>();
        for (std::int64_t i = 0; i < pairs; ++i)
            picked[i] = values[token[i] * columns + expert[i]];
    });
    if (needsGraph({values_TE}))
        attachBackward(
            picked_M, {values_TE}, [token_M, expert_M, shape = values_TE.sizes().vec()](const at::Tensor& gradient) {
                return std::vector<at::Tensor>{spreadPairs(gradient, token_M, expert_M, shape)};
            });
    return picked_M;
}

}  // namespace moescope
