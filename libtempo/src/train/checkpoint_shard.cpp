#include "checkpoint_shard.h"

#include <ATen/core/grad_mode.h>

#include <span>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

io::DType dtype_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return io::DType::kF32;
    case at::kBFloat16:
      return io::DType::kBF16;
    case at::kHalf:
      return io::DType::kF16;
    case at::kShort:
      return io::DType::kI16;
    case at::kLong:
      return io::DType::kI64;
    default:
      core::fail("checkpoint: expected a dtype of weights or an optimiser, got ",
                 at::toString(tensor.scalar_type()));
  }
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), static_cast<std::size_t>(tensor.nbytes())};
}

}  // namespace

const char* master_field(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "remainder" : dtype == at::kHalf ? "master" : nullptr;
}

std::string shard_name(int rank, int size) {
  return core::concat("shard-", rank, "-of-", size, ".safetensors");
}

io::FileDigest write_shard(const std::filesystem::path& path, const model::Model& model,
                           const ShardedAdamW& optimizer) {
  const at::NoGradGuard no_grad;
  const optim::AdamWState& state = optimizer.state();
  const auto weights = optimizer.weights();
  std::vector<at::Tensor> kept;  // of a device, copies on the CPU
  std::vector<io::TensorToWrite> tensors;
  for (std::size_t i = 0; i < optimizer.ranges().size(); ++i) {
    const OwnedRange& range = optimizer.ranges()[i];
    const auto add = [&](const char* field, const at::Tensor& tensor) {
      kept.push_back(tensor.detach().cpu().contiguous());
      tensors.push_back({.name = core::concat(model.parameters()[range.parameter].name, '[', range.begin, ':',
                                              range.end, "].", field),
                         .dtype = dtype_of(kept.back()),
                         .shape = {kept.back().numel()},
                         .bytes = bytes_of(kept.back())});
    };
    add("weight", weights[i]);
    add("moment1", state.moment1[i]);
    add("moment2", state.moment2[i]);
    if (const char* const field = master_field(weights[i].scalar_type())) add(field, state.master[i]);
    add("updates", at::full({1}, state.updates[i], at::kLong));
  }
  return io::write_safetensors(path, tensors);
}

void read_shards(const ShardIndex& shards, const std::string& parameter, const std::string& field,
                 std::int64_t begin, const at::Tensor& out) {
  const at::NoGradGuard no_grad;
  const at::Tensor flat = at::empty({out.numel()}, out.options().device(at::kCPU).requires_grad(false));
  shards.read(parameter, field, dtype_of(flat), begin,
              {static_cast<std::byte*>(flat.mutable_data_ptr()), static_cast<std::size_t>(flat.nbytes())});
  out.copy_(flat.view(out.sizes()));
}

}  // namespace tempo::train
