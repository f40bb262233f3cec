// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cuda/row_operators.h"

#include <algorithm>
#include <vector>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <torch/library.h>

namespace moescope {
namespace {

template <class Number> void gatherRowsLoop(const at::Tensor& hidden, const at::Tensor& token, at::Tensor& rows)
{
    const std::int64_t width = hidden.size(1);
    const auto* source = hidden.const_data_ptr<Number>();
    const auto* tokens = token.const_data_ptr<std::int32_t>();
    auto* target = rows.mutable_data_ptr<Number>();
    for (std::int64_t n = 0; n < token.size(0); ++n)
        std::copy_n(source + tokens[n] * width, width, target + n * width);
}

at::Tensor gatherRowsCpu(const at::Tensor& hidden_TD, const at::Tensor& token_N)
{
    at::Tensor rows_ND = at::empty({token_N.size(0), hidden_TD.size(1)}, hidden_TD.options());
    if (hidden_TD.scalar_type() == at::kBFloat16)
        gatherRowsLoop<c10::BFloat16>(hidden_TD.contiguous(), token_N.contiguous(), rows_ND);
    else
        gatherRowsLoop<float>(hidden_TD.contiguous(), token_N.contiguous(), rows_ND);
    return rows_ND;
}

template <class Number>
void combineRowsLoop(const at::Tensor& rows, const at::Tensor& weight, const at::Tensor& slot,
    const at::Tensor& firstPair, at::Tensor& combined)
{
    const std::int64_t width = combined.size(1);
    const auto* source = rows.const_data_ptr<Number>();
    const auto* weights = weight.const_data_ptr<float>();
    const auto* slots = slot.const_data_ptr<std::int32_t>();
    const auto* first = firstPair.const_data_ptr<std::int32_t>();
    auto* target = combined.mutable_data_ptr<Number>();
    std::vector<float> sum(static_cast<std::size_t>(width));
    for (std::int64_t t = 0; t < combined.size(0); ++t) {
        std::ranges::fill(sum, 0.0f);
        for (std::int32_t m = first[t]; m < first[t + 1]; ++m) {
            if (slots[m] < 0)
                continue;
            const Number* row = source + slots[m] * width;
            for (std::int64_t d = 0; d < width; ++d)
                sum[static_cast<std::size_t>(d)] += weights[m] * static_cast<float>(row[d]);
        }
        std::ranges::transform(sum, target + t * width, [](float value) { return static_cast<Number>(value); });
    }
}

at::Tensor combineRowsCpu(
    const at::Tensor& rows_ND, const at::Tensor& weight_M, const at::Tensor& slot_M, const at::Tensor& firstPair_T1)
{
    at::Tensor combined_TD = at::empty({firstPair_T1.size(0) - 1, rows_ND.size(1)}, rows_ND.options());
    const auto loop = rows_ND.scalar_type() == at::kBFloat16 ? combineRowsLoop<c10::BFloat16> : combineRowsLoop<float>;
    loop(rows_ND.contiguous(), weight_M.contiguous(), slot_M.contiguous(), firstPair_T1.contiguous(), combined_TD);
    return combined_TD;
}

}  // namespace

TORCH_LIBRARY(moescope, library)
{
    library.def("gather_rows(Tensor hidden, Tensor token) -> Tensor");
    library.def("combine_rows(Tensor rows, Tensor weight, Tensor slot, Tensor first_pair) -> Tensor");
}

TORCH_LIBRARY_IMPL(moescope, CPU, library)
{
    library.impl("gather_rows", gatherRowsCpu);
    library.impl("combine_rows", combineRowsCpu);
}

at::Tensor gatherRows(const at::Tensor& hidden_TD, const at::Tensor& token_N)
{
    static const auto operation = c10::Dispatcher::singleton()
                                      .findSchemaOrThrow("moescope::gather_rows", "")
                                      .typed<at::Tensor(const at::Tensor&, const at::Tensor&)>();
    return operation.call(hidden_TD, token_N);
}

at::Tensor combineRows(
    const at::Tensor& rows_ND, const at::Tensor& weight_M, const at::Tensor& slot_M, const at::Tensor& firstPair_T1)
{
    using Combine = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&);
    static const auto operation =
        c10::Dispatcher::singleton().findSchemaOrThrow("moescope::combine_rows", "").typed<Combine>();
    return operation.call(rows_ND, weight_M, slot_M, firstPair_T1);
}

}  // namespace moescope
