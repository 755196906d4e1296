#include "draw.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "tempo/core/error.h"
#include "tempo/core/random.h"
#include "tempo/model/deal.h"

namespace tempo::rollout {
namespace {

constexpr std::int64_t kRowsPerChunk = 128;  // rows of logits that exist at a time

}  // namespace

Drawer::Drawer(const model::Model& model, const model::PackedMatrix& output, const SamplingOptions& options,
               const SamplingKey& key)
    : output_(output),
      params_{.temperature = options.temperature,
              .top_k = options.top_k,
              .top_p = options.top_p,
              .min_p = options.min_p},
      key_(key),
      logits_(at::empty({0, model.config().vocab_size}, model.output_weight().options().dtype(at::kFloat))),
      samplers_(static_cast<std::size_t>(at::get_num_threads()),
                kernels::RowSampler(static_cast<std::int32_t>(model.config().vocab_size))) {}

void Drawer::draw(const at::Tensor& hidden_ND, Frontier& frontier) {
  const std::int64_t rows = hidden_ND.size(0);
  const std::int64_t most = std::min(rows, kRowsPerChunk);
  if (logits_.size(0) < most) logits_ = at::empty({most, logits_.size(1)}, logits_.options());
  for (std::int64_t begin = 0; begin < rows; begin += kRowsPerChunk) {
    const std::int64_t chunk = std::min(kRowsPerChunk, rows - begin);
    at::Tensor logits_NV = logits_.narrow(0, 0, chunk);
    model::multiply_out(hidden_ND.narrow(0, begin, chunk), output_, logits_NV);
    draw_chunk(logits_NV.cpu(), static_cast<std::size_t>(begin), frontier);
  }
}

void Drawer::draw_chunk(const at::Tensor& logits_NV, std::size_t first_node, Frontier& frontier) {
  const auto* const logits = logits_NV.const_data_ptr<float>();
  model::deal(logits_NV.size(0), [&] {
    return [&, &sampler = samplers_[static_cast<std::size_t>(at::get_thread_num())]](std::int64_t row) {
      FrontierNode& node = frontier.nodes()[first_node + static_cast<std::size_t>(row)];
      TEMPO_CHECK(sampler.prepare(logits + row * logits_NV.size(1), params_) == kernels::RowStatus::kOk,
                  "sample: expected finite logits, got NaN or infinity after prompt ", node.group, " and ",
                  node.length, " response tokens");
      node.entropy = static_cast<float>(sampler.entropy());
      for (Member& member : frontier.members(node)) {
        const double u =
            core::uniform_draw({.seed = key_.seed,
                                .step = key_.step,
                                .prompt = key_.first_prompt + static_cast<std::uint32_t>(node.group),
                                .response = static_cast<std::uint32_t>(member.response),
                                .position = static_cast<std::uint32_t>(node.length)});
        const auto drawn = sampler.draw(u);
        member.token = drawn.token;
        member.logp = drawn.logp;
      }
    };
  });
}

}  // namespace tempo::rollout
