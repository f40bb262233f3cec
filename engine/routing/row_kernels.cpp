// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/row_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

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
constexpr std::int64_t kBlockElements = 2048;  // stay in the first-level cache between the passes over a block

template <class Row> void forRows(std::int64_t rows, const Row& row)
{
    at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r)
            row(r);
    });
}

/// e^x for every element of a block, x <= 0.
void expOfNegatives(double* x, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i)
        x[i] = std::exp(x[i]);
}

/// In fp32 without a call per element, so that the compiler turns the loop into vector code: x = n ln 2 + r, a
/// polynomial for e^r on |r| <= ln 2 / 2 (Cephes expf) and n into the exponent. Within 2 units in the last place; 0
/// below -87; NaN stays NaN.
void expOfNegatives(float* x, std::int64_t count)
{
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i) {
        const float clamped = x[i] > -87.0F ? x[i] : -87.0F;
        const auto n = static_cast<std::int32_t>(clamped * 1.44269504F - 0.5F);
        const float whole = static_cast<float>(n);
        const float r = clamped - whole * 0.693359375F + whole * 2.12194440e-4F;
        float p = 1.9875691500e-4F;
        p = p * r + 1.3981999507e-3F;
        p = p * r + 8.3334519073e-3F;
        p = p * r + 4.1665795894e-2F;
        p = p * r + 1.6666665459e-1F;
        p = p * r + 5.0000001201e-1F;
        p = p * r * r + r + 1.0F;
        const float power = std::bit_cast<float>((n + 127) << 23);
        const float result = x[i] > -87.0F ? p * power : 0.0F;
        x[i] = x[i] == x[i] ? result : x[i];
    }
}

/// Softmax of a block of rows into p, their entropies ln S - sum p (z - max) into `entropy`, S the sum of exponentials.
/// `shifted` has room for the block.
template <class F>
void softmaxBlock(const F* z, F* p, F* entropy, F* shifted, std::int64_t rows, std::int64_t columns, F scale)
{
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t first = row * columns;
        F largest = z[first];
        for (std::int64_t i = first + 1; i < first + columns; ++i)
            largest = z[i] > largest ? z[i] : largest;
        for (std::int64_t i = first; i < first + columns; ++i)
            p[i] = shifted[i] = scale * (z[i] - largest);
    }
    expOfNegatives(p, rows * columns);
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t first = row * columns;
        F sum = 0, mean = 0;
        for (std::int64_t i = first; i < first + columns; ++i) {
            sum += p[i];
            mean += p[i] > 0 ? p[i] * shifted[i] : 0;
        }
        const F inverse = 1 / sum;
        for (std::int64_t i = first; i < first + columns; ++i)
            p[i] *= inverse;
        entropy[row] = std::log(sum) - mean * inverse;
    }
}

template <class F> F logSumExpRow(const F* z, std::int64_t columns)
{
    const F largest = *std::max_element(z, z + columns);
    F sum = 0;
    for (std::int64_t c = 0; c < columns; ++c)
        sum += std::exp(z[c] - largest);
    return largest + std::log(sum);
}

/// The K best columns of a row by insertion; a later equal one stays behind, NaN counts as -inf.
template <class F> void insertTopK(const F* scores, std::int64_t* best, std::int64_t columns, std::int64_t choices)
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

/// The same for few choices by passes without branches, each for the largest score that comes after the last one found:
/// smaller, or equal and further right. False where -inf or NaN would have to be chosen.
template <class F> bool passTopK(const F* scores, std::int64_t* best, std::int64_t columns, std::int64_t choices)
{
    F lastScore = std::numeric_limits<F>::infinity();
    std::int64_t lastColumn = -1;
    for (std::int64_t choice = 0; choice < choices; ++choice) {
        F score = -std::numeric_limits<F>::infinity();
        std::int64_t column = -1;
        for (std::int64_t c = 0; c < columns; ++c) {
            const bool comesAfter = (scores[c] < lastScore) | ((scores[c] == lastScore) & (c > lastColumn));
            const bool better = comesAfter & (scores[c] > score);
            score = better ? scores[c] : score;
            column = better ? c : column;
        }
        if (column < 0)
            return false;
        best[choice] = lastColumn = column;
        lastScore = score;
    }
    return true;
}

template <class F> void topKRow(const F* scores, std::int64_t* best, std::int64_t columns, std::int64_t choices)
{
    constexpr std::int64_t kFewChoices = 4;
    if (choices > kFewChoices || !passTopK(scores, best, columns, choices))
        insertTopK(scores, best, columns, choices);
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
        at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
            const std::int64_t most = std::max<std::int64_t>(1, kBlockElements / columns);
            std::vector<scalar_t> shifted(static_cast<std::size_t>(most * columns));
            for (std::int64_t row = begin; row < end; row += most)
                softmaxBlock(logits + row * columns, probs + row * columns, entropy + row, shifted.data(),
                    std::min(most, end - row), columns, static_cast<scalar_t>(scale));
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
