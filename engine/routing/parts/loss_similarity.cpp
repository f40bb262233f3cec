// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Experts that share many tokens must not answer them alike. E experts, D features, P projected features, N tokens.
#include <algorithm>
#include <cmath>

#include <ATen/ops/cat.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "engine/base/check.h"
#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/cka.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/shared_tokens.h"

namespace moescope {

namespace {

// Two tokens always align fully.
constexpr double kFewestTokens = 3;

class SimilarityLoss final : public Loss {
public:
    explicit SimilarityLoss(const PartArgs& args)
        : m_experts(args.model.numExperts)
        , m_kernel(args.text("kernel"))
        , m_bandwidth(args.number("bandwidth"))
        , m_frequency(args.number("frequency"))
        , m_threshold(args.number("threshold"))
        , m_fewestTokens(
              std::max(kFewestTokens, args.number("tokens_per_feature") * static_cast<double>(args.model.numExperts)))
    {
        const std::int64_t width = args.model.hiddenSize;
        const std::string weight = args.prefix + ".projection.weight";
        m_projection = args.parameters.add(
            weight, initialNormal(args.seed, weight, {m_experts, width}, 1 / std::sqrt(static_cast<double>(width))));
        m_bias = args.parameters.add(args.prefix + ".projection.bias", at::zeros({m_experts}), {.decay = false});
        m_shares = args.parameters.addBuffer(args.prefix + ".pair_shares", at::zeros({m_experts, m_experts}));
    }

    void onStepBegin(Step, std::int64_t) override
    {
        m_added = at::Tensor();
        m_addedTokens = 0;
        m_measured.clear();
    }

    /// Counts of all pairs and, for the linear kernel, moments of the pairs that are due.
    at::Tensor sums(const RouteContext& context, const RoutePlan& plan) override
    {
        if (!context.training)
            return {};
        const std::vector<std::int64_t> due = duePairs();
        const SharedTokens shared = sharedTokens(plan, due);
        std::vector<at::Tensor> row = {at::tensor(shared.count, at::kDouble)};
        if (isLinear())
            for (std::size_t i = 0; i < due.size(); ++i)
                row.push_back(momentsOf(context, due[i], shared.tokens[i]));
        return at::cat(row);
    }

    at::Tensor value(const LossContext& context) override
    {
        at::Tensor value = at::zeros({}, context.plan.logits_TE.options().requires_grad(false));
        if (!context.ownSums[0].defined())
            return value;
        const std::int64_t pairs = m_experts * m_experts;
        const at::Tensor count_EE = context.globalSums.narrow(0, 0, pairs);
        m_added = m_added.defined() ? m_added.add(count_EE) : count_EE;
        m_addedTokens += context.globalTokens;

        const std::vector<std::int64_t> due = duePairs();
        const SharedTokens own = isLinear() ? SharedTokens{} : sharedTokens(context.plan, due);
        for (std::size_t i = 0; i < due.size(); ++i) {
            if (count_EE[due[i]].item<double>() < m_fewestTokens)
                continue;  // stays due until enough tokens come together
            m_measured.push_back(due[i]);
            const at::Tensor cka = isLinear() ? linearOf(context, pairs + static_cast<std::int64_t>(i) * numMoments())
                                              : rbfOf(context.route, due[i], own.tokens[i]);
            if (cka.defined() && cka.item<double>() > m_threshold)
                value = value.add(cka.to(value.scalar_type()));
        }
        return value;
    }

