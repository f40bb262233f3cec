// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/cluster_map.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class ClusterVarianceLoss final : public Loss {
public:
    explicit ClusterVarianceLoss(const PartArgs& args)
        : m_clusters(expertClusters(args.model.numExperts, args.integer("clusters")))
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const at::Tensor mean_E = meanProbability(context);
        at::Tensor sum = mean_E.sum() * 0;
        for (const ExpertCluster& cluster : m_clusters)
            if (cluster.count > 1)
                sum = sum + mean_E.narrow(0, cluster.first, cluster.count).var(/*unbiased=*/true);
        return sum * (static_cast<double>(mean_E.numel()) / static_cast<double>(m_clusters.size()));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "cluster-variance";
        info.summary = "Keeps the experts of one cluster equally probable, so that they get alike tokens.";
        info.formula = "L = E · mean over clusters of Var_{i in cluster}(P̄_i); 0 where the probabilities are equal";
        info.source = "MoEC (arXiv:2207.09094), cluster loss; its code adds it to the balance loss before the factor E";
        info.traits = {Trait::GlobalScope};
        info.fields = {coefficientField(0.01), clustersField()};
        return info;
    }

private:
    /// P̄ of all ranks as the value, with this rank's part of the gradient.
    static at::Tensor meanProbability(const LossContext& context)
    {
        const at::Tensor& valid_T = context.route.valid_T;
        at::Tensor probs_TE = context.plan.probs_TE;
        if (valid_T.defined())
            probs_TE = probs_TE.where(valid_T.unsqueeze(1), 0);
        const double tokens = std::max(1.0, context.globalTokens);
        const at::Tensor own_E = probs_TE.sum(0) * (context.numRanks / tokens);
        return (context.globalProbability_E / tokens).to(own_E.scalar_type()) + (own_E - own_E.detach());
    }

    std::vector<ExpertCluster> m_clusters;
};

MOESCOPE_ROUTING_PART(ClusterVarianceLoss);

}  // namespace

}  // namespace moescope
