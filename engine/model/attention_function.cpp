// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/attention_function.h"

#include <memory>
#include <utility>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "engine/model/activation.h"
#include "engine/model/attention_heads.h"
#include "engine/model/graph_node.h"
#include "engine/model/scratch.h"
#include "engine/model/token_tiles.h"
#include "engine/model/weight_gradient.h"

namespace moescope {

namespace {

template <class T> struct AttentionCall {
    AttentionShape shape;
    Weight qkv, out;
    at::Tensor cos_SC, sin_SC;
    at::Tensor x_TD;                          // T
    at::Tensor qkv_TW, heads_TK, logSum_BGS;  // fp32; K = G * C, queries and keys rotated

    std::int64_t T0() const { return x_TD.size(0); }
    std::int64_t D() const { return x_TD.size(1); }
    std::int64_t W() const { return (shape.G + 2 * shape.J) * shape.C; }
    std::int64_t K() const { return shape.G * shape.C; }
    std::int64_t numSequences() const { return T0() / shape.S; }

    // Queries and keys of rows [first, first + rows), turned by their positions; sign -1 turns gradients back.
    void rotateRows(float* qkv_W, std::int64_t first, std::int64_t rows, float sign) const
    {
        if (!cos_SC.defined())
            return;
        const std::int64_t half = shape.C / 2;
        for (std::int64_t row = first; row < first + rows; ++row, qkv_W += W()) {
            const std::int64_t position = row % shape.S;
            for (std::int64_t head = 0; head < shape.G + shape.J; ++head)
                layerKernels().rotate(qkv_W + head * shape.C, cos_SC.const_data_ptr<float>() + position * half,
                    sin_SC.const_data_ptr<float>() + position * half, half, sign);
        }
    }

    HeadView head(std::int64_t sequence, std::int64_t query) const
    {
        const float* row = qkv_TW.const_data_ptr<float>() + sequence * shape.S * W();
        const std::int64_t keyHead = query / (shape.G / shape.J);
        return {row + query * shape.C, row + (shape.G + keyHead) * shape.C,
            row + (shape.G + shape.J + keyHead) * shape.C, W(), shape.S, shape.C};
    }
};

template <class T> at::Tensor attentionForward(AttentionCall<T>& call)
{
    const std::int64_t tokens = call.T0(), D = call.D(), W = call.W(), K = call.K();
    float* qkv = call.qkv_TW.template mutable_data_ptr<float>();
    forTokenTiles(tokens, [&](std::int64_t first, std::int64_t rows) {
        gemm(rows, W, D, Operand<T>{call.x_TD.template const_data_ptr<T>() + first * D, D},
            Operand<T>{call.qkv.compute().template const_data_ptr<T>(), D, true}, qkv + first * W, W);
        call.rotateRows(qkv + first * W, first, rows, 1);
    });
    float* heads = call.heads_TK.template mutable_data_ptr<float>();
    const AttentionShape& s = call.shape;
    parallelTasks(call.numSequences() * s.G, [&](std::int64_t task) {
        const std::int64_t sequence = task / s.G, query = task % s.G;
        attendHead(call.head(sequence, query), heads + sequence * s.S * K + query * s.C, K,
            call.logSum_BGS.template mutable_data_ptr<float>() + task * s.S);
    });
    at::Tensor y_TD = at::empty({tokens, D}, at::kFloat);
    forTokenTiles(tokens, [&](std::int64_t first, std::int64_t rows) {
        thread_local Scratch<T> memory;
        T* typed = memory.get(rows * K);
        typedKernels<T>().fromFloat(heads + first * K, kernelPointer(typed), rows * K);
        gemm(rows, D, K, Operand<T>{typed, K}, Operand<T>{call.out.compute().template const_data_ptr<T>(), K, true},
            y_TD.mutable_data_ptr<float>() + first * D, D);
    });
    return y_TD;
}

template <class T> at::Tensor typedCopy(const at::Tensor& numbers)
{
    return numbers.to(c10::CppTypeToScalarType<T>::value).contiguous();
}

template <class T> void headsBackward(const AttentionCall<T>& call, const float* dHeads, float* dQkv)
{
    const AttentionShape& s = call.shape;
    const std::int64_t W = call.W(), K = call.K(), group = s.G / s.J;
    parallelTasks(call.numSequences() * s.J, [&](std::int64_t task) {  // one key/value head has one writer
        const std::int64_t sequence = task / s.J, keyHead = task % s.J, row = sequence * s.S;
        float* base = dQkv + row * W;
        for (std::int64_t query = keyHead * group; query < (keyHead + 1) * group; ++query) {
            const std::int64_t at = row * K + query * s.C;
            const HeadGradients into{
                base + query * s.C, base + (s.G + keyHead) * s.C, base + (s.G + s.J + keyHead) * s.C};
            attendHeadBackward(call.head(sequence, query), call.heads_TK.template const_data_ptr<float>() + at,
                dHeads + at, K, call.logSum_BGS.template const_data_ptr<float>() + (sequence * s.G + query) * s.S,
                into);
        }
    });
}

template <class T> std::vector<at::Tensor> attentionBackward(const AttentionCall<T>& call, const at::Tensor& dy_TD)
{
    const std::int64_t tokens = call.T0(), D = call.D(), W = call.W(), K = call.K();
    const at::Tensor dy = typedCopy<T>(dy_TD), heads = typedCopy<T>(call.heads_TK);
    at::Tensor dHeads_TK = at::empty({tokens, K}, at::kFloat), dQkv_TW = at::zeros({tokens, W}, at::kFloat);
    at::Tensor typed_TW = at::empty({tokens, W}, call.x_TD.options()), dx_TD = at::empty({tokens, D}, at::kFloat);
    const T* dyRows = dy.template const_data_ptr<T>();
    forTokenTiles(tokens, [&](std::int64_t first, std::int64_t rows) {
        gemm(rows, K, D, Operand<T>{dyRows + first * D, D},
            Operand<T>{call.out.compute().template const_data_ptr<T>(), K},
            dHeads_TK.mutable_data_ptr<float>() + first * K, K);
    });
    addWeightGradient(call.out, tokens, Operand<T>{dyRows, D}, Operand<T>{heads.template const_data_ptr<T>(), K});
    float* dQkv = dQkv_TW.mutable_data_ptr<float>();
    headsBackward(call, dHeads_TK.const_data_ptr<float>(), dQkv);
    T* typed = typed_TW.template mutable_data_ptr<T>();
    forTokenTiles(tokens, [&](std::int64_t first, std::int64_t rows) {
        call.rotateRows(dQkv + first * W, first, rows, -1);
        typedKernels<T>().fromFloat(dQkv + first * W, kernelPointer(typed + first * W), rows * W);
        gemm(rows, D, W, Operand<T>{typed + first * W, W},
            Operand<T>{call.qkv.compute().template const_data_ptr<T>(), D}, dx_TD.mutable_data_ptr<float>() + first * D,
            D);
    });
    addWeightGradient(call.qkv, tokens, Operand<T>{typed, W}, Operand<T>{call.x_TD.template const_data_ptr<T>(), D});
    return {dx_TD, at::Tensor(), at::Tensor()};
}

template <class T>
at::Tensor attention(const at::Tensor& x_TD, const AttentionShape& shape, const Weight& qkv, const Weight& out,
    const at::Tensor& cos_SC, const at::Tensor& sin_SC)
{
    auto call = std::make_shared<AttentionCall<T>>();
    call->shape = shape;
    call->qkv = qkv;
    call->out = out;
    call->cos_SC = cos_SC;
    call->sin_SC = sin_SC;
    call->x_TD = typedCopy<T>(x_TD.detach());
    call->qkv_TW = at::empty({call->T0(), call->W()}, at::kFloat);
    call->heads_TK = at::empty({call->T0(), call->K()}, at::kFloat);
    call->logSum_BGS = at::empty({call->numSequences(), shape.G, shape.S}, at::kFloat);
    at::Tensor y_TD = attentionForward(*call);
    if (needsGraph({x_TD, qkv.compute(), out.compute()}))
        attachBackward(y_TD, {x_TD, qkv.compute(), out.compute()},
            [call](const at::Tensor& dy_TD) { return attentionBackward(*call, dy_TD); });
    return y_TD;
}

}  // namespace

at::Tensor tiledAttention(const at::Tensor& x_TD, const AttentionShape& shape, const Weight& qkv, const Weight& out,
    const at::Tensor& cos_SC, const at::Tensor& sin_SC)
{
    return qkv.compute().scalar_type() == at::kBFloat16
        ? attention<c10::BFloat16>(x_TD, shape, qkv, out, cos_SC, sin_SC)
        : attention<float>(x_TD, shape, qkv, out, cos_SC, sin_SC);
}

}  // namespace moescope