    void onStepEnd(const StepStats&) override
    {
        if (!m_added.defined() || m_addedTokens == 0)
            return;
        const c10::NoGradGuard noGrad;
        m_shares.add_(m_added.div(m_addedTokens).view({m_experts, m_experts}).to(at::kFloat));
        float* shares = m_shares.mutable_data_ptr<float>();
        for (const std::int64_t pair : m_measured)
            shares[pair] = 0;
        onStepBegin(Step{}, 0);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "similarity";
        info.summary = "Measures how alike two experts answer the tokens that they share, once they have shared many, "
                       "and adds it where it is high. Goes on top of any recipe; reaches the experts, not the router.";
        info.formula =
            "c_ij ← c_ij + share of tokens with experts i and j; when c_ij > f*: c_ij ← 0, κ = CKA(A, B) with A, B = "
            "W E_i(X_ij), W E_j(X_ij); L = Σ κ over pairs with κ > T*";
        info.source = "SimSMoE (arXiv:2406.15883) section 3 and appendix B; code custom_gates.py, custom_layers.py. Of "
                      "this program: more than two experts count by pairs, one expert with the runner-up; a pair is "
                      "due from the step after it passes f*, over the tokens of all ranks";
        info.traits = {Trait::NeedsExpertOutputs, Trait::GlobalScope};
        info.fields = {
            coefficientField(0.01),
            numberField("frequency", "Frequency", 16, 0, 1e6,
                "f*: a pair is measured once the shares of tokens that it had in each step add up to more than this."),
            numberField("threshold", "Threshold", 0.5, 0, 1, "T*: CKA up to this is no loss."),
            choiceField("kernel", "Kernel", {"linear", "rbf-median", "rbf-fixed"},
                "linear and rbf-median do not depend on the scale of the answers. rbf-fixed is the published code's: "
                "answers that are large for its bandwidth look fully alike whatever they are, and give no gradient. "
                "The two rbf kernels compare the tokens of one rank."),
            numberField("bandwidth", "Bandwidth", 0.8, 1e-6, 1e6,
                "σ of the rbf kernels: in medians of the distance between two tokens, or as it is (rbf-fixed)."),
            numberField("tokens_per_feature", "Tokens for each feature", 4, 0, 1024,
                "A pair is measured when it shares at least so many tokens for each projected feature (one for each "
                "expert): with few tokens everything looks alike. 0 asks for 3 tokens."),
        };
        return info;
    }

private:
    // Few n x n numbers however many tokens a dominant pair has.
    static constexpr std::size_t kMostRbfTokens = 1024;

    bool isLinear() const { return m_kernel == "linear"; }
    std::int64_t numMoments() const { return numCkaMoments(m_experts); }

    /// Pairs whose share had passed f* before this step: equal on all ranks.
    std::vector<std::int64_t> duePairs() const
    {
        std::vector<std::int64_t> due;
        const float* shares = m_shares.const_data_ptr<float>();
        for (std::int64_t pair = 0; pair < m_shares.numel(); ++pair)
            if (static_cast<double>(shares[pair]) > m_frequency)
                due.push_back(pair);
        return due;
    }

    /// What one expert of a pair answers to these tokens, projected, [N, P]. Its gradient stops at the tokens.
    at::Tensor answer(const RouteContext& context, std::int64_t expert, const std::vector<std::int64_t>& tokens) const
    {
        MOESCOPE_CHECK(context.experts != nullptr, "a similarity loss needs experts that answer");
        const at::Tensor x_ND = context.hidden_TD.detach().index_select(0, at::tensor(tokens, at::kLong));
        const at::Tensor y_ND = context.experts->one(ExpertId{static_cast<int>(expert)}, x_ND);
        return at::linear(y_ND, m_projection.value().to(y_ND.scalar_type()), m_bias.value().to(y_ND.scalar_type()));
    }

    at::Tensor momentsOf(const RouteContext& context, std::int64_t pair, const std::vector<std::int64_t>& tokens) const
    {
        if (tokens.empty())
            return at::zeros({numMoments()}, at::kDouble);
        return ckaMoments(answer(context, pair / m_experts, tokens), answer(context, pair % m_experts, tokens));
    }

    /// Value of all ranks, gradient of this one: gradients are averaged over the ranks.
    at::Tensor linearOf(const LossContext& context, std::int64_t first) const
    {
        const at::Tensor own = context.ownSums[0].narrow(0, first, numMoments());
        const at::Tensor all = context.globalSums.narrow(0, first, numMoments());
        return linearCka(all.add(own.sub(own.detach()).mul(context.numRanks)), m_experts);
    }

    /// Of this rank's tokens, evenly picked where there are very many; undefined when it has too few.
    at::Tensor rbfOf(const RouteContext& context, std::int64_t pair, const std::vector<std::int64_t>& all) const
    {
        if (static_cast<double>(all.size()) < m_fewestTokens)
            return {};
        std::vector<std::int64_t> tokens;
        const std::size_t count = std::min(all.size(), kMostRbfTokens);
        for (std::size_t i = 0; i < count; ++i)
            tokens.push_back(all[i * all.size() / count]);
        return rbfCka(answer(context, pair / m_experts, tokens), answer(context, pair % m_experts, tokens), m_bandwidth,
            m_kernel == "rbf-median");
    }

    std::int64_t m_experts;
    std::string m_kernel;
    double m_bandwidth, m_frequency, m_threshold, m_fewestTokens;
    Weight m_projection, m_bias;
    at::Tensor m_shares;  ///< [E, E] buffer, i < j: c_ij over all ranks

    // Of the step that is under way; they reach the buffer when it ends as an update.
    at::Tensor m_added;
    double m_addedTokens = 0;
    std::vector<std::int64_t> m_measured;
};

MOESCOPE_ROUTING_PART(SimilarityLoss);

}  // namespace

}  // namespace moescope
