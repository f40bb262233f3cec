// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// T tokens, M pairs, N kept pairs (slots), D model width, H hidden size of an expert, H1 = its pre-activations, E
// experts.
#include "engine/model/expert_function.h"

#include <memory>
#include <utility>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <ATen/Parallel.h>
#include <c10/util/BFloat16.h>

#include "engine/base/check.h"
#include "engine/model/activation.h"
#include "engine/model/expert_slots.h"
#include "engine/model/gemm.h"
#include "engine/model/graph_node.h"
#include "engine/model/parallel_tasks.h"
#include "engine/model/scratch.h"

namespace moescope {

namespace {

constexpr std::int32_t kTileRows = 128;

struct ExpertSizes {
    std::int64_t D = 0, H = 0, H1 = 0;
};

// One call of the layer: what backward needs of it. T is the type of the products.
template <class T> struct MixtureCall {
    Activation activation;
    ExpertSizes size;
    ExpertSlots slots;
    at::Tensor hidden_TD, weight_M;  // hidden in T, weights fp32
    Weight w1, w2;
    at::Tensor z_NH1;

    const T* w1Of(std::int64_t e) const { return w1.compute().template const_data_ptr<T>() + e * size.D * size.H1; }
    const T* w2Of(std::int64_t e) const { return w2.compute().template const_data_ptr<T>() + e * size.H * size.D; }
    const float* weights() const { return weight_M.const_data_ptr<float>(); }
};

template <class T>
void gatherRows(const T* from, std::int64_t width, const std::int32_t* rows, std::int64_t count, T* to)
{
    for (std::int64_t i = 0; i < count; ++i)
        std::copy_n(from + rows[i] * width, width, to + i * width);
}

template <class T> void forwardTile(const MixtureCall<T>& call, const RowTile& tile, T* z_NH1, float* y_ND)
{
    const auto [D, H, H1] = call.size;
    const std::int64_t rows = tile.end - tile.begin;
    thread_local Scratch<T> xMemory, aMemory;
    T *x = xMemory.get(rows * D), *a = aMemory.get(rows * H), *z = z_NH1 + tile.begin * H1;
    gatherRows(call.hidden_TD.template const_data_ptr<T>(), D, &call.slots.token_N[tile.begin], rows, x);
    gemm(rows, H1, D, Operand<T>{x, D}, Operand<T>{call.w1Of(tile.expert), H1}, z, H1);
    typedKernels<T>().activate(kernelKind(call.activation), kernelPointer(z), kernelPointer(a), rows, H);
    gemm(rows, D, H, Operand<T>{a, H}, Operand<T>{call.w2Of(tile.expert), D}, y_ND + tile.begin * D, D);
}

// out[t] = sum over the token's slots of scale * rows[slot], in the order of its pairs.
void combineRows(
    const ExpertSlots& slots, const float* rows_ND, const float* scale_M, std::int64_t width, float* out_TD)
{
    at::parallel_for(0, slots.numTokens(), 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t token = begin; token < end; ++token) {
            float* out = out_TD + token * width;
            std::fill_n(out, width, 0.0f);
            for (std::int32_t pair = slots.firstPair_T1[token]; pair < slots.firstPair_T1[token + 1]; ++pair) {
                if (slots.slot_M[pair] < 0)
                    continue;
                const float scale = scale_M ? scale_M[pair] : 1.0f;
                const float* row = rows_ND + slots.slot_M[pair] * width;
                layerKernels().addScaled(scale, row, out, width);
            }
        }
    });
}

template <class T> struct BackwardBuffers {
    at::Tensor x_ND, dy_ND, dz_NH1, weighted_NH, dx_ND;  // all T but the last, which is fp32
};

