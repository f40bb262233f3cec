// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// RMoE's router: a GRU over the layers. T tokens, D features, P features of the state, E experts.
#include <cmath>

#include <ATen/ops/linear.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class RecurrentScorer final : public Scorer {
public:
    explicit RecurrentScorer(const PartArgs& args)
        : m_stopGradient(args.flag("stop_gradient"))
    {
        const std::int64_t P = args.integer("state_size");
        const double ofState = 1 / std::sqrt(static_cast<double>(P));
        const double ofHidden = 1 / std::sqrt(static_cast<double>(args.model.hiddenSize));
        const auto normal = [&](const std::string& name, std::int64_t rows, std::int64_t columns, double deviation) {
            return initialNormal(args.seed, name, {rows, columns}, deviation);
        };
        const std::string projection = args.prefix + ".projection", weight = args.prefix + ".weight";
        m_projection_PD = args.parameters.add(projection, normal(projection, P, args.model.hiddenSize, ofHidden));
        m_weight_EP = args.parameters.add(weight, normal(weight, args.model.numExperts, P, args.number("init_std")));
        const std::string input = "router_gru.input", state = "router_gru.state";
        m_input_3PP = args.parameters.share(input, normal(input, 3 * P, P, ofState));
        m_state_3PP = args.parameters.share(state, normal(state, 3 * P, P, ofState));
        m_inputBias_3P = args.parameters.share("router_gru.input_bias", at::zeros({3 * P}), {.decay = false});
        m_stateBias_3P = args.parameters.share("router_gru.state_bias", at::zeros({3 * P}), {.decay = false});
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const at::Tensor input_TP = at::linear(hidden_TD, typed(m_projection_PD, hidden_TD));
        at::Tensor before_TP = at::zeros(input_TP.sizes(), input_TP.options().requires_grad(false));
        if (context.carry.defined())
            before_TP = context.carry.to(hidden_TD.scalar_type());
        if (m_stopGradient)
            before_TP = before_TP.detach();
        const at::Tensor state_TP = nextState(input_TP, before_TP);
        return {at::linear(state_TP, typed(m_weight_EP, hidden_TD)), state_TP};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "recurrent";
        info.summary = "A GRU that all layers share runs over the layers, token by token: a router remembers what the "
                       "routers below decided.";
        info.formula = "r_l = P_l h_l; g_l = GRU(r_l, g_{l−1}), g_0 = 0; z_l = W_l g_l";
        info.source = "RMoE (arXiv:2408.06793) eq. 4 to 6; gates as in Cho et al. 2014 in PyTorch's form";
        info.fields = {
            integerField(
                "state_size", "State size", 128, 1, 4096, "Features of the state that goes from layer to layer."),
            numberField("init_std", "Initial deviation", 0.02, 0, 10,
                "Standard deviation of the initial weights of the last product. Small ones start with nearly uniform "
                "routing."),
            switchField("stop_gradient", "Stop the gradient", false,
                "Between layers: a router then learns from its own layer only, and memory does not grow with depth."),
        };
        return info;
    }

private:
    static at::Tensor typed(const Weight& weight, const at::Tensor& like)
    {
        return weight.value().to(like.scalar_type());
    }

    at::Tensor nextState(const at::Tensor& input_TP, const at::Tensor& before_TP) const
    {
        const auto ofInput =
            at::linear(input_TP, typed(m_input_3PP, input_TP), typed(m_inputBias_3P, input_TP)).chunk(3, 1);
        const auto ofState =
            at::linear(before_TP, typed(m_state_3PP, input_TP), typed(m_stateBias_3P, input_TP)).chunk(3, 1);
        const at::Tensor reset_TP = at::sigmoid(ofInput[0] + ofState[0]);
        const at::Tensor keep_TP = at::sigmoid(ofInput[1] + ofState[1]);
        const at::Tensor fresh_TP = at::tanh(ofInput[2] + reset_TP * ofState[2]);
        return fresh_TP + keep_TP * (before_TP - fresh_TP);
    }

    bool m_stopGradient;
    Weight m_projection_PD, m_weight_EP;
    Weight m_input_3PP, m_state_3PP, m_inputBias_3P, m_stateBias_3P;  ///< of all layers; rows: reset, keep, fresh
};

MOESCOPE_ROUTING_PART(RecurrentScorer);

}  // namespace

}  // namespace moescope
