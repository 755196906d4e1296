#include "tempo/objective/policy_loss.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "check_logprobs.h"
#include "node_loss.h"
#include "output_layer.h"
#include "row_chunks.h"
#include "tempo/core/error.h"

namespace tempo::objective {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

NodeBatch nodes_of(const NodeBatch& batch, const Chunk& chunk) {
  return {.node = chunk.of_targets(batch.node),
          .row = chunk.of_targets(batch.row),
          .target = chunk.of_targets(batch.target),
          .old_logp = chunk.of_targets(batch.old_logp),
          .positive = chunk.of_targets(batch.positive),
          .negative = chunk.of_targets(batch.negative),
          .weight = chunk.of_targets(batch.weight),
          .count = chunk.of_targets(batch.count),
          .positive_count = chunk.of_targets(batch.positive_count),
          .negative_count = chunk.of_targets(batch.negative_count)};
}

// Writes the sums of a chunk's loss, and returns its gradient where that is wanted.
NodeGradient loss_of(const NodeBatch& nodes, const NodeLogprobs& of_nodes, const LossOptions& options,
                     bool with_gradient, const at::Tensor& sums_8) {
  if (has_loss_kernel(of_nodes.logp_N)) return loss_by_kernels(nodes, of_nodes, options, sums_8);
  const at::AutoGradMode mode(with_gradient);
  const at::Tensor logp_n = of_nodes.logp_N.requires_grad_(with_gradient);
  const at::Tensor entropy_n = of_nodes.entropy_N.requires_grad_(with_gradient);
  const at::Tensor value = loss_by_operators(nodes, of_nodes, options, sums_8);
  if (!with_gradient) return {};
  const variable_list gradients = torch::autograd::grad({value}, {logp_n, entropy_n}, {}, false, false,
                                                        /*allow_unused=*/true);
  return {gradients[0], gradients[1]};
}

struct Inputs {
  const NodeBatch& batch;
  const RowTargets& targets;
  const at::Tensor& ref_logp_N;
  const LossOptions& options;
  const LogprobOptions& logits;
  bool of_hidden, of_weight;  // gradients wanted
  LossStats* stats;
};

class PolicyLoss : public torch::autograd::Function<PolicyLoss> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden_TD,
                            const at::Tensor& weight_VD, const Inputs& in) {
    const bool with_gradients = in.of_hidden || in.of_weight;
    const std::int64_t chunk_rows = in.logits.chunk_rows;
    OutputGradients gradients(hidden_TD, weight_VD, in.of_hidden, in.of_weight);
    OutputLayer layer(weight_VD, std::min(in.targets.row_U.size(0), chunk_rows), in.logits.temperature);
    const std::vector<Chunk> chunks = chunks_of(in.targets.first, chunk_rows);
    // Of K chunks.
    const at::Tensor sums_K8 = at::empty({std::ssize(chunks), 8}, weight_VD.options().dtype(at::kDouble));
    for (std::size_t k = 0; k < chunks.size(); ++k) {
      const Chunk& chunk = chunks[k];
      const at::Tensor row_C = chunk.of_rows(in.targets.row_U), hidden_CD = hidden_TD.index_select(0, row_C);
      const ChunkTargets targets = chunk.targets(in.targets, in.batch.target);
      const TargetLogprobs got = layer.compute(hidden_CD, targets);
      const NodeGradient part =
          loss_of(nodes_of(in.batch, chunk),
                  {got.logp_n, got.entropy_n,
                   in.ref_logp_N.defined() ? chunk.of_targets(in.ref_logp_N) : at::Tensor()},
                  in.options, with_gradients, sums_K8[static_cast<std::int64_t>(k)]);
      if (with_gradients)
        gradients.add(layer.gradient(targets, part.d_logp_N, part.d_entropy_N), hidden_CD, row_C);
    }
    *in.stats = read_stats(sums_K8);  // the only wait for the device
    context->saved_data["hidden"] = gradients.hidden();
    context->saved_data["weight"] = gradients.weight();
    return sums_K8.select(1, 0).sum().to(wide_dtype(weight_VD.scalar_type()));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    TEMPO_CHECK(!at::GradMode::is_enabled(),
                "policy_loss: expected first derivatives only, got create_graph");
    TEMPO_CHECK(
        context->saved_data.count("hidden") > 0,
        "policy_loss: expected one backward pass, got a second: its gradients are handed over, not kept");
    // The usual scale is 1, and the gradients are large.
    const bool is_one = gradients[0].item<double>() == 1.0;
    const auto scaled = [&](const char* name) {
      const at::Tensor gradient = context->saved_data[name].toTensor();
      context->saved_data.erase(name);
      return is_one || !gradient.defined() ? gradient : gradient * gradients[0].to(gradient.scalar_type());
    };
    at::Tensor hidden = scaled("hidden"), weight = scaled("weight");
    return {std::move(hidden), std::move(weight), at::Tensor()};
  }
};

// Before the batch is cut into chunks: every column has one number a node.
void check_columns(const NodeBatch& batch, const at::Tensor& ref_logp_N, const LossOptions& options) {
  const auto check = [&](const at::Tensor& column, const char* name) {
    TEMPO_CHECK(column.defined() && column.sizes() == batch.target.sizes(), "policy_loss: expected ", name,
                " of shape ", batch.target.sizes(), ", got ",
                column.defined() ? core::concat("shape ", column.sizes()) : std::string("none"));
  };
  for (const auto& [column, name] :
       {std::pair{batch.node, "node"}, std::pair{batch.old_logp, "old_logp"},
        std::pair{batch.positive, "positive"}, std::pair{batch.negative, "negative"},
        std::pair{batch.weight, "weight"}, std::pair{batch.count, "count"},
        std::pair{batch.positive_count, "positive_count"}, std::pair{batch.negative_count, "negative_count"}})
    check(column, name);
  if (ref_logp_N.defined() || options.kl_coefficient > 0) check(ref_logp_N, "ref_logp");
}

}  // namespace

Loss policy_loss(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const NodeBatch& batch,
                 const at::Tensor& ref_logp_N, const LossOptions& options, const LogprobOptions& logits) {
  options.validate();
  check_logprobs(hidden_TD, weight_VD, batch.row, batch.target, logits);
  check_columns(batch, ref_logp_N, options);
  const RowTargets targets = distinct_rows(batch.row, batch.target, hidden_TD.size(0), weight_VD.size(0));
  const bool enabled = at::GradMode::is_enabled();
  Loss loss;
  loss.value = PolicyLoss::apply(hidden_TD, weight_VD,
                                 Inputs{.batch = batch,
                                        .targets = targets,
                                        .ref_logp_N = ref_logp_N,
                                        .options = options,
                                        .logits = logits,
                                        .of_hidden = enabled && hidden_TD.requires_grad(),
                                        .of_weight = enabled && weight_VD.requires_grad(),
                                        .stats = &loss.stats});
  return loss;
}

}  // namespace tempo::objective