template <class T>
void backwardTile(const MixtureCall<T>& call, const RowTile& tile, const T* gradient_TD, BackwardBuffers<T>& buffers,
    float* dWeight_M)
{
    const auto [D, H, H1] = call.size;
    const std::int64_t rows = tile.end - tile.begin;
    T* dy = buffers.dy_ND.template mutable_data_ptr<T>() + tile.begin * D;
    T* dz = buffers.dz_NH1.template mutable_data_ptr<T>() + tile.begin * H1;
    T* weighted = buffers.weighted_NH.template mutable_data_ptr<T>() + tile.begin * H;
    thread_local Scratch<T> memory;
    T* da = memory.get(rows * H);
    gatherRows(gradient_TD, D, &call.slots.token_N[tile.begin], rows, dy);
    gatherRows(call.hidden_TD.template const_data_ptr<T>(), D, &call.slots.token_N[tile.begin], rows,
        buffers.x_ND.template mutable_data_ptr<T>() + tile.begin * D);
    gemm(rows, H, D, Operand<T>{dy, D}, Operand<T>{call.w2Of(tile.expert), D, true}, da, H);
    const T* z = call.z_NH1.template const_data_ptr<T>() + tile.begin * H1;
    float weight[kTileRows], dWeight[kTileRows];
    for (std::int64_t row = 0; row < rows; ++row)
        weight[row] = call.weights()[call.slots.pair_N[tile.begin + row]];
    typedKernels<T>().activateBackward(kernelKind(call.activation), kernelPointer(z), kernelPointer(da), weight,
        kernelPointer(dz), kernelPointer(weighted), dWeight, rows, H);
    for (std::int64_t row = 0; row < rows; ++row)
        dWeight_M[call.slots.pair_N[tile.begin + row]] = dWeight[row];
    gemm(rows, D, H1, Operand<T>{dz, H1}, Operand<T>{call.w1Of(tile.expert), H1, true},
        buffers.dx_ND.template mutable_data_ptr<float>() + tile.begin * D, D);
}

// Some rows of the gradient of one expert's matrix [rows, columns] += left' * right over the expert's slots.
template <class T>
void addExpertGradient(const Weight& weight, std::int64_t expert, std::int64_t firstRow, std::int64_t numRows,
    std::int64_t slots, const T* left, const T* right)
{
    const at::Tensor& into = weight.value().grad();
    if (!into.defined())
        return;
    const std::int64_t rows = into.size(1), columns = into.size(2);
    gemm(numRows, columns, slots, Operand<T>{left + firstRow, rows, true}, Operand<T>{right, columns},
        into.mutable_data_ptr<float>() + (expert * rows + firstRow) * columns, columns, true);
}

// dW1[e] += x' * dz and dW2[e] += weighted' * dy, in pieces of rows so that one busy expert fills all threads.
template <class T> void addWeightGradients(const MixtureCall<T>& call, const BackwardBuffers<T>& buffers)
{
    constexpr std::int64_t kRows = 96;
    const auto [D, H, H1] = call.size;
    const std::int64_t pieces1 = (D + kRows - 1) / kRows, pieces = pieces1 + (H + kRows - 1) / kRows;
    const T *x = buffers.x_ND.template const_data_ptr<T>(), *dz = buffers.dz_NH1.template const_data_ptr<T>();
    const T *weighted = buffers.weighted_NH.template const_data_ptr<T>(),
            *dy = buffers.dy_ND.template const_data_ptr<T>();
    parallelTasks(call.slots.numExperts() * pieces, [&, D = D, H = H, H1 = H1](std::int64_t task) {
        const std::int64_t expert = task / pieces, piece = task % pieces;
        const std::int64_t begin = call.slots.offset_E1[expert], slots = call.slots.offset_E1[expert + 1] - begin;
        const std::int64_t first = (piece < pieces1 ? piece : piece - pieces1) * kRows;
        if (slots == 0)
            return;
        if (piece < pieces1)
            addExpertGradient(
                call.w1, expert, first, std::min(kRows, D - first), slots, x + begin * D, dz + begin * H1);
        else
            addExpertGradient(
                call.w2, expert, first, std::min(kRows, H - first), slots, weighted + begin * H, dy + begin * D);
    });
}

