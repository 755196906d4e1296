#include "draw.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "tempo/core/error.h"
#include "tempo/core/random.h"

namespace tempo::rollout {
namespace {

constexpr std::int64_t kRowsPerChunk = 512;  // rows of logits that exist at a time

// logits_NV on the CPU, float32 or bfloat16, rows one after another.
kernels::RowStatus prepare(kernels::RowSampler& sampler, const at::Tensor& logits_NV, std::int64_t row,
                           const kernels::SamplingParams& params) {
  const std::int64_t offset = row * logits_NV.size(1);
  if (logits_NV.scalar_type() == at::kFloat)
    return sampler.prepare(logits_NV.const_data_ptr<float>() + offset, params);
  return sampler.prepare(static_cast<const kernels::BFloat16*>(logits_NV.const_data_ptr()) + offset, params);
}

}  // namespace

Drawer::Drawer(const model::Model& model, const SamplingOptions& options, const SamplingKey& key)
    : model_(model),
      params_{.temperature = options.temperature,
              .top_k = options.top_k,
              .top_p = options.top_p,
              .min_p = options.min_p},
      key_(key),
      logits_(at::empty({0, model.config().vocab_size}, model.output_weight().options())),
      samplers_(static_cast<std::size_t>(at::get_num_threads()),
                kernels::RowSampler(static_cast<std::int32_t>(model.config().vocab_size))) {}

void Drawer::draw(const at::Tensor& hidden_ND, Frontier& frontier) {
  const std::int64_t rows = hidden_ND.size(0);
  const std::int64_t most = std::min(rows, kRowsPerChunk);
  if (logits_.size(0) < most) logits_ = at::empty({most, logits_.size(1)}, logits_.options());
  for (std::int64_t begin = 0; begin < rows; begin += kRowsPerChunk) {
    const std::int64_t chunk = std::min(kRowsPerChunk, rows - begin);
    at::Tensor logits_NV = logits_.narrow(0, 0, chunk);
    at::mm_out(logits_NV, hidden_ND.narrow(0, begin, chunk), model_.output_weight().t());
    const auto dtype = logits_NV.scalar_type() == at::kBFloat16 ? at::kBFloat16 : at::kFloat;
    draw_chunk(logits_NV.to(at::kCPU, dtype), static_cast<std::size_t>(begin), frontier);
  }
}

void Drawer::draw_chunk(const at::Tensor& logits_NV, std::size_t first_node, Frontier& frontier) {
  const auto draw_rows = [&](std::int64_t begin, std::int64_t end) {
    auto& sampler = samplers_[static_cast<std::size_t>(at::get_thread_num())];
    for (std::int64_t row = begin; row < end; ++row) {
      FrontierNode& node = frontier.nodes()[first_node + static_cast<std::size_t>(row)];
      TEMPO_CHECK(prepare(sampler, logits_NV, row, params_) == kernels::RowStatus::kOk,
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
    }
  };
  at::parallel_for(0, logits_NV.size(0), 1, draw_rows);
}

}  // namespace tempo::rollout
