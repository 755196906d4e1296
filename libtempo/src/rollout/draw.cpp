#include "draw.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>

#include "tempo/core/error.h"
#include "tempo/model/deal.h"
#include "tempo/model/device_stream.h"

namespace tempo::rollout {
namespace {

constexpr std::int64_t kRowsPerChunk = 128;  // rows of logits that exist at a time
constexpr std::size_t kPlaceWords = sizeof(kernels::DrawPlace) / sizeof(std::int32_t);

// What is drawn lies in one array, so that it is copied at once: token [M], logp [M], entropy [N], status
// [N].
void set_outputs(kernels::DrawArgs<float>& args, const at::Tensor& drawn, std::int64_t draws,
                 std::int64_t nodes) {
  auto* const words = drawn.mutable_data_ptr<std::int32_t>();
  args.token = words;
  args.logp = reinterpret_cast<float*>(words + draws);
  args.entropy = reinterpret_cast<float*>(words + 2 * draws);
  args.status = reinterpret_cast<kernels::RowStatus*>(words + 2 * draws + nodes);
}

// Returns the arguments for `rows` rows from `begin` on, whose logits these are.
kernels::DrawArgs<float> rows_of(kernels::DrawArgs<float> args, std::int64_t begin,
                                 const at::Tensor& logits_NV) {
  args.rows = static_cast<std::int32_t>(logits_NV.size(0));
  args.vocab = static_cast<std::int32_t>(logits_NV.size(1));
  args.row_stride = logits_NV.stride(0);
  args.logits = logits_NV.const_data_ptr<float>();
  args.draw_offsets += begin;
  args.entropy += begin;
  args.status += begin;
  return args;
}

}  // namespace

Drawer::Drawer(const model::Model& model, const model::PackedMatrix& output, const SamplingOptions& options,
               const SamplingKey& key)
    : output_(output),
      params_{.temperature = options.temperature,
              .top_k = options.top_k,
              .top_p = options.top_p,
              .min_p = options.min_p},
      key_(key),
      logits_(at::empty({0, model.config().vocab_size}, model.output_weight().options().dtype(at::kFloat))) {
  if (logits_.is_cpu())
    samplers_.assign(static_cast<std::size_t>(at::get_num_threads()),
                     kernels::RowSampler(static_cast<std::int32_t>(model.config().vocab_size)));
}

void Drawer::draw(const at::Tensor& hidden_ND, Frontier& frontier) {
  const std::int64_t nodes = hidden_ND.size(0), most = std::min(nodes, kRowsPerChunk);
  const at::Device device = logits_.device();
  const at::Tensor planned = plan(frontier).to(device);
  const auto draws = static_cast<std::int64_t>(places_.size());
  const at::Tensor drawn = at::empty({2 * draws + 2 * nodes}, planned.options());
  const auto* const words = planned.const_data_ptr<std::int32_t>();
  kernels::DrawArgs<float> args{.draw_offsets = words,
                                .places = reinterpret_cast<const kernels::DrawPlace*>(words + nodes + 1),
                                .params = params_,
                                .seed = key_.seed,
                                .step = key_.step};
  set_outputs(args, drawn, draws, nodes);

  if (logits_.size(0) < most) logits_ = at::empty({most, logits_.size(1)}, logits_.options());
  for (std::int64_t begin = 0; begin < nodes; begin += kRowsPerChunk) {
    const std::int64_t chunk = std::min(kRowsPerChunk, nodes - begin);
    at::Tensor logits_NV = logits_.narrow(0, 0, chunk);
    model::multiply_out(hidden_ND.narrow(0, begin, chunk), output_, logits_NV);
    draw_rows(rows_of(args, begin, logits_NV));
  }
  const at::Tensor copied = drawn.cpu();
  set_outputs(args, copied, draws, nodes);
  take(args, frontier);
}

// Returns offsets_ and places_ of the frontier in one array of the CPU.
at::Tensor Drawer::plan(Frontier& frontier) {
  offsets_.assign(1, 0);
  places_.clear();
  for (const FrontierNode& node : frontier.nodes()) {
    for (const Member& member : frontier.members(node))
      places_.push_back({.prompt = key_.first_prompt + static_cast<std::uint32_t>(node.group),
                         .response = static_cast<std::uint32_t>(member.response),
                         .position = static_cast<std::uint32_t>(node.length)});
    offsets_.push_back(static_cast<std::int32_t>(places_.size()));
  }
  const std::size_t words = offsets_.size() + places_.size() * kPlaceWords;
  at::Tensor planned = at::empty({static_cast<std::int64_t>(words)}, at::kInt);
  auto* const to = planned.mutable_data_ptr<std::int32_t>();
  std::copy(offsets_.begin(), offsets_.end(), to);
  std::memcpy(to + offsets_.size(), places_.data(), places_.size() * sizeof(kernels::DrawPlace));
  return planned;
}

void Drawer::draw_rows(const kernels::DrawArgs<float>& args) {
  if (!logits_.is_cpu())
    return model::on_device(logits_.device(),
                            [&](kernels::Stream stream) { kernels::cuda::draw_tokens(args, stream); });
  model::deal(args.rows, [&] {
    return [&, &sampler = samplers_[static_cast<std::size_t>(at::get_thread_num())]](std::int64_t row) {
      kernels::cpu::draw_row(args, static_cast<std::int32_t>(row), sampler);
    };
  });
}

void Drawer::take(const kernels::DrawArgs<float>& drawn, Frontier& frontier) const {
  std::size_t i = 0, n = 0;
  for (FrontierNode& node : frontier.nodes()) {
    TEMPO_CHECK(drawn.status[n] == kernels::RowStatus::kOk,
                "sample: expected finite logits, got NaN or infinity after prompt ", node.group, " and ",
                node.length, " response tokens");
    node.entropy = drawn.entropy[n++];
    for (Member& member : frontier.members(node)) {
      member.token = drawn.token[i];
      member.logp = drawn.logp[i++];
    }
  }
}

}  // namespace tempo::rollout
