// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A router and its pupil, which sees token ids alone. T tokens, E experts.
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>

#include "engine/base/check.h"
#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class DistilledScorer final : public Scorer {
public:
    explicit DistilledScorer(const PartArgs& args)
    {
        const std::int64_t experts = args.model.numExperts, width = args.integer("student_width");
        const double gain = args.number("gain");
        const std::string teacher = args.prefix + ".weight", table = args.prefix + ".student.embedding",
                          student = args.prefix + ".student.weight";
        m_teacher =
            args.parameters.add(teacher, initialOrthogonal(args.seed, teacher, experts, args.model.hiddenSize, gain));
        m_table = args.parameters.add(table, initialNormal(args.seed, table, {args.model.vocabulary, width}, 1));
        m_student = args.parameters.add(student, initialOrthogonal(args.seed, student, experts, width, gain));
        args.state.firstStageOnly = {m_table, m_student};
    }

    Scores score(const RouteContext& context) override
    {
        MOESCOPE_CHECK(context.tokens_T.defined(), "the scorer distilled needs token ids");
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const auto typed = [&](const Weight& weight) { return weight.value().to(hidden_TD.scalar_type()); };
        Scores scores;
        scores.logits_TE = at::linear(hidden_TD, typed(m_teacher));
        scores.secondLogits_TE = at::linear(at::embedding(typed(m_table), context.tokens_T), typed(m_student));
        return scores;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "distilled";
        info.summary =
            "A linear router and a light one that knows nothing but the token's id and learns to imitate it.";
        info.formula = "z_{t,i} = e_i · h_t; ẑ_{t,i} = ê_i · D[x_t]";
        info.source =
            "StableMoE (arXiv:2204.08396) sections 3.1 and 3.2; code Hunter-DDM/stablemoe fairseq/modules/moe_layer.py";
        info.traits = {Trait::NeedsTokenIds};
        info.fields = {
            integerField("student_width", "Student's width", 50, 1, 4096,
                "Numbers that the light router keeps for each word of the vocabulary."),
            numberField("gain", "Initial length", 0.1, 1e-6, 10,
                "Length of the experts' vectors at first; they are orthogonal where there is room."),
        };
        return info;
    }

private:
    Weight m_teacher, m_table, m_student;
};

MOESCOPE_ROUTING_PART(DistilledScorer);

}  // namespace

}  // namespace moescope
