// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One autograd node for a whole hand-written layer: the layer computes forward itself and hands over its backward.
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include <ATen/core/Tensor.h>

namespace moescope {

/// Given the gradient of the output (contiguous), returns one gradient per input; undefined where there is none to hand
/// on, e.g. for weights whose gradient was added straight into the parameter store.
using Backward = std::function<std::vector<at::Tensor>(const at::Tensor& gradient)>;

/// True when the graph is being recorded and one of the inputs asks for a gradient.
bool needsGraph(std::initializer_list<at::Tensor> inputs);

/// Makes `output`, computed without a graph, the result of a node over `inputs`. What `backward` captured is freed
/// after it ran. Once only: no second derivative.
void attachBackward(at::Tensor& output, std::initializer_list<at::Tensor> inputs, Backward backward);

}  // namespace moescope
