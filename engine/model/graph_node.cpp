// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/graph_node.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include "engine/base/check.h"

namespace moescope {

namespace {

struct LayerNode final : torch::autograd::Node {
    torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override
    {
        MOESCOPE_CHECK(backward, "a layer's backward runs once");
        if (!gradients[0].defined())
            return torch::autograd::variable_list(num_outputs());
        const c10::NoGradGuard noGrad;
        return backward(gradients[0].contiguous());
    }
    void release_variables() override { backward = nullptr; }

    Backward backward;
};

}  // namespace

bool needsGraph(std::initializer_list<at::Tensor> inputs)
{
    return c10::GradMode::is_enabled() && std::any_of(inputs.begin(), inputs.end(), [](const at::Tensor& t) {
        return t.defined() && t.requires_grad();
    });
}

void attachBackward(at::Tensor& output, std::initializer_list<at::Tensor> inputs, Backward backward)
{
    auto node = std::make_shared<LayerNode>();
    torch::autograd::edge_list edges;
    for (const at::Tensor& input : inputs)
        edges.push_back(torch::autograd::impl::gradient_edge(input));
    node->set_next_edges(std::move(edges));
    node->backward = std::move(backward);
    torch::autograd::set_history(output, node);
}

}  // namespace moescope