template <class T>
std::vector<at::Tensor> mixtureBackward(
    const MixtureCall<T>& call, const at::Tensor& gradient_TD, at::ScalarType inputType)
{
    const auto [D, H, H1] = call.size;
    const std::int64_t N = call.slots.numSlots();
    const at::TensorOptions options = call.z_NH1.options();
    BackwardBuffers<T> buffers{at::empty({N, D}, options), at::empty({N, D}, options), at::empty({N, H1}, options),
        at::empty({N, H}, options), at::empty({N, D}, at::kFloat)};
    at::Tensor dWeight_M = at::zeros({call.weight_M.numel()}, at::kFloat);
    const at::Tensor typed_TD = gradient_TD.to(options.dtype());

    const std::vector<RowTile> tiles = rowTiles(call.slots, kTileRows);
    parallelTasks(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
        backwardTile(
            call, tiles[i], typed_TD.template const_data_ptr<T>(), buffers, dWeight_M.mutable_data_ptr<float>());
    });
    addWeightGradients(call, buffers);

    at::Tensor dx_TD = at::empty({call.slots.numTokens(), D}, at::kFloat);
    combineRows(
        call.slots, buffers.dx_ND.template const_data_ptr<float>(), nullptr, D, dx_TD.mutable_data_ptr<float>());
    return {dx_TD.to(inputType), dWeight_M, at::Tensor(), at::Tensor()};
}

template <class T>
at::Tensor mixture(
    const at::Tensor& hidden_TD, const RoutePlan& plan, Activation activation, const Weight& w1, const Weight& w2)
{
    auto call = std::make_shared<MixtureCall<T>>();
    const at::Tensor& shape = w1.compute();
    call->activation = activation;
    call->size = {shape.size(1), w2.compute().size(1), shape.size(2)};
    call->slots = expertSlots(plan, hidden_TD.size(0));
    call->hidden_TD = hidden_TD.detach().to(shape.scalar_type()).contiguous();
    call->weight_M = plan.weight_M.detach().contiguous();
    call->w1 = w1;
    call->w2 = w2;

    const std::int64_t D = call->size.D;
    at::Tensor y_ND = at::empty({call->slots.numSlots(), D}, at::kFloat);
    at::Tensor out_TD = at::empty({hidden_TD.size(0), D}, at::kFloat);
    call->z_NH1 = at::empty({call->slots.numSlots(), call->size.H1}, call->hidden_TD.options());
    const std::vector<RowTile> tiles = rowTiles(call->slots, kTileRows);
    parallelTasks(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
        forwardTile(*call, tiles[i], call->z_NH1.template mutable_data_ptr<T>(), y_ND.mutable_data_ptr<float>());
    });
    combineRows(call->slots, y_ND.const_data_ptr<float>(), call->weights(), D, out_TD.mutable_data_ptr<float>());

    if (needsGraph({hidden_TD, plan.weight_M, w1.compute(), w2.compute()}))
        attachBackward(out_TD, {hidden_TD, plan.weight_M, w1.compute(), w2.compute()},
            [call, type = hidden_TD.scalar_type()](
                const at::Tensor& gradient_TD) { return mixtureBackward(*call, gradient_TD, type); });
    return out_TD;
}

}  // namespace

at::Tensor expertMixture(
    const at::Tensor& hidden_TD, const RoutePlan& plan, Activation activation, const Weight& w1, const Weight& w2)
{
    if (w1.compute().scalar_type() == at::kBFloat16)
        return mixture<c10::BFloat16>(hidden_TD, plan, activation, w1, w2);
    MOESCOPE_CHECK(w1.compute().scalar_type() == at::kFloat, "experts compute in fp32 or bf16");
    return mixture<float>(hidden_TD, plan, activation, w1, w2);
}

}  // namespace moescope
